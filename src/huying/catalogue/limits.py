"""Which limits a case has under a version of its item. Pure.

The clock package makes deadlines of them:
``StageLimits.from_catalogue(**limits_of(version, emergency=case_is_emergency))``.
"""

from __future__ import annotations

from typing import Final, Protocol, TypedDict


class StatedLimits(TypedDict):
    """Limits as an item states them: minutes, or an amount with its clock, or hours in all."""

    accept_limit_min: int
    sign_limit_min: int
    handle_limit: int
    handle_clock: str
    check_limit: int
    check_clock: str
    total_limit_hours: int | None


class States(Protocol):
    """What states limits: an ``ItemVersion`` or an ``ItemSnapshot``."""

    @property
    def accept_limit_min(self) -> int: ...
    @property
    def sign_limit_min(self) -> int: ...
    @property
    def handle_limit(self) -> int: ...
    @property
    def handle_clock(self) -> str: ...
    @property
    def check_limit(self) -> int: ...
    @property
    def check_clock(self) -> str: ...
    @property
    def total_limit_hours(self) -> int | None: ...


EMERGENCY: Final[StatedLimits] = {
    "accept_limit_min": 15,
    "sign_limit_min": 10,
    "handle_limit": 4,
    "handle_clock": "natural_hour",
    "check_limit": 1,
    "check_clock": "natural_hour",
    "total_limit_hours": None,
}
"""The limits of an emergency, whatever its item: those that the default catalogue gives to its two
emergency items, 0203 (gas, fuel and dangerous goods) and 0403 (floods and emergency response)."""

_HOURS: Final = {"natural_hour": 1, "natural_day": 24}


def limits_of(version: States, emergency: bool = False) -> StatedLimits:
    """The limits of a case under this version.

    An emergency has the limits of ``EMERGENCY``, stage by stage, unless the item's own are
    stricter. A limit on a work clock is never stricter: that clock stands still at night. The
    limit of the whole stays the item's.
    """
    own: StatedLimits = {
        "accept_limit_min": version.accept_limit_min,
        "sign_limit_min": version.sign_limit_min,
        "handle_limit": version.handle_limit,
        "handle_clock": version.handle_clock,
        "check_limit": version.check_limit,
        "check_clock": version.check_clock,
        "total_limit_hours": version.total_limit_hours,
    }
    if not emergency:
        return own
    handle = _stricter(
        (own["handle_limit"], own["handle_clock"]),
        (EMERGENCY["handle_limit"], EMERGENCY["handle_clock"]),
    )
    check = _stricter(
        (own["check_limit"], own["check_clock"]),
        (EMERGENCY["check_limit"], EMERGENCY["check_clock"]),
    )
    return {
        "accept_limit_min": min(own["accept_limit_min"], EMERGENCY["accept_limit_min"]),
        "sign_limit_min": min(own["sign_limit_min"], EMERGENCY["sign_limit_min"]),
        "handle_limit": handle[0],
        "handle_clock": handle[1],
        "check_limit": check[0],
        "check_clock": check[1],
        "total_limit_hours": own["total_limit_hours"],
    }


def _stricter(own: tuple[int, str], emergency: tuple[int, str]) -> tuple[int, str]:
    hours = _HOURS.get(own[1])
    if hours is not None and own[0] * hours < emergency[0] * _HOURS[emergency[1]]:
        return own
    return emergency
