"""What a desk does with a topic: put reports apart, join topics, handle and answer them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cases.flow import ROWS
from huying.cases.merging import merge
from huying.cases.models import Case, CaseContact, Channel
from huying.cases.states import OPEN_STATES, State
from huying.cases.verbs import keepable
from huying.errors import BadInput, HuyingError, Missing, NotAllowed, NotFound, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor
from huying.people.models import Role
from huying.response.residents import ResidentLink
from huying.topics.building import describe, people_of
from huying.topics.models import Topic, TopicAnswer, TopicMember, TopicTold

Way = TopicTold.Way
LONGEST: Final = 1000

ANSWERED = kind(
    "topic_answered",
    _("A report of yours was answered"),
    _("{item}, number …{serial}: all who reported this problem were given one answer."),
    group=Group.OTHER,
)


def may_see(actor: Actor) -> bool:
    """Desks, and the leaders above them."""
    return actor.role == Role.DISPATCHER or actor.is_leader


def seen_by(actor: Actor) -> QuerySet[Topic]:
    """Topics that lie wholly in the actor's area."""
    if not may_see(actor) or not actor.area_code:
        return Topic.objects.none()
    return Topic.objects.filter(area_code__startswith=actor.area_code)


def members_of(topic: Topic) -> list[Case]:
    """The cases of a topic, the newest first."""
    mine = TopicMember.objects.filter(topic=topic, removed_at=None).values("case")
    return list(Case.objects.filter(pk__in=mine).for_pages().order_by("-received_at"))


def locked(key: UUID, by: Actor) -> Topic:
    """A topic that is open, for whoever decides on it. Inside a transaction.

    Raises:
        NotFound: there is none that the actor sees.
        NotAllowed: the actor is no desk.
        WrongState: it was dismissed or joined to another.
    """
    found = seen_by(by).select_for_update(of=("self",)).filter(pk=key).first()
    if found is None:
        raise NotFound()
    if by.role != Role.DISPATCHER:
        raise NotAllowed(_("Only a desk decides on topics."))
    if found.state != Topic.State.OPEN:
        raise WrongState(_("This topic is not open any more."))
    return found


@transaction.atomic
def put_apart(key: UUID, case: UUID, *, by: Actor, now: datetime) -> Topic:
    """拆出: a report does not belong; it will not come back into this topic.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or the case is not in it.
    """
    topic = locked(key, by)
    gone = TopicMember.objects.filter(topic=topic, case=case, removed_at=None)
    if not gone.update(removed_at=now, removed_by=by.account_id):
        raise NotFound()
    describe(topic, now)
    return topic


@transaction.atomic
def join(key: UUID, other: UUID, *, by: Actor, now: datetime) -> Topic:
    """合并话题: the reports of this topic go to the other, which goes on for both.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`.
        BadInput: they are the same.
    """
    if key == other:
        raise BadInput(_("Please choose another topic."), field="other")
    # In one order, so that two that are joined to each other do not wait for each other.
    found = {each: locked(each, by) for each in sorted((key, other))}
    topic, goes_on = found[key], found[other]
    there = set(TopicMember.objects.filter(topic=goes_on).values_list("case_id", flat=True))
    moving = TopicMember.objects.filter(topic=topic, removed_at=None)
    moving.exclude(case__in=there).update(topic=goes_on)
    # What was put apart from the other once is told now to belong after all.
    back = set(moving.values_list("case_id", flat=True))
    moving.delete()
    TopicMember.objects.filter(topic=goes_on, case__in=back).update(
        removed_at=None, removed_by=None
    )
    topic.state, topic.joined_into = Topic.State.JOINED, goes_on
    topic.ended_at, topic.ended_by_id = now, by.account_id
    describe(topic, now)
    if goes_on.case is None:
        goes_on.case = topic.case
    describe(goes_on, now)
    return goes_on


@transaction.atomic
def dismiss(key: UUID, reason: str, *, by: Actor, now: datetime) -> Topic:
    """不作为热点: for a reason from the list.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`.
        Missing: no reason from the list.
    """
    topic = locked(key, by)
    if reason not in Topic.Reason.values:
        raise Missing(_("Please choose a reason."), field="reason")
    topic.state, topic.reason = Topic.State.DISMISSED, reason
    topic.ended_at, topic.ended_by_id = now, by.account_id
    topic.save()
    return topic


# --- one case for all

_FURTHEST: Final = (
    State.HANDLING,
    State.DISPATCHED,
    State.ACCEPTED,
    State.REPORTED,
    State.HANDLED,
    State.CHECKED,
)


def best_main(cases: Sequence[Case]) -> Case | None:
    """Which case should go on for all: the one that is furthest, then the oldest."""
    fit = [case for case in cases if case.state in OPEN_STATES]
    order = {state: place for place, state in enumerate(_FURTHEST)}
    return min(
        fit,
        key=lambda case: (order.get(State(case.state), 9), case.received_at, case.pk),
        default=None,
    )


