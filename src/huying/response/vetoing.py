"""一票否决: proposed on a missed or refused call, approved by another above, appealed once.

The steps stand in the whistle's own log. What comes of one is for the assessment, which reads
``Veto.objects.in_force()``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.cases.models import TextKind
from huying.errors import BadInput, Missing, NotAllowed, NotFound, Words
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places.models import above
from huying.response.standing import Standing
from huying.response.whistles import Call, Veto, Whistle

PROPOSED = kind(
    "veto_proposed",
    _("A veto is proposed"),
    _("A veto against {unit} over a whistle waits for your decision."),
    group=Group.WHISTLE,
)
DECIDED = kind(
    "veto_decided",
    _("A veto was decided"),
    _("The veto against {unit} over a whistle: {state}."),
    group=Group.WHISTLE,
)
APPEALED = kind(
    "veto_appealed",
    _("A unit appeals against a veto"),
    _("{unit} appeals against its veto; somebody who has not decided on it yet is to settle it."),
    group=Group.WHISTLE,
)

MOST_EVIDENCE = 20
LONGEST_EVIDENCE = 60


def why_not_propose(actor: Actor, call: Call) -> Words | None:
    """None when the actor may propose a veto on this call now; else why not."""
    if not call.may_be_vetoed:
        return _("Only a missed or wrongly refused call can bring a veto.")
    if actor.account_id is None or not _speaks_for(actor, call.whistle.caller_code):
        return _("Only the desk that blew the whistle may do this.")
    if Veto.objects.filter(call=call).exists():
        return _("A veto on this call was proposed already.")
    return None


def why_not_decide(actor: Actor, veto: Veto) -> Words | None:
    """None when the actor may approve or reject the veto now; else why not."""
    if veto.state != Veto.State.PROPOSED:
        return _("The veto has been decided.")
    if not _speaks_for(actor, veto.approver_code):
        return _("Only the level above decides on a veto.")
    if actor.account_id == veto.proposed_by_id:
        return _("Another person must approve it.")
    return None


def why_not_appeal(actor: Actor, veto: Veto) -> Words | None:
    """None when the actor may appeal now; else why not."""
    if actor.role != Role.HANDLER or actor.unit_id != veto.unit_id:
        return _("Only the unit itself may appeal.")
    if veto.appealed_at is not None:
        return _("The unit has appealed already.")
    if veto.state != Veto.State.CONFIRMED:
        return _("There is no veto in force to appeal against.")
    return None


def why_not_settle(actor: Actor, veto: Veto) -> Words | None:
    """None when the actor may settle the appeal now; else why not."""
    if veto.state != Veto.State.APPEALED:
        return _("There is no appeal to settle.")
    if not _speaks_for(actor, veto.approver_code):
        return _("Only the level above decides on a veto.")
    if actor.account_id in (veto.proposed_by_id, veto.decided_by_id):
        return _("Somebody who has not decided on it yet must settle the appeal.")
    return None


def _speaks_for(actor: Actor, area_code: str) -> bool:
    may = actor.role == Role.DISPATCHER or actor.is_leader
    return may and actor.account_id is not None and actor.area_code == area_code


@contextmanager
def _step(verb: str, whistle_id: uuid.UUID, by: Actor, now: datetime) -> Iterator[Standing]:
    with transaction.atomic():
        whistle = Whistle.objects.select_for_update(of=("self",)).get(pk=whistle_id)
        step = Standing(verb, whistle, by, now, whistle.last_seq + 1)
        yield step
        step.finish()


def propose(
    call: uuid.UUID, *, by: Actor, now: datetime, evidence: Sequence[str] = (), text: str = ""
) -> Veto:
    """提请: says why in words, and what it rests on: case numbers, notices, other references.

    Raises:
        NotFound, NotAllowed: there is no such call, or the actor may not.
        Missing, BadInput: no words or no reference, or references that cannot be kept.
    """
    found = Call.objects.select_related("whistle", "unit").filter(pk=call).first()
    if found is None:
        raise NotFound()
    with _step("propose_veto", found.whistle_id, by, now) as step:
        found.refresh_from_db()
        if (refusal := why_not_propose(by, found)) is not None:
            raise NotAllowed(refusal)
        references = [each.strip() for each in evidence if each.strip()]
        if not references:
            raise Missing(_("Please name what it rests on."), field="evidence")
        if len(references) > MOST_EVIDENCE or any(len(r) > LONGEST_EVIDENCE for r in references):
            raise BadInput(_("Please keep the references short."), field="evidence")
        step.text(TextKind.REASON, text, needed="text")
        caller = found.whistle.caller_code
        veto = Veto.objects.create(
            call=found,
            unit=found.unit,
            district_code=found.district_code,
            proposer_code=caller,
            approver_code=above(caller) or caller,
            proposed_at=now,
            proposed_by_id=by.account_id or 0,  # `why_not_propose` asks for an account
            evidence=references,
        )
        step.data |= {"veto": veto.pk, "unit": found.unit_id, "evidence": len(references)}
        whom = Whom(desks=(veto.approver_code,), leaders=(veto.approver_code,))
        step.tell(PROPOSED, whom, unit=found.unit.name)
    return veto


def _locked(veto: uuid.UUID) -> Veto:
    found = Veto.objects.select_related("call", "unit").filter(pk=veto).first()
    if found is None:
        raise NotFound()
    return found


def decide(
    veto: uuid.UUID, *, by: Actor, now: datetime, approve: bool | None = None, text: str = ""
) -> Veto:
    """审批: another person, one level up, approves or rejects it.

    Raises:
        NotFound, NotAllowed: there is no such veto, or the actor may not.
        Missing: no decision, or no words.
    """
    found = _locked(veto)
    with _step("decide_veto", found.call.whistle_id, by, now) as step:
        found.refresh_from_db()
        if (refusal := why_not_decide(by, found)) is not None:
            raise NotAllowed(refusal)
        if approve is None:
            raise Missing(_("Please decide."), field="approve")
        step.text(TextKind.REASON, text, needed="text")
        found.state = Veto.State.CONFIRMED if approve else Veto.State.REJECTED
        found.decided_at, found.decided_by_id = now, by.account_id
        found.save()
        _tell_outcome(step, found)
    return found


def appeal(veto: uuid.UUID, *, by: Actor, now: datetime, text: str = "") -> Veto:
    """申诉: the unit, once.

    Raises:
        NotFound, NotAllowed: there is no such veto, or the actor may not.
        Missing: no words.
    """
    found = _locked(veto)
    with _step("appeal_veto", found.call.whistle_id, by, now) as step:
        found.refresh_from_db()
        if (refusal := why_not_appeal(by, found)) is not None:
            raise NotAllowed(refusal)
        step.text(TextKind.REASON, text, needed="text")
        found.state = Veto.State.APPEALED
        found.appealed_at, found.appealed_by_id = now, by.account_id
        found.save()
        step.data |= {"veto": found.pk, "unit": found.unit_id}
        whom = Whom(desks=(found.approver_code,), leaders=(found.approver_code,))
        step.tell(APPEALED, whom, unit=found.unit.name)
    return found


def settle(
    veto: uuid.UUID, *, by: Actor, now: datetime, lift: bool | None = None, text: str = ""
) -> Veto:
    """复核: a third person of the level above lifts the veto, or lets it stand for good.

    Raises:
        NotFound, NotAllowed: there is no such veto, or the actor may not.
        Missing: no decision, or no words.
    """
    found = _locked(veto)
    with _step("settle_appeal", found.call.whistle_id, by, now) as step:
        found.refresh_from_db()
        if (refusal := why_not_settle(by, found)) is not None:
            raise NotAllowed(refusal)
        if lift is None:
            raise Missing(_("Please decide."), field="lift")
        step.text(TextKind.REASON, text, needed="text")
        found.state = Veto.State.LIFTED if lift else Veto.State.UPHELD
        found.settled_at, found.settled_by_id = now, by.account_id
        found.save()
        _tell_outcome(step, found)
    return found


def _tell_outcome(step: Standing, veto: Veto) -> None:
    from django.conf import settings
    from django.utils.translation import override

    step.data |= {"veto": veto.pk, "unit": veto.unit_id, "state": str(veto.state)}
    with override(settings.LANGUAGE_CODE):
        state = str(Veto.State(veto.state).label)
    whom = Whom(units=(veto.unit_id,), desks=(veto.proposer_code,))
    step.tell(DECIDED, whom, unit=veto.unit.name, state=state)
