"""The licences of what is given out with huying: `make licences` writes docs/licences.md."""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LGPL-3.0-only",  # psycopg: used as it is, and replaceable
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",  # files of their own, unchanged
    "OFL-1.1",
    "PSF-2.0",
    "Zlib",
}
"""What may be given out together with Apache-2.0."""

SAID_OTHERWISE = {
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "qrcode": "BSD-3-Clause",
    "requests-oauthlib": "ISC",
    "scipy": "BSD-3-Clause",
    "django-ninja": "MIT",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "procrastinate": "MIT",
    "requests": "Apache-2.0",
    "rustpy-xlsxwriter": "MIT",
    "sqlparse": "BSD-3-Clause",
}
"""Packages that tell it in words alone, read in their own licence files."""

HEAD = """# Licences of what huying is made of

Made by `make licences` from the pins in `requirements/runtime.txt` and
`frontend/package-lock.json`; a test holds it to them, and lets in none that Apache-2.0 could not be
given out with. `make sbom` writes the same as CycloneDX. What only builds and checks is not in it.

| what | version | licence |
|---|---|---|
"""


class Part(NamedTuple):
    name: str
    version: str
    licence: str


def python_parts() -> list[Part]:
    """What `requirements/runtime.txt` pins for the machine that this runs on."""
    found = {}
    text = (ROOT / "requirements" / "runtime.txt").read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        pin = line.partition("--hash")[0].partition("#")[0].strip()
        if not pin:
            continue
        wanted = Requirement(pin)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        version = str(wanted.specifier).removeprefix("==")
        found[wanted.name] = Part(wanted.name, version, licence_of(wanted.name))
    return sorted(found.values())


def licence_of(name: str) -> str:
    """A package's licence as an SPDX expression; "" where none can be told."""
    said = metadata.metadata(name)
    return (
        SAID_OTHERWISE.get(name.lower())
        or said.get("License-Expression")
        or said.get("License")
        or ""
    )


def javascript_parts() -> list[Part]:
    """What the lock files name for the pages and for printed sheets."""
    found = []
    for lock in ("frontend/package-lock.json", "frontend/fonts/package-lock.json"):
        packages = json.loads((ROOT / lock).read_text("utf-8"))["packages"]
        for place, each in packages.items():
            if place and not each.get("dev"):
                name = place.rpartition("node_modules/")[2]
                licence = "OFL-1.1" if "google-fonts" in name else each.get("license", "")
                found.append(Part(name, each["version"], licence))
    return sorted(found)


def words(expression: str) -> set[str]:
    """The licences that an expression names."""
    return set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"AND", "OR", "WITH"}


def page() -> str:
    rows = [f"| {each.name} | {each.version} | {each.licence} |\n" for each in
            [*python_parts(), *javascript_parts()]]  # fmt: skip
    return HEAD + "".join(rows)


def sbom() -> str:
    """The same as a CycloneDX 1.6 document in JSON, each part with its package URL."""
    bom = Bom()
    for kind, parts in (("pypi", python_parts()), ("npm", javascript_parts())):
        for each in parts:
            scope, _, name = each.name.rpartition("/")
            made = Component(
                type=ComponentType.LIBRARY,
                group=scope or None,
                name=name,
                version=each.version,
                purl=PackageURL(kind, scope or None, name, each.version),
                licenses=[LicenseExpression(each.licence)],
            )
            bom.components.add(made)
    written: str = JsonV1Dot6(bom).output_as_string(indent=1)
    return written


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sbom"]:
        Path(sys.argv[2]).write_text(sbom(), encoding="utf-8")
    else:
        PAGE.write_text(page(), encoding="utf-8")
