"""The resident is heard: asked and answers, takes the report back, sees photos, is forgotten."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.audit import crypto
from huying.audit.codes import code_under, typed_code
from huying.audit.keys import KeyPurpose
from huying.audit.sm3 import sm3
from huying.cases.answers import CaseAnswers
from huying.cases.attaching import take_up
from huying.cases.closing import refuse_while_held
from huying.cases.erasing import erase
from huying.cases.models import (
    Attachment,
    Case,
    CaseAddressWords,
    CaseContact,
    CaseEvent,
    CaseParty,
    CaseText,
    Channel,
    TextKind,
)
from huying.cases.states import State
from huying.cases.unlinking import remove_with_commit
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import BadInput, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.acting import SYSTEM, ActorKind
from huying.places.locating import index
from huying.response.residents import ResidentAsk, ResidentLink

RESIDENT_ANSWERED = kind(
    "resident_answered",
    _("A resident answered"),
    _("The resident has answered your question: {item}."),
    group=Group.TASKS,
)
RESIDENT_WITHDREW = kind(
    "resident_withdrew",
    _("A resident took a report back"),
    _("Taken back by who reported it: {item}. Nothing more is to be done."),
    group=Group.TASKS,
)
ERASURE_ASKED = kind(
    "erasure_asked",
    _("A resident asks to be forgotten"),
    _("Personal data are to be erased: {item}. Please decide."),
    group=Group.DESK,
)


def code_of(case: Case) -> str:
    """The case's code. It follows from the case and the installation's key, and is not kept."""
    return code_under(_named(case))


def _named(case: Case) -> str:
    return f"resident:{case.pk}"


def code_hash(code: str) -> bytes:
    return sm3(f"resident-link:{code}".encode())


def make_link(case: Case, now: datetime) -> str:
    """Lets the resident follow the case; doing it again changes nothing. The code to follow by.

    Codes once followed from the key of blind indexes. Such a code goes on until that key is
    removed, and is then replaced by one that stays.
    """
    code = code_of(case)
    link, new = ResidentLink.objects.get_or_create(
        case=case,
        defaults={
            "district_code": case.district_code,
            "code_hash": code_hash(code),
            "made_at": now,
        },
    )
    if not new and bytes(link.code_hash) != code_hash(code):
        for key_id in crypto.provider().key_ids(KeyPurpose.INDEX):
            older = code_under(_named(case), KeyPurpose.INDEX, key_id=key_id)
            if bytes(link.code_hash) == code_hash(older):
                return older
        link.code_hash = code_hash(code)
        link.save(update_fields=["code_hash"])
    return code


def find(given: str) -> ResidentLink | None:
    """The link of a code; None for any other, whatever the reason."""
    code = typed_code(given)
    if code is None:
        return None
    hashed = code_hash(code)
    found = (
        ResidentLink.objects.select_related("case__item_version").filter(code_hash=hashed).first()
    )
    if found is None or not secrets.compare_digest(bytes(found.code_hash), hashed):
        return None
    return found


def link_of(case: Case) -> ResidentLink:
    """The link of a case that a resident follows.

    Raises:
        WrongState: no resident does.
    """
    found = ResidentLink.objects.filter(case=case).first()
    if found is None:
        raise WrongState(_("No resident follows this case."))
    return found


@verb("give_code")
def give_code(act: Act) -> None:
    """给市民查询码: who reported by telephone or at a counter may follow the case from now on.

    It stands on the case that is returned, as ``shown_once``. Who reported on the public page has
    a code of their own, which is nobody else's to see.

    Raises:
        WrongState: the resident has a code from the public page, or nobody's phone is known.
    """
    case = act.case
    if case.channel == Channel.RESIDENT:
        raise WrongState(_("Who reported this has had a code since then."))
    if not CaseContact.objects.filter(case=case, party=False, phone_index__isnull=False).exists():
        raise WrongState(_("No phone of a resident is known, so nobody can be told a code."))
    case.has_code = True
    case.shown_once = make_link(case, act.now)


@verb("ask_resident")
def ask_resident(act: Act, *, question: str = "") -> None:
    """请居民补充: the question stands on the page that the resident follows the case by.

    Raises:
        Missing: nothing is asked.
        WrongState: nobody follows the case, or a question is open already.
    """
    link_of(act.case)
    if ResidentAsk.objects.filter(case=act.case, answered_at=None).exists():
        raise WrongState(_("A question to the resident is open already."))
    act.text(TextKind.QUESTION, question, needed="question")
    ResidentAsk.objects.create(
        case=act.case,
        district_code=act.case.district_code,
        seq=act.seq,
        unit_id=act.by.unit_id if act.by.unit_id == act.case.lead_unit_id else None,
        asked_at=act.now,
    )


@verb("resident_answer")
def resident_answer(act: Act, *, text: str = "", photos: Sequence[uuid.UUID] = ()) -> None:
    """居民补充: the answer to the question that is open.

    Raises:
        WrongState: none is.
        Missing: no words.
    """
    asked = ResidentAsk.objects.select_for_update().filter(case=act.case, answered_at=None).first()
    if asked is None:
        raise WrongState(_("There is no open question to you."))
    act.text(TextKind.ANSWER, text, needed="text")
    if photos:
        take_up(act.case, photos, by=act.by, seq=act.seq)
        act.data["photos"] = [str(photo) for photo in photos]
    asked.answered_at = act.now
    asked.answer_seq = act.seq
    asked.save(update_fields=["answered_at", "answer_seq"])
    units = (asked.unit_id,) if asked.unit_id is not None else ()
    act.tell(
        RESIDENT_ANSWERED,
        Whom(units=units, desks=(act.case.holder_code,)),
        item=item_name(act.case),
    )


@verb("resident_withdraw")
def resident_withdraw(act: Act, *, reason: str = "") -> None:
    """居民撤回: before the unit has begun, and never an emergency.

    Raises:
        Missing: no reason.
        OnHold: something of a later stage, a sub-case for one, holds the case open.
    """
    case = act.case
    refuse_while_held(case)
    act.text(TextKind.REASON, reason, needed="reason")
    case.orders.filter(ended_at=None).update(ended_at=act.now)
    act.leaves(CaseParty.Part.LEAD, CaseParty.Part.ASSIST)
    units = (case.lead_unit_id,) if case.lead_unit_id is not None else ()
    act.goes_to(State.WITHDRAWN)
    act.tell(RESIDENT_WITHDREW, Whom(units=units, desks=(case.holder_code,)), item=item_name(case))


@verb("share_photos")
def share_photos(act: Act, *, photos: Sequence[uuid.UUID] = ()) -> None:
    """公开照片: which photos after handling the resident may see; none takes all back.

    Raises:
        BadInput: one is no photo after handling of this case.
        WrongState: no resident follows it.
    """
    link, chosen = link_of(act.case), list(dict.fromkeys(photos))
    fitting = Attachment.objects.filter(
        case=act.case, pk__in=chosen, kind=Attachment.Kind.PHOTO_AFTER
    )
    if fitting.count() != len(chosen):
        raise BadInput(_("A photo is not there or is used already."), field="photos")
    link.photos = [str(each) for each in chosen]
    link.save(update_fields=["photos"])
    act.data["shared"] = link.photos


@verb("ask_erasure")
def ask_erasure(act: Act) -> None:
    """申请删除个人信息: the desk decides on it.

    Raises:
        WrongState: it was asked already.
    """
    if act.case.erasure_asked:
        raise WrongState(_("This was asked for already."))
    act.case.erasure_asked = True
    act.tell(ERASURE_ASKED, Whom(desks=(act.case.holder_code,)), item=item_name(act.case))


@verb("confirm_erasure")
def confirm_erasure(act: Act, *, photos: bool = True, place: bool = True) -> None:
    """确认删除: the resident's contact, words and answers go, and the address with them.

    What is gone is recorded by an event of its own, as of all that is erased. With ``photos`` the
    pictures that the resident sent go too, and their digests stay in the event; with ``place`` the
    position becomes the middle of its grid.
    """
    case = act.case
    if photos:
        _erase_photos(act)
    if place:
        _coarsen(act)
    said = CaseEvent.objects.filter(case_id=case.pk, actor_kind=str(ActorKind.RESIDENT))
    seqs = [1, *said.values_list("seq", flat=True)]
    texts = list(CaseText.objects.filter(case=case, seq__in=seqs).values_list("pk", flat=True))
    contacts = list(CaseContact.objects.filter(case=case, party=False).values_list("pk", flat=True))
    answers = list(CaseAnswers.objects.filter(case=case).values_list("pk", flat=True))
    case.erasure_asked = False
    case.address = ""
    CaseAddressWords.objects.filter(case=case).delete()
    if texts or contacts or answers:
        act.next = lambda done: erase(
            done, by=SYSTEM, now=act.now, texts=texts, contacts=contacts, answers=answers
        )


def _erase_photos(act: Act) -> None:
    """Rows now, files once it is committed: what was not erased after all is still whole."""
    sent = Attachment.objects.filter(case=act.case, uploader_kind=str(ActorKind.RESIDENT))
    gone = [(each.pk, each.kind, bytes(each.digest).hex()) for each in sent]
    sent.delete()
    if gone:
        act.data["photos_erased"] = [
            {"id": str(pk), "digest": digest} for pk, _kind, digest in gone
        ]
    remove_with_commit((pk, kind) for pk, kind, _digest in gone)


def _coarsen(act: Act) -> None:
    """The middle of the grid in place of the point; what was told to find it goes."""
    case = act.case
    middle = index().areas.get(case.grid_code)
    if case.lon is None or middle is None:
        return
    case.lon, case.lat = round(middle.lon, 6), round(middle.lat, 6)
    case.told_lon = case.told_lat = case.accuracy_m = None
    case.told_datum = ""
    act.data["place_coarsened"] = True
