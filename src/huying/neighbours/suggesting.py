"""意见建议: collected, sorted, answered or adopted, made a project or a case, carried out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import revealing
from huying.audit.crypto import blind_index, blind_indexes, decrypt_text, encrypt_text
from huying.audit.identifiers import new_id
from huying.audit.masking import masked_phone
from huying.audit.revealing import OF_CASES, Purpose, Subject
from huying.audit.sm3 import sm3
from huying.cases.models import Case
from huying.cases.states import State
from huying.errors import BadInput, KeyReused, NotAllowed, NotFound, WrongState
from huying.neighbours import photos, sorting, wishing
from huying.neighbours.codes import code_hash, code_of
from huying.neighbours.models import Suggestion, SuggestionTopic, Wish
from huying.neighbours.models.suggestions import Source, SuggestionState
from huying.neighbours.models.wishes import Stage, WishState
from huying.neighbours.noting import note, require_version, words_of
from huying.neighbours.sight import may_help, may_keep
from huying.neighbours.telling import tell_desk_of_suggestion
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.phones import plain_phone


@dataclass(frozen=True, slots=True)
class Said:
    """A suggestion as it was made.

    Attributes:
        form: the number of the public form; sent twice, it makes one suggestion.
    """

    area_code: str
    words: str
    spot: str = ""
    phone: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    form: str = ""

    @property
    def whole(self) -> str:
        """All of it as one string. Its keyed digest is kept, by which nobody guesses a phone."""
        return json.dumps([self.area_code, self.words, self.spot, self.phone], ensure_ascii=False)


def _source(by: Actor, area_code: str) -> Source:
    """Raises NotAllowed for who has no part here."""
    if by.kind is ActorKind.RESIDENT:
        return Source.PUBLIC
    if may_keep(by, area_code):
        return Source.DESK
    if may_help(by):
        return Source.MEMBER
    raise NotAllowed


@transaction.atomic
def collect(said: Said, *, by: Actor, now: datetime) -> tuple[Suggestion, str]:
    """The suggestion, sorted as its words suggest, and the code to follow it by.

    Raises:
        NotAllowed: the actor has no part in this community.
        BadInput, Missing: what was said is not right.
        KeyReused: the form was sent before with other words.
    """
    wishing.require_community(said.area_code)
    source, sent = _source(by, said.area_code), said.whole
    hashed = form_hash(said.form) if said.form else None
    if hashed is not None and (before := Suggestion.objects.filter(form_hash=hashed).first()):
        return _again(before, sent)
    words = words_of(said.words, field="words")
    phone, pk = plain_phone(said.phone), new_id()
    code = code_of(pk)
    topics = sorting.ensure(said.area_code)
    try:
        with transaction.atomic():
            made = Suggestion.objects.create(
                id=pk,
                district_code=said.area_code[:6],
                area_code=said.area_code,
                source=source,
                topic=sorting.likely(words, topics),
                words=words,
                spot=words_of(said.spot, field="spot", most=100, needed=False),
                phone_enc=encrypt_text(phone, context=_context(pk)) if phone else None,
                phone_masked=masked_phone(phone)[:20],
                phone_index=blind_index(phone) if phone else None,
                account_id=by.account_id,
                code_hash=code_hash(code),
                form_hash=hashed,
                said_digest=blind_index(sent),
                collected_at=now,
            )
    except IntegrityError:
        # The same form came in beside this one.
        return _again(Suggestion.objects.get(form_hash=hashed), sent)
    photos.hold(said.photos, Stage.BEFORE, by=by, now=now, suggestion=made)
    note(made, "collect", by=by, now=now, source=str(source))
    if source != Source.DESK:
        tell_desk_of_suggestion(made, now)
    return made, code


def form_hash(form: str) -> bytes:
    """What is kept of a form's number."""
    return sm3(f"suggestion-form:{form}".encode())


def _again(before: Suggestion, sent: str) -> tuple[Suggestion, str]:
    if bytes(before.said_digest) not in blind_indexes(sent):
        raise KeyReused(_("This was sent before with other words; please look and send it again."))
    return before, code_of(before.pk)


