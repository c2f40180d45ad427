"""`huying docs flow|settings|data`: pages of the documentation that are made from the program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "write a page of the documentation that is made from the program"
NEEDS = "django"

SETTINGS_HEAD = """# Settings

Made from `src/huying/installation.py` by `huying docs settings`; edit that file, not this one.

All settings are read from the environment at the start. A value that cannot be used stops the
start with a sentence that says which and why. Any of them may be a file instead:
`HUYING_SECRETS_DIR` names a folder in which a file of the variable's name in small letters
(`database_url`, `huying_metrics_token`) holds the value; what the environment says comes first.

| variable | default | |
|---|---|---|
"""

COMPUTED = {
    "home": "`var/` in a checkout, else the user's data folder",
    "web_processes": "one a processor, 4 at most",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", choices=["data", "flow", "settings"])
    parser.add_argument("--out", type=Path, help="write to this file instead of standard output")


def run(options: argparse.Namespace) -> None:
    page = {"data": _data_page, "flow": _flow_page, "settings": settings_page}[options.page]()
    if options.out is None:
        sys.stdout.write(page)
    else:
        options.out.write_text(page, encoding="utf-8")


def _flow_page() -> str:
    from huying.cases.diagram import flow_page

    return flow_page()


def _data_page() -> str:
    from huying import personal

    return personal.page()


def settings_page() -> str:
    """docs/settings.md: every field of the settings class."""
    from huying.installation import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        variable = name.upper() if name.startswith("database_") and "url" in name else None
        default = COMPUTED.get(name) or (
            "—" if field.default in ("", None) else f"`{field.default}`"
        )
        rows.append(
            f"| `{variable or 'HUYING_' + name.upper()}` | {default} | {field.description} |\n"
        )
    return SETTINGS_HEAD + "".join(rows)
