"""What comes from others and what must not go out: licences, secrets, how they are looked over."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib

from detect_secrets.core.scan import get_plugins, scan_file
from detect_secrets.settings import configure_settings_from_baseline

from tests.security.licences import (
    ALLOWED,
    PAGE,
    ROOT,
    javascript_parts,
    page,
    python_parts,
    sbom,
    words,
)


def test_the_page_of_licences_is_what_is_pinned() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: make licences"


def test_no_licence_forbids_what_we_do() -> None:
    parts = [*python_parts(), *javascript_parts()]
    assert len(parts) > 60
    wrong = [each for each in parts if not words(each.licence) or words(each.licence) - ALLOWED]
    # "A OR B" would do with one of them; until then each of both must.
    assert not wrong
    assert words("AGPL-3.0-only") - ALLOWED


def test_the_list_of_parts_is_cyclonedx_and_names_each_with_its_licence() -> None:
    told = json.loads(sbom())
    assert told["bomFormat"] == "CycloneDX"
    urls = {each["purl"] for each in told["components"]}
    assert len(urls) == len(python_parts()) + len(javascript_parts())
    assert any(url.startswith("pkg:pypi/django@") for url in urls)
    assert any(url.startswith("pkg:npm/leaflet@") for url in urls)
    assert all(each["licenses"] for each in told["components"])


SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bglpat-[\w-]{20}\b|\bxox[abprs]-[\w-]{10,}|\bsk_live_\w{20,}|\bsk-[A-Za-z0-9]{40,}"
    r"|\bpypi-AgE\w{50,}|\bnpm_[A-Za-z0-9]{36}\b|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"
    r"|\bLTAI[A-Za-z0-9]{12,20}\b|\bAIza[\w-]{35}\b|\bSG\.[\w-]{20,}\.[\w-]{20,}"
)
"""Keys and tokens by their known forms; `make audit` looks wider (detect-secrets)."""


def test_no_secret_is_in_the_source() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    assert len(listed) > 500
    found = []
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in (".png", ".jpg", ".ttf", ".woff2") or not path.is_file():
            continue
        if SECRETS.search(path.read_text("utf-8", errors="replace")):
            found.append(name)
        assert path.suffix not in (".key", ".pem", ".p12", ".env"), name
    assert not found
    assert SECRETS.search("AKIA" + "A" * 16)


def test_no_secret_but_those_that_are_known_examples_is_found() -> None:
    """What `make audit` finds by detect-secrets, in a sixth of its time: each form is looked for in
    a whole file, and only where one is, line by line."""
    known = json.loads((ROOT / ".secrets.baseline").read_text("utf-8"))
    configure_settings_from_baseline(known)
    forms = [form for plugin in get_plugins() for form in getattr(plugin, "denylist", ())]
    assert len(forms) > 40
    assert all(getattr(plugin, "denylist", ()) for plugin in get_plugins()), "one looks otherwise"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    found = set()
    for path in (ROOT / name for name in listed if name and (ROOT / name).is_file()):
        text = path.read_text("utf-8", errors="replace")
        if any(form.search(text) for form in forms):
            name = str(path.relative_to(ROOT))
            found |= {(name, each.secret_hash) for each in scan_file(str(path))}
    examples = {
        (name, each["hashed_secret"]) for name, all_ in known["results"].items() for each in all_
    }
    assert found == examples, "a secret, or an example: detect-secrets audit .secrets.baseline"


def test_bandit_leaves_out_only_what_ruff_looks_at_line_by_line() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    left_out = {each.removeprefix("B") for each in told["tool"]["bandit"]["skips"]}
    assert "S" in told["tool"]["ruff"]["lint"]["select"]
    ignored = {
        each.removeprefix("S") for each in told["tool"]["ruff"]["lint"]["ignore"] if each[0] == "S"
    }
    # Asserts and fixed lists of arguments are left to the reader in both.
    assert left_out & ignored == {"101", "603", "607"}
    assert left_out - ignored <= {
        "104", "105", "108", "308", "311", "314", "404", "405", "406", "606", "608", "703",
    }  # fmt: skip