def _context(pk: uuid.UUID) -> str:
    return f"suggestion.phone_enc.{pk}"


def _locked(pk: uuid.UUID, by: Actor, version: int | None) -> Suggestion:
    """The suggestion, held until the transaction ends, for who keeps it.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see, to keep, or has changed.
    """
    found = Suggestion.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not may_keep(by, found.area_code):
        raise NotAllowed
    require_version(found, version)
    return found


def _save(found: Suggestion) -> None:
    found.version += 1
    found.save()


@transaction.atomic
def sort(
    pk: uuid.UUID, topic: uuid.UUID | None, *, by: Actor, now: datetime, version: int | None = None
) -> Suggestion:
    """Puts it under another topic.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        BadInput: the community has no such topic.
    """
    found = _locked(pk, by, version)
    topics = SuggestionTopic.objects.filter(area_code=found.area_code)
    chosen = topics.filter(pk=topic).first() if topic is not None else None
    if chosen is None:
        raise BadInput(_("Please choose one."), field="topic")
    found.topic = chosen
    _save(found)
    note(found, "sort", by=by, now=now, topic=str(chosen.pk))
    return found


def _decide(found: Suggestion, state: SuggestionState, *, by: Actor, now: datetime) -> None:
    found.state, found.decided_at, found.decided_by_id = state, now, by.account_id
    _save(found)


def _fresh(found: Suggestion, *states: SuggestionState) -> None:
    if found.state not in states:
        raise WrongState(_("This suggestion was decided on already."))


