"""Every door of the web: each package that has pages brings its own list of paths."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from huying.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

for _prefix, _module in (("api/", "huying.api.urls"), ("", "huying.desk.urls")):
    if find_spec(_module.rsplit(".", 1)[0]) and find_spec(_module):
        urlpatterns.append(path(_prefix, include(_module)))