def to_merge(cases: Sequence[Case], main: Case | None) -> list[Case]:
    """Members that may still be merged into the main case."""
    return [case for case in cases if case.state in ROWS["merge"].sources and case != main]


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of handling a topic as one: the cases merged, and those that were refused, why."""

    main: Case
    done: tuple[Case, ...]
    refused: tuple[tuple[Case, str], ...]


def handle_as_one(key: UUID, main: UUID, *, by: Actor, now: datetime, reason: str) -> Merged:
    """一案统办: the other members are merged into the main case, each by the verb that always does.

    Doing it again merges what has come in since. A member that another desk holds, or that is too
    far to be merged, is named and left.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`.
        BadInput: the main case is no open member.
        Missing: no reason.
    """
    with transaction.atomic():
        topic = locked(key, by)
        cases = members_of(topic)
        chosen = next((case for case in cases if case.pk == main), None)
        if chosen is None or chosen.state not in OPEN_STATES:
            raise BadInput(_("Please choose an open case of the topic."), field="main")
        if not reason.strip():
            raise Missing(_("Please give a reason."), field="reason")
        topic.case = chosen
        topic.save(update_fields=["case"])
    done, refused = [], []
    for case in to_merge(cases, chosen):
        try:
            done.append(merge(case.pk, by=by, now=now, into=chosen.pk, reason=reason))
        except HuyingError as error:
            refused.append((case, str(error)))
    return Merged(chosen, tuple(done), tuple(refused))


# --- one answer for all


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody to be told: under which report, and in which way."""

    case: Case
    way: Way


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is told an answer, each once, and how many cannot be."""

    reached: tuple[Reached, ...]
    again: int
    nobody: int

    def by(self, way: str) -> int:
        return sum(1 for each in self.reached if each.way == way)

    @property
    def links(self) -> int:
        return self.by(Way.LINK)

    @property
    def phones(self) -> int:
        return self.by(Way.PHONE)

    @property
    def inboxes(self) -> int:
        return self.by(Way.INBOX)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reported once or more of a topic, and the best way in which to tell them anything."""

    cases: frozenset[UUID]
    way: Reached | None


def reporters_of(cases: Sequence[Case]) -> list[Reporter]:
    """The people behind a topic's cases, each once.

    The page by which a report is followed comes first, then a call; a grid worker who reported is
    told in the inbox.
    """
    ids = [case.pk for case in cases]
    links = set(ResidentLink.objects.filter(case__in=ids).values_list("case_id", flat=True))
    contacts = CaseContact.objects.filter(case__in=ids, party=False, phone_index__isnull=False)
    phones = set(contacts.values_list("case_id", flat=True))
    people = people_of(cases)
    grouped: dict[str, list[Case]] = {}
    for case in cases:
        grouped.setdefault(people.get(case.pk, f"case:{case.pk}"), []).append(case)
    return [
        Reporter(frozenset(case.pk for case in theirs), _way_to(theirs, links, phones))
        for theirs in grouped.values()
    ]


def reach(reporters: Sequence[Reporter], answer: TopicAnswer | None = None) -> Reach:
    """Whom an answer reaches; with ``answer``, those who were told it already are left out."""
    told: set[UUID] = set()
    if answer is not None:
        told = set(answer.told.values_list("case_id", flat=True))
    left = [each for each in reporters if not told & each.cases]
    reached = tuple(each.way for each in left if each.way is not None)
    return Reach(reached, len(reporters) - len(left), len(left) - len(reached))


def _way_to(cases: Sequence[Case], links: set[UUID], phones: set[UUID]) -> Reached | None:
    for case in cases:
        if case.pk in links:
            return Reached(case, Way.LINK)
    for case in cases:
        if case.pk in phones:
            return Reached(case, Way.PHONE)
    for case in cases:
        if case.channel == Channel.PATROL and case.reporter_id is not None:
            return Reached(case, Way.INBOX)
    return None


@transaction.atomic
def answer_all(key: UUID, text: str, *, by: Actor, now: datetime) -> tuple[TopicAnswer, Reach]:
    """统一答复: one answer to all who reported, each told once.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`.
        Missing, BadInput: no words, or too many.
    """
    topic = locked(key, by)
    text = text.strip()
    if not text:
        raise Missing(_("Please write the answer."), field="text")
    if len(text) > LONGEST or not keepable(text):
        raise BadInput(_("The answer is too long, or cannot be kept."), field="text")
    answer = TopicAnswer.objects.create(topic=topic, text=text, by_id=by.account_id, at=now)
    found = reach(reporters_of(members_of(topic)))
    _tell(answer, found, now)
    return answer, found


@transaction.atomic
def answer_newcomers(key: UUID, *, by: Actor, now: datetime) -> Reach:
    """The last answer to those who reported since.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or nothing was answered yet.
    """
    topic = locked(key, by)
    answer = topic.answers.first()
    if answer is None:
        raise WrongState(_("Nothing was answered yet."))
    found = reach(reporters_of(members_of(topic)), answer)
    _tell(answer, found, now)
    return found


def _tell(answer: TopicAnswer, found: Reach, now: datetime) -> None:
    TopicTold.objects.bulk_create(
        TopicTold(
            answer=answer,
            case=each.case,
            way=each.way,
            told_at=None if each.way == Way.PHONE else now,
        )
        for each in found.reached
    )
    for each in found.reached:
        if each.way == Way.INBOX and each.case.reporter_id is not None:
            item = each.case.item_version.name if each.case.item_version else ""
            tell(
                ANSWERED,
                Whom(accounts=(each.case.reporter_id,)),
                key=f"topic-answer:{answer.pk}",
                district_code=each.case.district_code,
                now=now,
                case_id=each.case.pk,
                case_number=each.case.number,
                data={"item": item, "serial": each.case.number[-8:]},
            )


@transaction.atomic
def called(key: UUID, told: UUID, *, by: Actor, now: datetime) -> None:
    """Somebody who is told by phone was called.

    Raises:
        NotFound, NotAllowed, WrongState: as `locked`; or nobody of that number waits.
    """
    topic = locked(key, by)
    row = TopicTold.objects.filter(pk=told, answer__topic=topic, way=Way.PHONE, told_at=None)
    if not row.update(told_at=now, told_by=by.account_id):
        raise NotFound()


def answers_to(case: UUID) -> list[TopicAnswer]:
    """What the page of a resident's report says in answer, the newest first."""
    told = TopicTold.objects.filter(case=case, way=Way.LINK)
    return [each.answer for each in told.select_related("answer").order_by("-answer__at")]
