"""Learns from the desk's decisions which item a text is about, and lets the better one suggest.

Once a week a model is learnt from all decisions but those of the newest month, and held against
what suggests now, on that month, which neither has seen. It is put in charge only if it is better;
either way the decision is kept with both figures. The model that is kept is the very one that was
measured: it is not learnt anew with the month added, so that its figures are its own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.cases.contacts import names_to_leave_out
from huying.cases.models import Case, CaseText, TextKind
from huying.catalogue.learned import Model, digest, load
from huying.catalogue.models import SuggestionModel
from huying.catalogue.snapshots import CatalogueSnapshot
from huying.catalogue.training import Figures, Labelled, figures
from huying.catalogue.training import learn as learn_from
from huying.catalogue.versions import snapshot
from huying.errors import NotAllowed, WrongState
from huying.intake.suggesting import beginnings, forget, scores, suggest_by, words_alone
from huying.people.acting import Actor
from huying.people.models import Role

log = logging.getLogger(__name__)

MONTH: Final = timedelta(days=30)
FEWEST: Final = 200
"""Decisions to learn from; with fewer, the catalogue's words stay in charge."""
FEWEST_NEW: Final = 50
"""Decisions of the newest month to measure by."""
BETTER: Final = 0.01
"""By how much macro-F1 must be better: less is luck."""
MOST: Final = 50_000
"""Decisions that are learnt from, the newest."""
KEPT: Final = 12
"""Models whose weights are kept, to go back to."""

Outcome = SuggestionModel.Outcome
WEIGHTS: Final = ("data", "digest")


@dataclass(frozen=True, slots=True)
class Decided:
    """A report that the desk has taken up, and the item it stands under since."""

    at: datetime
    given: Labelled


def decisions(now: datetime, catalogue: CatalogueSnapshot) -> list[Decided]:
    """What desks have decided, in the order of time: texts with the items they were accepted as.

    An item that is out of use teaches nothing. Names of reporters are told beside the text, so
    that nothing is learnt of them.
    """
    active = {item.code for item in catalogue.active}
    rows = list(
        Case.objects.filter(accepted_at__lte=now, item_code__in=active)
        .order_by("-accepted_at")
        .values_list("pk", "accepted_at", "item_code")[:MOST]
    )[::-1]
    found: list[Decided] = []
    for start in range(0, len(rows), 2000):
        found += _with_words(rows[start : start + 2000])
    return found


def _with_words(rows: Sequence[tuple[UUID, datetime | None, str]]) -> list[Decided]:
    cases = [row[0] for row in rows]
    texts = dict(
        CaseText.objects.filter(case__in=cases, kind=TextKind.DESCRIPTION)
        .exclude(body=None)
        .order_by("-seq")
        .values_list("case_id", "body")
    )
    names = names_to_leave_out(cases)
    return [
        Decided(at, Labelled(texts[case], item, names.get(case, frozenset())))
        for case, at, item in rows
        if at is not None and texts.get(case)
    ]


def better(new: Figures, old: Figures) -> bool:
    """Whether the new one may take over: clearly better by macro-F1, and not right less often."""
    return new.macro_f1 >= old.macro_f1 + BETTER and new.right >= old.right


def learn(*, now: datetime, month: timedelta = MONTH) -> dict[str, Any]:
    """The weekly work: learns, measures, decides, keeps. What came of it."""
    catalogue = snapshot(now)
    found = decisions(now, catalogue)
    cut = now - month
    earlier = [each.given for each in found if each.at <= cut]
    newest = [each.given for each in found if each.at > cut]
    row = SuggestionModel(
        made_at=now,
        learnt_until=cut,
        month_days=month.days,
        learnt_from=len(earlier),
        measured_on=len(newest),
    )
    old = _in_charge()
    row.against = old
    if len(earlier) < FEWEST or len(newest) < FEWEST_NEW:
        row.outcome = Outcome.TOO_FEW
        row.save()
        return _told(row)
    model = learn_from(
        earlier,
        beginnings=beginnings(catalogue),
        by_words=lambda text: scores(text, catalogue),
    )
    data = model.as_bytes()
    new_figures = measured(model, newest, catalogue)
    before = load(bytes(old.data), bytes(old.digest)) if old and old.data and old.digest else None
    old_figures = measured(before, newest, catalogue)
    row.figures, row.figures_before = _kept(new_figures), _kept(old_figures)
    row.features, row.data, row.digest = len(model.vocabulary), data, digest(data)
    takes_over = better(new_figures, old_figures)
    row.outcome = Outcome.BETTER if takes_over else Outcome.NO_BETTER
    with transaction.atomic():
        if takes_over:
            SuggestionModel.objects.filter(in_charge=True).update(in_charge=False)
            row.in_charge = True
        row.save()
        _drop_old()
        transaction.on_commit(forget)
    forget()
    return _told(row)


