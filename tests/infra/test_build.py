"""What the build adds: bundles, translations, dependencies; and nothing that names a machine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.template import Context, Template

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
