"""A whistle on a standing problem that is no case: the same steps, in a log of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.audit.chain import plain
from huying.cases import flow
from huying.cases.models import TextKind
from huying.cases.verbs import keepable
from huying.errors import BadInput, Missing, NotAllowed, NotFound
from huying.notices.kinds import Kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places.locating import locate
from huying.response.called import snapshot, units_named
from huying.response.whistles import Sort, Whistle, WhistleStep, WhistleText


@dataclass(slots=True)
class Standing:
    """One step being done to one locked whistle that stands on no case."""

    verb: str
    whistle: Whistle
    by: Actor
    now: datetime
    seq: int
    data: dict[str, Any] = field(default_factory=dict)
    texts: list[WhistleText] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    case: None = None

    def text(self, kind: TextKind, body: str, *, needed: str | None = None) -> None:
        """Keeps words beside the step.

        Raises:
            Missing: ``needed`` names the input and there are no words.
            BadInput: the words are too long, or hold what the database cannot keep.
        """
        body = body.strip()
        if not body:
            if needed is not None:
                raise Missing(_("Please say it in words."), field=needed)
            return
        if not keepable(body):
            raise BadInput(
                _("The text is too long or holds characters that cannot be kept."),
                field=needed or "text",
            )
        self.texts.append(
            WhistleText(
                whistle=self.whistle,
                district_code=self.whistle.district_code,
                kind=str(kind),
                seq=self.seq,
                body=body,
            )
        )

    def tell(
        self, kind: Kind, whom: Whom, *, path: str = "", apart: bool = False, **data: Any
    ) -> None:
        """Tells people of this step once it is written; ``apart`` without naming a case."""
        on_case = self.whistle.case
        self.jobs.append(
            job_of(
                kind,
                whom,
                key=f"{self.whistle.pk}:{self.seq}",
                district_code=self.whistle.district_code,
                now=self.now,
                path=path or f"/desk/whistles/{self.whistle.pk}",
                case_number=on_case.number if on_case is not None and not apart else "",
                data=data,
            )
        )

    def finish(self) -> None:
        """Writes the step, its words and its notices."""
        WhistleStep.objects.create(
            whistle=self.whistle,
            district_code=self.whistle.district_code,
            seq=self.seq,
            verb=self.verb,
            at=self.now,
            actor_kind=str(self.by.kind),
            actor_id=self.by.actor_id,
            post_id=self.by.post_id,
            data=plain(self.data),
        )
        WhistleText.objects.bulk_create(self.texts)
        self.whistle.last_seq = self.seq
        self.whistle.save(update_fields=["last_seq"])
        for job in self.jobs:
            tell_later.defer(**job)


@dataclass(frozen=True, slots=True)
class _Calls:
    """A standing problem as the flow table's groups look at it: its calls alone."""

    calls: dict[str, list[Any]] | None


def steps() -> dict[str, Callable[..., None]]:
    """The steps of a standing problem, by the names that a case's verbs have."""
    from huying.response import answering, neglected, unanswered, whistling

    return {
        "answer": answering.take_answer,
        "check_in": answering.take_position,
        "refuse_call": answering.take_refusal,
        "climb": unanswered.go_up,
        "call_overdue": neglected.tell_leaders,
        "press_call": unanswered.ask_again,
        "stand_in": unanswered.see_to_it,
        "arbitrate_call": unanswered.decide_refusal,
        "release": whistling.let_go,
        "rate": whistling.give_marks,
    }


INPUTS: dict[str, dict[str, Any]] = {
    "answer": {"text": ""},
    "check_in": {"lon": None, "lat": None},
    "refuse_call": {"reason_code": "", "reason": ""},
    "climb": {},
    "call_overdue": {},
    "press_call": {"text": ""},
    "stand_in": {"unit": None, "text": ""},
    "arbitrate_call": {"upheld": None, "reason": ""},
    "release": {"text": ""},
    "rate": {"attendance": None, "cooperation": None, "outcome": None, "text": ""},
}
"""What each step takes beside the call, and what is meant when it is not given."""


def why_not(verb: str, actor: Actor, whistle: Whistle) -> Any:
    """None when the actor may do the step now; else why not. The same groups as on a case."""
    calls = _Calls(snapshot(whistle.calls.select_related("whistle")))
    refusals = [who.test(actor, calls) for who in flow.ROWS[verb].who]  # type: ignore[arg-type]
    return None if None in refusals else refusals[0]


def do(
    verb: str,
    whistle: uuid.UUID,
    *,
    by: Actor,
    now: datetime,
    call: uuid.UUID | None = None,
    **inputs: Any,
) -> Whistle:
    """Does a step to a standing problem's whistle: lock, check, write, log, tell.

    Raises:
        NotFound: there is no such whistle, or it stands on a case and has that case's verbs.
        NotAllowed: the actor is not among those who may.
    """
    with transaction.atomic():
        found = Whistle.objects.select_for_update(of=("self",)).filter(pk=whistle, case=None)
        one = found.first()
        if one is None:
            raise NotFound()
        if (refusal := why_not(verb, by, one)) is not None:
            raise NotAllowed(refusal)
        step = Standing(verb, one, by, now, one.last_seq + 1)
        steps()[verb](step, call, **(INPUTS[verb] | inputs))
        step.finish()
        return one


def blow(
    *,
    by: Actor,
    now: datetime,
    title: str = "",
    sort: Sort | str = "",
    units: Sequence[int] = (),
    text: str = "",
    area: str = "",
    address: str = "",
    lon: float | None = None,
    lat: float | None = None,
) -> Whistle:
    """吹哨 on a standing problem: what it is, where, and who is to come.

    Raises:
        NotAllowed: not a desk of a community or town, or a place outside its area.
        Missing: no name, no sort, no unit, or no words.
        BadInput: a unit that this desk cannot call, or a position outside its area.
    """
    from huying.response.whistling import call_units, sort_given

    if by.role != Role.DISPATCHER or len(by.area_code) not in (9, 12):
        raise NotAllowed(_("A community or a town blows the whistle."))
    title = title.strip()
    if not title:
        raise Missing(_("Please name the problem."), field="title")
    if len(title) > 60 or len(address) > 200 or not (keepable(title) and keepable(address)):
        raise BadInput(_("The name or the address is too long."), field="title")
    wanted = sort_given(sort)
    place = area or by.area_code
    if lon is not None and lat is not None:
        place = locate(lon, lat).grid_code or place
    if not by.covers(place):
        raise BadInput(_("This place is outside your area."), field="area")
    named = units_named(by.area_code, units)
    with transaction.atomic():
        whistle = Whistle.objects.create(
            district_code=by.area_code[:6],
            sort=wanted,
            caller_code=by.area_code,
            title=title,
            area_code=place,
            address=address.strip(),
            lon=lon,
            lat=lat,
            blown_at=now,
            blown_by_id=by.account_id,
        )
        step = Standing("blow", whistle, by, now, 1)
        step.text(TextKind.REQUIREMENT, text, needed="text")
        call_units(step, whistle, named, level_code=by.area_code)
        step.data |= {
            "sort": str(wanted),
            "units": [unit.pk for unit in named],
            "answer_by": whistle.calls.all()[0].answer_by,
        }
        step.finish()
    return whistle
