"""The pages made from the program say what the program says now."""

import re
import tomllib
from pathlib import Path

from huying import personal
from huying.cases.diagram import flow_page
from huying.cli.docs import settings_page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_the_flow_is_the_flow_table() -> None:
    assert (DOCS / "flow.md").read_text("utf-8") == flow_page(), (
        "run: huying docs flow --out docs/flow.md"
    )


def test_the_page_of_settings_names_every_setting() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == settings_page(), (
        "run: huying docs settings --out docs/settings.md"
    )


def test_the_page_of_personal_data_names_every_field() -> None:
    assert (DOCS / "data.md").read_text("utf-8") == personal.page(), (
        "run: huying docs data --out docs/data.md"
    )


def test_the_page_of_the_design_names_the_layers_that_are_checked() -> None:
    told = re.search(r"^`api.*?`audit`$", (DOCS / "design.md").read_text("utf-8"), re.M | re.S)
    assert told is not None
    held = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]
    layers = held["contracts"][0]["layers"]
    assert re.findall(r"`([^`]+)`", told[0]) == [re.sub(r"[()]", "", each) for each in layers]
