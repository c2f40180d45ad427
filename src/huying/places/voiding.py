"""Takes a grid out of force. Its code, reason and history stay, and no grid gets its code again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotFound, WrongState
from huying.places import freshness
from huying.places.models import Grid, GridChange

REASON_MOST = 200


def checked_reason(reason: str) -> str:
    """The reason for voiding, trimmed.

    Raises:
        BadInput: it is empty or too long.
    """
    reason = reason.strip()
    if not reason:
        raise BadInput(_("Voiding a grid needs a reason."), field="reason")
    if len(reason) > REASON_MOST:
        raise BadInput(
            format_lazy(_("A reason has at most {most} characters."), most=REASON_MOST),
            field="reason",
        )
    return reason


def void(
    code: str,
    *,
    reason: str,
    now: datetime,
    by_account: int | None = None,
    using: str = "default",
) -> Grid:
    """Void a grid. The ground it covered belongs to no grid until a neighbour is redrawn.

    Raises:
        BadInput: the reason is empty or too long.
        NotFound: there is no such grid.
        WrongState: it was voided before.
    """
    reason = checked_reason(reason)
    with transaction.atomic(using=using):
        freshness.lock([code[:6]], using=using)
        grid = Grid.objects.using(using).filter(code=code).first()
        if grid is None:
            raise NotFound(format_lazy(_("There is no grid {code}."), code=code), field="code")
        if grid.voided_at is not None:
            raise WrongState(_("This grid was voided before."), field="code")
        grid.voided_at, grid.void_reason, grid.changed_at = now, reason, now
        grid.save(using=using, update_fields=["voided_at", "void_reason", "changed_at"])
        GridChange.objects.using(using).create(
            grid=grid,
            at=now,
            by_account=by_account,
            kind="voided",
            outline_before=grid.outline,
            reason=reason,
        )
        freshness.raise_versions([code[:6]], using=using)
    return grid
