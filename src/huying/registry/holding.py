"""Taking hold of one record: seen, living, the actor's to write about, and as they saw it."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from huying.errors import NotAllowed, NotFound, StalePage
from huying.people.acting import Actor
from huying.registry.models import Record
from huying.registry.sight import may_write

R = TypeVar("R", bound=Record)


def locked(model: type[R], pk: UUID, *, by: Actor, version: int | None = None) -> R:
    """A living record that the actor may write about, held until the transaction ends.

    Raises:
        NotFound: it is not there, has ended, or is out of sight.
        NotAllowed: it is not the actor's to write about.
        StalePage: it was changed since the version that the actor saw.
    """
    rows: Any = model._default_manager
    found: R | None = (
        rows.visible_to(by).living().select_for_update(of=("self",)).filter(pk=pk).first()
    )
    if found is None:
        raise NotFound
    allow(found.area_code, by)
    if version is not None and version != found.version:
        raise StalePage(_("Someone else changed this record in the meantime."))
    return found


def allow(area_code: str, by: Actor) -> None:
    """Lets through who may write about a place.

    Raises:
        NotAllowed: everybody else.
    """
    if not (by.is_system or may_write(by, area_code)):
        raise NotAllowed
