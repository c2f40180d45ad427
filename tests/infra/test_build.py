"""What the build adds: bundles, translations, dependencies; and nothing that names a machine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.template import Context, Template

from hatch_build import DIST, TABLER, USED, names_in, used_of
from huying.templatetags import assets

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"))
TEMPLATE_SENTENCE = re.compile(r"""{%-? *trans(?:late)? +(?P<q>["'])(?P<text>.*?)(?P=q)""")


def test_the_bundle_is_linked_by_hashed_names() -> None:
    page = Template('{% load assets %}{% bundle "desk" %}').render(Context())
    for pattern in (
        r'<link rel="stylesheet" href="/static/huying/dist/assets/desk-[\w-]{8}\.css">',
        r'<script type="module" src="/static/huying/dist/assets/desk-[\w-]{8}\.js"></script>',
    ):
        assert re.search(pattern, page), page


def test_an_unknown_bundle_is_an_error() -> None:
    with pytest.raises(KeyError, match="no bundle 'nobody'"):
        assets.files("nobody")


def test_a_class_is_used_if_it_is_a_word_anywhere_in_what_makes_pages() -> None:
    sheet = ".btn-primary{} .navbar-vertical:not(.x),[data-bs-theme=dark] p{--a:.b} [data-vc]{}"
    names = names_in(sheet)
    assert names == {"btn-primary", "navbar-vertical", "x", "data-bs-theme", "data-vc"}
    assert used_of(names) == ["btn-primary", "data-bs-theme", "x"]


def test_the_desks_style_sheet_has_what_is_used_of_the_framework_and_little_else() -> None:
    """An office's old computer reads all of it, and asks what has :has() anew at each change."""
    whole = TABLER.read_text(encoding="utf-8")
    used = used_of(names_in(whole))
    assert json.loads(USED.read_text(encoding="utf-8")) == used, "run make setup"
    (path,) = [DIST / url.split("/dist/")[1] for url in assets.files("desk")[0] if "/desk-" in url]
    sheet = path.read_text(encoding="utf-8")
    for kept in (
        ".btn-primary{",
        ".form-check-input:checked",
        "[data-bs-theme=dark]",
        "blockquote",
    ):
        assert kept in sheet, kept
    assert ".navbar-vertical" in whole
    assert ".navbar-vertical" not in sheet
    assert len(sheet) < 300_000
    assert sheet.count(":has(") < 60


def test_the_lock_file_and_the_pins_name_no_host() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package.get("link") or "integrity" in package, name
    for pins in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in pins.read_text(encoding="utf-8"), pins.name


def test_every_pin_has_a_hash() -> None:
    for pins in (ROOT / "requirements").glob("*.txt"):
        text = pins.read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert lines
        for line in lines:
            assert "==" in line, line
            assert "--hash=sha256:" in line, line


def test_the_ci_script_is_bash_and_executable() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", script], check=True)