@transaction.atomic
def answer(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> Suggestion:
    """Not adopted: who suggested it reads why.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: it was decided on.
        Missing: there is no reason.
    """
    found = _locked(pk, by, version)
    _fresh(found, SuggestionState.NEW)
    found.answer = words_of(words, field="answer", most=1000)
    _decide(found, SuggestionState.ANSWERED, by=by, now=now)
    note(found, "answer", by=by, now=now)
    return found


@transaction.atomic
def adopt(
    pk: uuid.UUID, words: str = "", *, by: Actor, now: datetime, version: int | None = None
) -> Suggestion:
    """Adopted: the community sees to it itself, as what it is turned into or as it is.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: it was decided on.
    """
    found = _locked(pk, by, version)
    _fresh(found, SuggestionState.NEW)
    found.answer = words_of(words, field="answer", most=1000, needed=False)
    _decide(found, SuggestionState.ADOPTED, by=by, now=now)
    note(found, "adopt", by=by, now=now)
    return found


@transaction.atomic
def to_wish(
    pk: uuid.UUID, told: wishing.Told, *, by: Actor, now: datetime, version: int | None = None
) -> Wish:
    """Turns it into a wish or project that waits to be published.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: it was answered, or became something already.
        BadInput, Missing: as `wishing.write`.
    """
    found = _locked(pk, by, version)
    _may_become(found)
    wish = wishing.write(found.area_code, told, by=by, now=now)
    found.wish = wish
    _decide(found, SuggestionState.ADOPTED, by=by, now=now)
    note(found, "to_wish", by=by, now=now, wish=str(wish.pk))
    return wish


def _may_become(found: Suggestion) -> None:
    _fresh(found, SuggestionState.NEW, SuggestionState.ADOPTED)
    if found.wish_id is not None or found.case_id is not None:
        raise WrongState(_("It was turned into something already."))


@transaction.atomic
def join(
    pk: uuid.UUID, wish: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None
) -> Suggestion:
    """Puts it to a wish or project that there is already, of the same community.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: as `to_wish`.
        BadInput: no such wish or project runs here.
    """
    found = _locked(pk, by, version)
    _may_become(found)
    running = [WishState.DRAFT, WishState.OPEN]
    other = Wish.objects.filter(pk=wish, area_code=found.area_code, state__in=running).first()
    if other is None:
        raise BadInput(_("Please choose one."), field="wish")
    found.wish = other
    _decide(found, SuggestionState.ADOPTED, by=by, now=now)
    note(found, "join", by=by, now=now, wish=str(other.pk))
    return found


@transaction.atomic
def to_case(
    pk: uuid.UUID, case: uuid.UUID, *, by: Actor, now: datetime, version: int | None = None
) -> Suggestion:
    """It is seen to as this case, which came in by the one door.

    Raises:
        NotFound, NotAllowed, StalePage, WrongState: as `to_wish`.
    """
    found = _locked(pk, by, version)
    _may_become(found)
    found.case_id = case
    _decide(found, SuggestionState.ADOPTED, by=by, now=now)
    note(found, "to_case", by=by, now=now, case=str(case))
    return found


@transaction.atomic
def carry_out(
    pk: uuid.UUID,
    words: str,
    *,
    before: Sequence[uuid.UUID] = (),
    after: Sequence[uuid.UUID] = (),
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Suggestion:
    """The desk says what was done, in words for everybody.

    Raises:
        NotFound, NotAllowed, StalePage: as `_locked`.
        WrongState: it was not adopted, or what it became goes on.
        Missing, BadInput: no words; a photo is not there.
    """
    found = _locked(pk, by, version)
    if found.state not in (SuggestionState.ADOPTED, SuggestionState.DONE):
        raise WrongState(_("First it has to be adopted."))
    if found.wish is not None and found.wish.state in (WishState.DRAFT, WishState.OPEN):
        raise WrongState(_("What it became is not done yet."))
    if found.case is not None and found.case.state != State.CLOSED:
        raise WrongState(_("The case that it became is not closed yet."))
    found.done_words = words_of(words, field="done_words", most=1000)
    photos.hold(before, Stage.BEFORE, by=by, now=now, suggestion=found)
    photos.hold(after, Stage.AFTER, by=by, now=now, suggestion=found)
    _done(found, by=by, now=now)
    return found


def _done(found: Suggestion, *, by: Actor, now: datetime) -> None:
    found.state, found.done_at = SuggestionState.DONE, found.done_at or now
    _save(found)
    note(found, "done", by=by, now=now)


def wish_was_done(wish: Wish, *, by: Actor, now: datetime) -> int:
    """What was suggested is carried out with the wish or project that it became; how many."""
    adopted = Suggestion.objects.select_for_update(of=("self",)).filter(
        wish=wish, state=SuggestionState.ADOPTED
    )
    for found in (rows := list(adopted)):
        _done(found, by=by, now=now)
    return len(rows)


def follow_cases(*, now: datetime) -> int:
    """What was suggested is carried out when the case that it became is closed; how many."""
    done = 0
    closed = Suggestion.objects.filter(
        state=SuggestionState.ADOPTED, case__in=Case.objects.filter(state=State.CLOSED)
    )
    for pk in list(closed.values_list("pk", flat=True)):
        with transaction.atomic():
            rows = Suggestion.objects.select_for_update(of=("self",), skip_locked=True)
            found = rows.filter(pk=pk, state=SuggestionState.ADOPTED).first()
            if found is not None:
                _done(found, by=SYSTEM, now=now)
                done += 1
    return done


def phone_for_case(found: Suggestion) -> str:
    """The phone of who suggested it, to be sealed again with the case. Nobody is shown it."""
    if found.phone_enc is None:
        return ""
    return decrypt_text(found.phone_enc, context=_context(found.pk))


def reveal(
    pk: uuid.UUID, *, purpose: Purpose | str, words: str = "", by: Actor, now: datetime
) -> str:
    """The phone in clear, for a purpose; the look is recorded first.

    Raises:
        NotFound: it is not the actor's to see, or there is no phone.
        NotAllowed: they do not keep it.
        Missing, TooMany: as `audit.revealing.reveal`.
    """
    found = Suggestion.objects.visible_to(by).filter(pk=pk).first()
    if found is None or found.phone_enc is None:
        raise NotFound
    if not may_keep(by, found.area_code):
        raise NotAllowed
    person = bytes(found.phone_index) if found.phone_index else b""
    return revealing.reveal(
        Subject("suggestion", found.pk, area_code=found.area_code, person=person),
        opening=lambda: phone_for_case(found),
        fields=["phone"],
        purpose=purpose,
        among=OF_CASES,
        words=words,
        by=by,
        now=now,
        action="reveal_suggestion",
    )
