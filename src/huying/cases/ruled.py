"""What routing rules say about a case that is being accepted. The rules live in a later stage,
which registers its decision here; `accept` and `change_item` ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case
from huying.catalogue.models import ItemVersion
from huying.clock.limits import Limit
from huying.notices.kinds import kind
from huying.notices.telling import Whom
from huying.places.models import Level

RULED = kind(
    "ruled",
    _("For your attention"),
    _("{item} has come in; rule {rule} asks for you to be told."),
)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules decided.

    Attributes:
        rule: the code of the rule; empty where none decided and the catalogue holds.
        rulebook: the version that was asked; None without any.
        whom: who is told of the acceptance.
    """

    rule: str = ""
    rulebook: int | None = None
    level: Level | None = None
    priority: int = 0
    limit: Limit | None = None
    whom: Whom | None = None

    def write(self, case: Case) -> None:
        """Into the case's row; the level stays with the caller, who may have another word."""
        case.rule, case.rulebook, case.priority = self.rule, self.rulebook, self.priority
        case.rule_limit = int(self.limit.amount) if self.limit is not None else None
        case.rule_clock = str(self.limit.clock) if self.limit is not None else ""

    @property
    def data(self) -> dict[str, Any]:
        """As an event keeps it: codes and numbers."""
        found: dict[str, Any] = {"rule": self.rule, "rulebook": self.rulebook}
        if self.priority:
            found["priority"] = self.priority
        if self.limit is not None:
            found |= {"rule_limit": int(self.limit.amount), "rule_clock": str(self.limit.clock)}
        return {name: value for name, value in found.items() if value not in (None, "")}


Decides = Callable[[Case, ItemVersion, bool, datetime, str | None], Ruled]

_decides: list[Decides] = []


def decides(function: Decides) -> Decides:
    """Makes a function the one that decides: case, item, whether an emergency, the verb's now, and
    the report's words, which it reads itself where they are not given."""
    _decides[:] = [function]
    return function


def ruled(
    case: Case,
    version: ItemVersion,
    *,
    emergency: bool,
    now: datetime,
    text: str | None = None,
) -> Ruled:
    """What the rules say, were the case accepted now as this item."""
    return _decides[0](case, version, emergency, now, text) if _decides else Ruled()
