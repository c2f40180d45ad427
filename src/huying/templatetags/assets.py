"""Links to the bundles that Vite built: `{% load assets %}{% bundle "desk" %}`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

DIST = Path(__file__).parent.parent / "static" / "huying" / "dist"


class AssetsMissing(RuntimeError):
    """The assets are not built: run `make setup`."""


@cache
def _manifest(stamp: int) -> dict[str, Any]:
    del stamp  # a new build is a new key
    return dict(json.loads((DIST / "manifest.json").read_text(encoding="utf-8")))


def manifest() -> dict[str, Any]:
    """Vite's manifest. Raises AssetsMissing in a checkout that was never built."""
    try:
        stamp = (DIST / "manifest.json").stat().st_mtime_ns if settings.DEBUG else 0
        return _manifest(stamp)
    except FileNotFoundError:
        raise AssetsMissing(AssetsMissing.__doc__) from None


def files(name: str) -> tuple[list[str], list[str]]:
    """The URLs of the styles and of the scripts of the bundle `name`.

    Raises KeyError if vite.config.js has no such bundle.
    """
    chunks = manifest()
    entry = next((c for c in chunks.values() if c.get("isEntry") and c.get("name") == name), None)
    if entry is None:
        raise KeyError(f"vite.config.js has no bundle {name!r}")
    styles = list(entry.get("css", []))
    for key in entry.get("imports", []):
        styles += [css for css in chunks[key].get("css", []) if css not in styles]

    def url(path: str) -> str:
        return static(f"huying/dist/{path}")

    return [url(path) for path in styles], [url(entry["file"])]


@register.simple_tag
def bundle(name: str) -> SafeString:
    """The link and script elements of one bundle."""
    styles, scripts = files(name)
    links = format_html_join("\n", '<link rel="stylesheet" href="{}">', ((u,) for u in styles))
    return links + format_html_join(
        "\n", '<script type="module" src="{}"></script>', ((u,) for u in scripts)
    )
