"""`huying catalogue` at the terminal."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from huying.catalogue.loading import default_csv
from huying.catalogue.models import ItemVersion
from huying.cli import CommandError, catalogue

pytestmark = pytest.mark.django_db


def huying(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    catalogue.arguments(parser)
    result = catalogue.run(parser.parse_args(list(words)))
    return json.loads(json.dumps(result, default=str)) | {"text": catalogue.text(result)}


@pytest.mark.parametrize("name", ["catalogue.csv", "catalogue.xlsx"])
def test_what_is_exported_is_imported_as_the_same(tmp_path: Path, name: str) -> None:
    file = str(tmp_path / name)
    assert huying("export", file)["items"] == 29
    result = huying("import", file)
    assert (result["ok"], result["same"], result["new"], result["changed"]) == (True, 29, [], [])


def test_a_dry_run_only_tells(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(default_csv().replace("镇街,应急管理办,消防;公安", "区,应急管理办,消防;公安"))
    result = huying("import", str(file), "--dry-run", "--from", "2027-01-01")
    assert result["changed"] == [
        {
            "code": "0203",
            "name": "燃气、燃油和危险品隐患",
            "fields": {"default_level": ["town", "district"]},
        }
    ]
    assert "town → district" in result["text"]
    assert result["valid_from"].startswith("2027-01-01 00:00:00+08:00")
    assert ItemVersion.objects.count() == 29


def test_a_broken_file_fails_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(default_csv().replace(",gps;form,", ",gps;forms,", 1))
    result = huying("import", str(file))
    assert not result["ok"]
    assert "row 2, evidence" in result["text"]


def test_an_export_needs_a_known_ending_and_a_date_that_is_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        huying("export", str(tmp_path / "catalogue.ods"))
    with pytest.raises(CommandError):
        huying("export", str(tmp_path / "catalogue.csv"), "--at", "tomorrow")
