"""From where on the guards notice something; read from one setting."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is noticed; `HUYING_GUARDS` sets any of them.

    Attributes:
        flood_reports, flood_minutes: so many reports settled by who reported them in so short time.
        flood_times: or so many times one's own usual day (the median of days with reports).
        split_minutes, split_metres, split_likeness: reports of one person of one item, so near in
            time and place, with so many of a hundred words alike.
        hasty_percent, hasty_days: finished in so little of the time that was left before the
            deadline, and failed or opened again within so many days.
        suspended_percent: suspended in so little of the time before the deadline.
        copied_bits, copied_days: pictures that differ in at most so many of 64 bits, within days.
        outside_reports: reports of one person in one day from outside their grid.
    """

    flood_reports: int = 8
    flood_minutes: int = 60
    flood_times: int = 4
    split_minutes: int = 30
    split_metres: int = 30
    split_likeness: int = 60
    hasty_percent: int = 10
    hasty_days: int = 15
    suspended_percent: int = 10
    copied_bits: int = 4
    copied_days: int = 60
    outside_reports: int = 3

    @classmethod
    def read(cls, text: str) -> Self:
        """From "flood_reports=10 split_metres=50"; what is not named stays as it is.

        Raises:
            ValueError: a name that there is not, or no whole number of at least 1.
        """
        known = {each.name for each in fields(cls)}
        given: dict[str, int] = {}
        for part in text.split():
            name, _equals, number = part.partition("=")
            if name not in known or not number.isdecimal() or int(number) < 1:
                raise ValueError(f"no guard's limit: {part!r}")
            given[name] = int(number)
        return cls(**given)