def measured(
    model: Model | None, given: Sequence[Labelled], catalogue: CatalogueSnapshot
) -> Figures:
    """The figures of a model as the doors use it, or of the catalogue's words (None)."""
    guessed = []
    for each in given:
        if model is None:
            guessed.append(words_alone(each.text, catalogue))
        else:
            items = suggest_by(model, each.text, catalogue, top=1, explained=False).items
            guessed.append(items[0].item_code if items else "")
    return figures([each.label for each in given], guessed)


def _kept(found: Figures) -> dict[str, Any]:
    return asdict(found)


def _told(row: SuggestionModel) -> dict[str, Any]:
    told: dict[str, Any] = {
        "outcome": str(row.outcome),
        "learnt_from": row.learnt_from,
        "measured_on": row.measured_on,
    }
    for name, found in (("model", row.figures), ("before", row.figures_before)):
        if found:
            told[name] = {key: found[key] for key in ("macro_f1", "right", "answered")}
    return told


def _in_charge() -> SuggestionModel | None:
    # Its weights, megabytes, are fetched where they are asked for.
    return SuggestionModel.objects.defer(*WEIGHTS).filter(in_charge=True).first()


def _drop_old() -> None:
    """The weights of models long past go; what was measured of them stays."""
    kept = SuggestionModel.objects.exclude(data=None).order_by("-made_at")
    last = list(kept.values_list("pk", flat=True)[:KEPT])
    kept.exclude(pk__in=last).exclude(in_charge=True).update(data=None, digest=None)


def may_change(actor: Actor) -> bool:
    """Whoever keeps the catalogue keeps what suggests its items."""
    return actor.is_system or actor.role == Role.ADMINISTRATOR


def may_read(actor: Actor) -> bool:
    """Administrators, and the auditor who watches them."""
    return actor.role in (Role.ADMINISTRATOR, Role.AUDITOR)


@transaction.atomic
def put_in_charge(key: UUID | None, *, by: Actor, now: datetime) -> None:
    """Goes back to an earlier model, or to the catalogue's words (None).

    Raises:
        NotAllowed: by is no administrator.
        WrongState: there is no such model any more, or it suggests already.
    """
    if not may_change(by):
        raise NotAllowed(_("Only an administrator may change what suggests."))
    # Without their weights: two flags are set.
    locked = SuggestionModel.objects.select_for_update(of=("self",)).defer(*WEIGHTS)
    before = locked.filter(in_charge=True).first()
    chosen = None
    if key is not None:
        chosen = locked.exclude(data=None).filter(pk=key).first()
        if chosen is None:
            raise WrongState(_("This model is not kept any more."))
    if (before.pk if before else None) == (chosen.pk if chosen else None):
        raise WrongState(_("This suggests already."))
    if before is not None:
        before.in_charge = False
        before.save(update_fields=["in_charge"])
    if chosen is not None:
        chosen.in_charge = True
        chosen.save(update_fields=["in_charge"])
    SuggestionModel.objects.create(
        made_at=now,
        learnt_until=chosen.learnt_until if chosen else now,
        outcome=Outcome.PUT_BACK,
        against=chosen,
        by_id=by.account_id,
    )
    transaction.on_commit(forget)
    forget()
