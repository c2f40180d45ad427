"""Versions of a form: drafted, checked, published, and then left as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, StalePage
from huying.forms.definition import Definition, faults_of, read
from huying.forms.models import FormVersion
from huying.forms.rendering import sheet_of
from huying.people.acting import Actor
from huying.people.models import Role
from huying.postgres.frozen import frozen
from huying.shelf import Shelf

EMPTY: dict[str, Any] = {"questions": []}
FRESH: Final = 1.0
"""Seconds for which a process trusts what it has read before it looks for others' changes."""


@dataclass(frozen=True, slots=True)
class Form:
    """A published version, ready to be asked."""

    id: int
    owner: str
    version: int
    definition: Definition
    written: Mapping[str, Any]
    _sheets: dict[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def sheet(self) -> Mapping[str, Any]:
        """The questions as a program draws them, in the reader's language; made once."""
        language = get_language() or ""
        found = self._sheets.get(language)
        if found is None:
            found = self._sheets.setdefault(language, sheet_of(self.definition))
        return found


def may_read(by: Actor) -> bool:
    """Whether somebody may look at drafts and earlier versions."""
    return may_change(by) or by.role == Role.AUDITOR


def may_change(by: Actor) -> bool:
    """Whether somebody may write questions: administrators, and the system itself."""
    return by.is_system or by.role == Role.ADMINISTRATOR


def in_force(owner: str) -> Form | None:
    """What an owner asks now; None when it asks nothing, or when what was sent can be none."""
    if "\0" in owner:
        return None  # the database would not even compare it
    rows = _latest(owner=owner)
    return form_of(rows[0]) if rows and rows[0].definition["questions"] else None


def all_in_force(prefix: str) -> dict[str, Form]:
    """What all owners of a kind ask now, by owner.

    Kept in this process: a change made by another is seen after at most ``FRESH`` seconds.
    """
    return {owner: form for owner, form in _shelf.of(None).items() if owner.startswith(prefix)}


def each_in_force(owners: Collection[str]) -> dict[str, Form]:
    """`in_force` of many owners at once, by owner; those that ask nothing are left out.

    Kept in this process, as `all_in_force`.
    """
    known = _shelf.of(None)
    return {owner: known[owner] for owner in owners if owner in known}


def forget() -> None:
    """Reads what all owners ask anew at the next look."""
    _shelf.clear()


def _stamp(_only: None) -> tuple[Any, ...]:
    published = FormVersion.objects.filter(version__isnull=False)
    found = published.aggregate(number=Count("id"), newest=Max("id"), last=Max("published_at"))
    return tuple(found.values())


def _read(_only: None, _stamp: object) -> dict[str, Form]:
    rows = FormVersion.objects.filter(version__isnull=False)
    latest = rows.order_by("owner", "-version").distinct("owner")
    return {row.owner: form_of(row) for row in latest if row.definition["questions"]}


_shelf = Shelf(_stamp, _read, fresh=FRESH)


def form_of(row: FormVersion) -> Form:
    """A published row as the other modules take it."""
    assert row.version is not None
    return Form(row.pk, row.owner, row.version, read(row.definition), row.definition)


def history(owner: str) -> list[FormVersion]:
    """The published versions, the newest first."""
    return list(_published(owner).reverse())


def draft_of(owner: str) -> FormVersion | None:
    return FormVersion.objects.filter(owner=owner, version=None).first()


@transaction.atomic
def write(
    owner: str,
    definition: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    seen: datetime | None = None,
    lent: bool = False,
) -> FormVersion:
    """Keeps a draft of the next version, faults and all: they matter when it is published.

    ``seen`` is when the draft was last changed as the writer knows it. ``lent`` says that whose
    questions they are has decided already that `by` may write them.

    Raises:
        NotAllowed: `by` is no administrator, and it is not lent.
        StalePage: somebody else has changed the draft since.
    """
    _only_administrators(by, lent)
    row = FormVersion.objects.select_for_update().filter(owner=owner, version=None).first()
    if row is None:
        row = FormVersion(owner=owner)
    elif seen is not None and row.changed_at != seen and row.changed_by != by.account_id:
        raise StalePage(_("Somebody else has changed this draft meanwhile."))
    row.definition, row.changed_at, row.changed_by = definition, now, by.account_id
    row.save()
    return row


@transaction.atomic
def publish(owner: str, *, by: Actor, now: datetime, lent: bool = False) -> Form:
    """Puts the draft into force as the next version, from this moment on.

    Raises:
        NotAllowed: `by` is no administrator, and it is not lent.
        NotFound: there is no draft.
        BadInput: the definition has faults, or says what the version in force says already.
    """
    _only_administrators(by, lent)
    row = FormVersion.objects.select_for_update().filter(owner=owner, version=None).first()
    if row is None:
        raise NotFound()
    if faults_of(row.definition):
        raise BadInput(_("The questions have faults; nothing was published."))
    before = _published(owner).last()
    if before is not None and before.definition == row.definition:
        raise BadInput(_("The draft says what the version in force says already."))
    if before is None and not row.definition["questions"]:
        raise BadInput(_("There is no question to publish."))
    row.version = 1 + (before.version or 0) if before is not None else 1
    row.published_at, row.published_by = now, by.account_id
    row.save()
    # Now for what the transaction itself still does, and again once others can see it.
    forget()
    transaction.on_commit(forget)
    return form_of(row)


@transaction.atomic
def discard(owner: str, *, by: Actor, lent: bool = False) -> None:
    """Takes the draft away. Published versions stay for good.

    Raises:
        NotAllowed: `by` is no administrator, and it is not lent.
    """
    _only_administrators(by, lent)
    FormVersion.objects.filter(owner=owner, version=None).delete()


def _published(owner: str) -> Any:
    return FormVersion.objects.filter(owner=owner, version__isnull=False).order_by("version")


@frozen
def _latest(owner: Any) -> QuerySet[FormVersion]:
    rows: QuerySet[FormVersion] = _published(owner)
    return rows.reverse()[:1]


def _only_administrators(by: Actor, lent: bool = False) -> None:
    if not (lent or may_change(by)):
        raise NotAllowed(_("Only an administrator may change questions."))
