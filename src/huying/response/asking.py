"""外部协查: a utility or a property manager is asked by a link, and answers without an account.

The link is shown once, to who asks; what is kept is the hash of its token. It can be looked at
until it is answered, taken back or has expired, and it answers once. The unit stays responsible.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huying.audit.sm3 import sm3
from huying.cases.attaching import take_up
from huying.cases.models import Attachment, Case, CaseText, TextKind
from huying.cases.states import OPEN_STATES
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, NotFound
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.response.models import OutsideAsk

USUAL_DAYS = 3
MOST_DAYS = 30
TOKEN_BYTES = 24
MOST_PHOTOS_SHOWN = 9

OUTSIDE_ANSWERED = kind(
    "outside_answered",
    _("Answer from outside"),
    _("The outside party that was asked has answered."),
    group=Group.TASKS,
)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return sm3(token.encode())


@verb("ask_outside")
def ask_outside(
    act: Act,
    *,
    to: str = "",
    question: str = "",
    days: int = USUAL_DAYS,
    show_item: bool = False,
    show_place: bool = False,
    photos: Sequence[uuid.UUID] = (),
) -> None:
    """外部协查: asks somebody without an account, by a link that ends by itself.

    They see the question and what is chosen here of the case, and nothing else. The link's token
    is on the case that is returned, as ``shown_once``.

    Raises:
        Missing: nobody is named, or nothing is asked.
        BadInput: too many days, or photos that are not this case's.
    """
    case = act.case
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(_("A link is valid for 1 to 30 days."), field="days")
    chosen = list(dict.fromkeys(photos))
    fitting = Attachment.objects.filter(case=case, pk__in=chosen)
    if len(chosen) > MOST_PHOTOS_SHOWN or fitting.exclude(
        kind=Attachment.Kind.DOCUMENT
    ).count() != len(chosen):
        raise BadInput(_("A photo is not there or is used already."), field="photos")
    act.text(TextKind.ADDRESSEE, to, needed="to")
    act.text(TextKind.QUESTION, question, needed="question")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    asked = OutsideAsk.objects.create(
        case=case,
        district_code=case.district_code,
        seq=act.seq,
        unit_id=act.by.unit_id if act.by.unit_id == case.lead_unit_id else None,
        token_hash=token_hash(token),
        asked_at=act.now,
        expires_at=act.now + timedelta(days=days),
        show_item=show_item,
        show_place=show_place,
        photos=chosen,
    )
    act.data |= {"ask": asked.pk, "expires_at": asked.expires_at}
    case.shown_once = token


def _open_ask(case: Case, ask: uuid.UUID | None) -> OutsideAsk:
    open_ones = OutsideAsk.objects.select_for_update().filter(
        case=case, answered_at=None, revoked_at=None
    )
    found = open_ones.filter(pk=ask).first() if ask is not None else None
    if found is None:
        raise BadInput(_("There is no such open question."), field="ask")
    return found


@verb("revoke_ask")
def revoke_ask(act: Act, *, ask: uuid.UUID | None = None) -> None:
    """撤回协查: the link ends at once.

    Raises:
        BadInput: the question is none of this case's, is answered or was taken back.
    """
    found = _open_ask(act.case, ask)
    found.revoked_at = act.now
    found.save(update_fields=["revoked_at"])
    act.data["ask"] = found.pk


@verb("outside_answer")
def outside_answer(
    act: Act,
    *,
    ask: uuid.UUID | None = None,
    text: str = "",
    photos: Sequence[uuid.UUID] = (),
) -> None:
    """协查答复: what the outside party says, once. The case stays with its unit.

    Raises:
        NotFound: the link has ended meanwhile.
        Missing: no words.
    """
    try:
        found = _open_ask(act.case, ask)
    except BadInput:
        raise NotFound() from None
    if act.now >= found.expires_at:
        raise NotFound()
    act.text(TextKind.ANSWER, text, needed="text")
    if photos:
        take_up(act.case, photos, by=act.by, seq=act.seq)
        act.data["photos"] = [str(photo) for photo in photos]
    found.answered_at = act.now
    found.answer_seq = act.seq
    found.save(update_fields=["answered_at", "answer_seq"])
    act.data["ask"] = found.pk
    units = (act.case.lead_unit_id,) if act.case.lead_unit_id is not None else ()
    act.tell(OUTSIDE_ANSWERED, Whom(units=units, desks=(act.case.holder_code,)))


def find(token: str, now: datetime) -> OutsideAsk | None:
    """The question behind a link that still works; None for any other, whatever the reason."""
    return (
        OutsideAsk.objects.select_related("case__item_version")
        .filter(
            token_hash=token_hash(token),
            answered_at=None,
            revoked_at=None,
            expires_at__gt=now,
            case__state__in=sorted(OPEN_STATES),
        )
        .first()
    )


def note_look(ask: OutsideAsk, now: datetime) -> None:
    """Notes that the link was opened, the first time."""
    OutsideAsk.objects.filter(pk=ask.pk, looked_at=None).update(looked_at=now)


def question_of(ask: OutsideAsk) -> str | None:
    """The words of the question; None once they were erased."""
    return (
        CaseText.objects.filter(case=ask.case_id, seq=ask.seq, kind=TextKind.QUESTION)
        .values_list("body", flat=True)
        .first()
    )
