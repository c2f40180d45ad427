"""The rules that every installation starts with, in force until somebody publishes others."""

from __future__ import annotations

from importlib.resources import files

from huying.catalogue.loading import SINCE
from huying.dispatch import grammar
from huying.dispatch.models import Rulebook
from huying.dispatch.rulebook import announce
from huying.dispatch.rules import as_data
from huying.places.models import Division, Level


def load_rules(using: str = "default") -> int:
    """Writes version 1 for each district that has no rules; how many were written.

    What the joint enforcement teams are for stands here, as data to be changed.
    """
    rules = [as_data(rule) for rule in grammar.read(default_text())]
    books = Rulebook.objects.using(using)
    have = set(books.values_list("district_code", flat=True))
    districts = Division.objects.using(using).filter(level=Level.DISTRICT)
    missing = [code for code in districts.values_list("code", flat=True) if code not in have]
    books.bulk_create(
        [
            Rulebook(
                district_code=code,
                version=1,
                state=Rulebook.State.PUBLISHED,
                rules=rules,
                created_at=SINCE,
                changed_at=SINCE,
                published_at=SINCE,
                effective_from=SINCE,
            )
            for code in missing
        ],
        ignore_conflicts=True,
    )
    announce()
    return len(missing)


def default_text() -> str:
    """The package's rules as they are written."""
    return (files("huying") / "data" / "rules.txt").read_text(encoding="utf-8")
