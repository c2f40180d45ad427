"""A list with names and phones: asked for with a purpose, and written once somebody else agreed.

Who decides leads the area that asked, or one around it, and is another person. The file is capped,
says on every row and every printed page who took it, when, and its number, and the access log has
a row for each case whose contacts went into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.audit import access
from huying.audit.models import AccessLog
from huying.audit.revealing import OF_CASES, keep_words, require_purpose, words_of
from huying.cases.contacts import MAY_REVEAL, contacts_for_file, marks_for_file
from huying.cases.models import Case
from huying.desk import queue
from huying.desk.filters import Filters
from huying.desk.models import Export
from huying.errors import NotAllowed, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.people.acting import Actor, actor_for
from huying.places import naming

ASKED = kind(
    "clear_export_asked",
    gettext_lazy("A list with names and phones"),
    gettext_lazy("{who} of {desk} asks for a list with names and phones; please decide."),
    group=Group.DESK,
)
AGREED = kind(
    "clear_export_agreed",
    gettext_lazy("Your list with names and phones"),
    gettext_lazy("Your list with names and phones was agreed to and is being written."),
    group=Group.DESK,
)
REFUSED = kind(
    "clear_export_refused",
    gettext_lazy("Your list with names and phones"),
    gettext_lazy("Your list with names and phones was refused."),
    group=Group.DESK,
)


def ask(like: Export, *, by: Actor, purpose: str, words: str, now: datetime) -> Export:
    """Asks for the list of an export once more, with names and phones.

    Raises:
        NotAllowed: the role has no need of them.
        Missing: no purpose, or no words.
        WrongState: the same was asked for already, or there are too many cases, or none.
    """
    if by.role not in MAY_REVEAL:
        raise NotAllowed()
    require_purpose(purpose, words, OF_CASES)
    waiting = Export.objects.filter(account=by.account_id, state=Export.State.ASKED)
    if waiting.filter(query=like.query).exists():
        raise WrongState(_("You have asked for this already; somebody has to decide."))
    assert by.post_id is not None
    with transaction.atomic():
        frozen = [str(pk) for pk in chosen(by, like.query, now)[: most() + 1]]
        if not frozen:
            raise WrongState(_("No case fits this list any more."))
        if len(frozen) > most():
            raise WrongState(
                _("At most %(n)s cases with names and phones; please narrow the list down first.")
                % {"n": most()}
            )
        made = Export.objects.create(
            account_id=like.account_id,
            post_id=by.post_id,
            query=like.query,
            state=Export.State.ASKED,
            with_contacts=True,
            purpose=purpose,
            frozen=frozen,
            asked_at=now,
            touched_at=now,
        )
        _record("ask_clear_export", made, by, now, purpose, words)
        areas = (by.area_code[:n] for n in (6, 9, 12) if n <= len(by.area_code))
        tell(
            ASKED,
            Whom(leaders=tuple(areas), but=(like.account_id,)),
            key=f"clear_export:{made.pk}",
            district_code=by.area_code[:6],
            now=now,
            path="/desk/exports/asked",
            data={"who": by.name, "desk": naming.own_name(by.area_code)},
        )
    return made


def chosen(by: Actor, query: str, now: datetime) -> Any:
    """The ids of the cases of a view of the queue, as this post sees them now."""
    filters = Filters.read(QueryDict(query), by)
    return (
        filters.applied(queue.of_tab(filters.tab, by), now)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def agreed(export: Export, cases: QuerySet[Case]) -> QuerySet[Case]:
    """Of the cases that the post sees those alone that were asked for and agreed to."""
    return cases.filter(pk__in=export.frozen or [])


def words_of_asking(exports: Iterable[Export]) -> dict[UUID, str]:
    """What was said in words when the lists were asked for; for who decides."""
    asked = AccessLog.objects.filter(
        action="ask_clear_export", subject_id__in=[str(each.pk) for each in exports]
    )
    entries = dict(asked.values_list("pk", "subject_id"))
    return {UUID(entries[pk]): words for pk, words in words_of(entries).items()}


def may_decide(actor: Actor) -> bool:
    """Leaders do; of which lists is in `to_decide`."""
    return actor.is_leader


def to_decide(actor: Actor) -> Any:
    """The lists that wait for this person."""
    asked = Export.objects.filter(state=Export.State.ASKED, frozen__isnull=False)
    around = asked.filter(post__area_code__startswith=actor.area_code)
    others = around.exclude(account=actor.account_id)
    return others.select_related("account", "post__unit").order_by("asked_at")


def decide(pk: UUID, *, by: Actor, agree: bool, now: datetime) -> Export:
    """Lets the list be written, or not.

    Raises:
        NotAllowed: by no leader.
        WrongState: it waits for nobody, or not for this person.
    """
    if not may_decide(by):
        raise NotAllowed()
    state = Export.State.WAITING if agree else Export.State.REFUSED
    with transaction.atomic():
        mine = to_decide(by).filter(pk=pk).values("pk")
        if not Export.objects.filter(pk__in=mine, state=Export.State.ASKED).update(
            state=state, decided_by=by.account_id, decided_at=now, touched_at=now, asked_at=now
        ):
            raise WrongState(_("This list waits for no decision of yours."))
        made = Export.objects.select_related("post").get(pk=pk)
        _record("agree_clear_export" if agree else "refuse_clear_export", made, by, now)
        tell(
            AGREED if agree else REFUSED,
            Whom(accounts=(made.account_id,)),
            key=f"clear_export:{made.pk}:decided",
            district_code=made.post.area_code[:6],
            now=now,
            path="/desk/exports",
        )
    return made


def most() -> int:
    """Cases in one list with names and phones."""
    return int(settings.HUYING.export_most_contacts)


def mark_of(export: Export) -> str:
    """What stands on every row and page: who, when, and the list's number."""
    at = timezone.localtime(export.decided_at or export.asked_at)
    return f"{export.account.name} {at:%Y-%m-%d %H:%M} {export.pk.hex[-12:]}"


def contacts(export: Export, cases: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Names and phones for the file. That they went into it is written down first."""
    now, keys = datetime.now(UTC), list(cases)
    by = actor_for(export.post, timezone.localdate(now))
    places = dict(Case.objects.filter(pk__in=keys).values_list("pk", "area_code"))
    people = marks_for_file(keys)
    with transaction.atomic():
        for pk in keys:
            access.record(
                action="export_contact",
                subject_type="case",
                subject_id=pk,
                now=now,
                by=by,
                purpose=export.purpose,
                fields=["name", "phone"],
                area_code=places.get(pk, ""),
                occasion=str(export.pk),
                person=people.get(pk, b""),
            )
    return contacts_for_file(keys)


def _record(
    action: str, export: Export, by: Actor, now: datetime, purpose: str = "", words: str = ""
) -> None:
    entry = access.record(
        action=action,
        subject_type="export",
        subject_id=export.pk,
        now=now,
        by=by,
        purpose=str(purpose),
        purpose_text=words,
        fields=["name", "phone"],
    )
    keep_words(entry, words)
