"""The app itself: one page for all of its views, its service worker and its manifest.

None of it says anything about anybody, so that it may stay on the phone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.catalogue import danger
from huying.field.words import words
from huying.templatetags.assets import DIST, files, manifest

ICONS = ((192, "any"), (512, "any"), (512, "maskable"))


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The address as people type it; the app's scope ends with the stroke."""
    return redirect("field")


@require_safe
def shell(request: HttpRequest, **place: str) -> HttpResponseBase:
    """The page in which the app runs; its scripts read the address. The same for everybody."""
    context = {"words": words(), "config": _config()}
    response = render(request, "field/shell.html", context)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _config() -> dict[str, str | Sequence[str]]:
    """Where the app finds what."""
    strange = "00000000-0000-4000-8000-000000000000"
    return {
        "version": version(),
        "home": reverse("field"),
        "who": reverse("field_who"),
        "data": reverse("field_data"),
        "assigned": reverse("field_assigned"),
        "patrol": reverse("field_patrol"),
        "care": reverse("field_care"),
        "month": reverse("field_month_score"),
        "surveys": reverse("field_surveys"),
        "duty": reverse("field_duty", args=["on"]).removesuffix("/on"),
        "track": reverse("field_track"),
        "hints": reverse("field_hints"),
        "worker": reverse("field_worker"),
        "api": "/api/v1",
        "case": reverse("case", args=["0"]).removesuffix("0"),
        "thumb": reverse("thumb", args=[strange]),
        "photo": reverse("photo", args=[strange]),
        "strange": strange,
        "desk": reverse("desk"),
        "read": reverse("read_notices"),
        "inbox": reverse("inbox"),
        "login": reverse("account_login"),
        "logout": reverse("account_logout"),
        "post": reverse("choose_post"),
        "language": reverse("set_language"),
        "danger": danger.WORDS,
        "numbers": danger.NUMBERS,
        "tiles": settings.HUYING.map_tile_url,
        "csrf": settings.CSRF_COOKIE_NAME,
    }


@require_safe
def worker(request: HttpRequest) -> HttpResponseBase:
    """The service worker. It differs with each build, so that a phone notices a new one."""
    context = {"version": version(), "files": [*_files(), *_others()]}
    response = render(request, "field/sw.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest_file(request: HttpRequest) -> HttpResponseBase:
    """What the phone needs to know to put the app on its first page."""
    response = JsonResponse(
        {
            "id": reverse("field"),
            "name": _("Huying in the field"),
            "short_name": _("Huying"),
            "lang": "zh-Hans",
            "start_url": reverse("field"),
            "scope": reverse("field"),
            "display": "standalone",
            "orientation": "portrait",
            "theme_color": "#1d5c9e",
            "background_color": "#f3f5f8",
            "icons": [
                {
                    "src": static(f"huying/dist/field-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": use,
                }
                for size, use in ICONS
            ],
            "shortcuts": [
                {"name": _("Report a matter"), "url": reverse("field_report")},
                {"name": _("My tasks"), "url": reverse("field_tasks")},
            ],
        },
        content_type="application/manifest+json",
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


def version() -> str:
    """Names this build of the app: the same as long as its files are the same."""
    return _version((DIST / "manifest.json").stat().st_mtime_ns if DIST.exists() else 0)


@cache
def _version(stamp: int) -> str:
    del stamp
    return hashlib.sha256("\n".join(_files()).encode()).hexdigest()[:12]


def _files() -> list[str]:
    """Everything of the app's bundle, what is loaded later included."""
    chunks = manifest()
    styles, scripts = files("field")
    found = dict.fromkeys([*styles, *scripts])
    entry = next(key for key, chunk in chunks.items() if chunk.get("name") == "field")
    waiting, seen = [entry], {entry}
    while waiting:
        chunk = chunks[waiting.pop()]
        for path in (chunk["file"], *chunk.get("css", []), *chunk.get("assets", [])):
            found.setdefault(static(f"huying/dist/{path}"))
        for key in (*chunk.get("imports", []), *chunk.get("dynamicImports", [])):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return list(found)


def _others() -> list[str]:
    return [
        static("huying/theme.js"),
        static("huying/mark.svg"),
        static("huying/dist/field-192.png"),
    ]
