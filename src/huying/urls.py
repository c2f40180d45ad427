"""Every door of the web: each package that has pages brings its own list of paths."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from huying.admin import site
from huying.health import healthz
from huying.resolving import paths_of, sorted_paths
from huying.telemetry.metrics import metrics

handler404 = "huying.straying.not_found"
handler500 = "huying.outages.failed"

doors: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]

for _prefix, _module in (
    ("api/", "huying.api.urls"),
    ("", "huying.people.urls"),
    ("", "huying.desk.urls"),
    ("", "huying.public.urls"),
    ("", "huying.field.urls"),
    ("", "huying.open311.urls"),
    ("", "huying.exchange.urls"),
    ("", "huying.wall.urls"),
):
    if find_spec(_module.rsplit(".", 1)[0]) and find_spec(_module):
        doors += [path(_prefix, include(_module))] if _prefix else paths_of(_module)

urlpatterns = [sorted_paths(doors)]
