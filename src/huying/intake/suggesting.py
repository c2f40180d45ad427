"""Which item a text is about, as every door asks: by what was learnt, or by the catalogue's words.

What was learnt is in charge once it was better on a month that it had not seen (`learning`). Below
`LEAST` it says nothing, rather than something wrong. The catalogue's words are heard all the while:
they are among what the model goes by, they speak for items that the model does not know yet, and
words of alarm are looked for under their item as well.
"""

from __future__ import annotations

import csv
import io
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import rjieba

from huying.catalogue.learned import READS, Model, Share, UnreadableModel, load
from huying.catalogue.loading import SINCE, default_csv
from huying.catalogue.models import SuggestionModel
from huying.catalogue.rows import read
from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.suggesting import MOST_REASONS, Fit, Suggestion, everyday_words, fit
from huying.catalogue.training import Labelled
from huying.catalogue.versions import snapshot
from huying.catalogue.wording import apart
from huying.shelf import Shelf

log = logging.getLogger(__name__)

LEAST: Final = 0.5
"""The confidence below which nothing is suggested: it would be wrong more often than right."""
ALSO: Final = 0.1
"""The confidence that a second or third item needs to be named beside the first."""
FRESH: Final = 5.0
"""Seconds for which a process trusts that the model in charge is still the one it knows."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested, and what the catalogue's words alone would say."""

    items: tuple[Suggestion, ...]
    by_words: tuple[Suggestion, ...]


def suggest(text: str, now: datetime, top: int = 3, *, explained: bool = True) -> Suggested:
    """Items that the words fit, the best first; none when nothing fits well enough.

    Where nobody reads why, it need not be ``explained``, which takes half the time.
    """
    catalogue = snapshot(now)
    model = _shelf.of(None)
    if model is None:
        found = fit(text, catalogue).best(top, explained=explained)
        return Suggested(found, found)
    return suggest_by(model, text, catalogue, top, explained=explained)


def suggest_by(
    model: Model,
    text: str,
    catalogue: CatalogueSnapshot,
    top: int = 3,
    *,
    explained: bool = True,
) -> Suggested:
    """The same, with a model given."""
    fits = fit(text, catalogue)
    by_words = fits.best(top, explained=explained)
    if by_words and by_words[0].item_code not in model.labels:
        return Suggested(by_words, by_words)  # an item that is newer than the model
    guesses = model.guess(text, _weighed(fits), top=top, explained=explained)
    found = []
    for place, guess in enumerate(guesses):
        item = catalogue.get(guess.label)
        if guess.confidence < (ALSO if place else LEAST):
            break
        if item is None or not item.active:
            if not place:
                break
            continue
        words: tuple[str, ...] = ()
        if explained:
            own = fits.reasons(guess.label)[:2]
            words = apart((*own, *_whole(guess.shares, text)))[:MOST_REASONS]
        found.append(Suggestion(guess.label, guess.confidence, words, learned=True))
    return Suggested(tuple(found), by_words)


def _whole(shares: Iterable[Share], text: str) -> list[str]:
    """What counted, as people read it: 灯不 out of 灯不亮 is no word."""
    words = set(rjieba.cut(text[:READS].lower())) if shares else set()
    return [share.word for share in shares if share.word in words]


def scores(text: str, catalogue: CatalogueSnapshot) -> dict[str, float]:
    """What the catalogue's words say of each item, as the model is told it."""
    return _weighed(fit(text, catalogue))


def _weighed(fits: Fit) -> dict[str, float]:
    # From the score back to the weight, and then by how often it has doubled.
    return {code: math.log1p(score / max(1 - score, 0.01)) for code, score in fits.scores.items()}


def words_alone(text: str, catalogue: CatalogueSnapshot) -> str:
    """The item by the catalogue's words; empty where none fits."""
    return next(iter(fit(text, catalogue).scores), "")


def beginnings(catalogue: CatalogueSnapshot) -> list[Labelled]:
    """What stands for each item before anybody has decided: its words, and its example."""
    words = {row.item_code: row.words for row in everyday_words()}
    made = []
    for item in catalogue.active:
        made.append(Labelled(f"{item.name}。{item.description}", item.code))
        if item.example:
            made.append(Labelled(item.example, item.code))
        if item.code in words:
            made.append(Labelled("，".join(words[item.code]), item.code))
    return made


@lru_cache(maxsize=1)
def default_catalogue() -> CatalogueSnapshot:
    """The catalogue that comes with the package, without a database."""
    items = []
    for cells in csv.DictReader(io.StringIO(default_csv())):
        row = read(cells)
        stated: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in row.stated.items()
        }
        items.append(
            ItemSnapshot(
                code=row.code, category_code=row.code[:2], category=row.category, version_id=0,
                version=1, valid_from=SINCE, active=True, **stated,
            )
        )  # fmt: skip
    return CatalogueSnapshot(key="default", items=tuple(items))


def forget() -> None:
    """Looks anew which model is in charge."""
    _shelf.clear()


def _in_charge(_only: None) -> UUID | None:
    return SuggestionModel.objects.filter(in_charge=True).values_list("pk", flat=True).first()


def _read(_only: None, key: UUID | None) -> Model | None:
    if key is None:
        return None
    row = SuggestionModel.objects.filter(pk=key).first()
    if row is None or row.data is None or row.digest is None:
        return None
    try:
        return load(bytes(row.data), bytes(row.digest))
    except UnreadableModel:
        log.exception("The model in charge cannot be read; the catalogue's words are")
        return None


_shelf = Shelf(_in_charge, _read, fresh=FRESH)
"""The model in charge, as this process knows it."""
