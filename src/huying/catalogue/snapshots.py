"""The catalogue at a moment, frozen: what decisions read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from huying.catalogue.evidence import Evidence, parse


@dataclass(frozen=True)
class ItemSnapshot:
    """An item as one version states it. Fields as in ``models.ItemVersion``."""

    code: str
    category_code: str
    category: str
    version_id: int
    version: int
    valid_from: datetime
    active: bool
    name: str
    description: str
    default_level: str
    lead_department: str
    assisting_departments: tuple[str, ...]
    kind: str
    settle: bool
    accept_limit_min: int
    sign_limit_min: int
    handle_limit: int
    handle_clock: str
    check_limit: int
    check_clock: str
    total_limit_hours: int | None
    evidence: str
    photo_rule: str
    escalate_words: tuple[str, ...]
    example: str
    trial_towns: tuple[str, ...] = ()

    def holds_in(self, area_code: str) -> bool:
        """Whether it is in use at a place: one on trial is in its towns alone."""
        return not self.trial_towns or area_code[:9] in self.trial_towns

    @cached_property
    def demands(self) -> Evidence:
        """The evidence rule, read."""
        return parse(self.evidence)


@dataclass(frozen=True)
class CatalogueSnapshot:
    """All items that have a version at a moment, by code; retired ones included.

    Attributes:
        key: the same for snapshots that say the same; what is derived from one may be kept by it.
    """

    key: str
    items: tuple[ItemSnapshot, ...]
    _by_code: Mapping[str, ItemSnapshot] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code = MappingProxyType({item.code: item for item in self.items})
        object.__setattr__(self, "_by_code", by_code)

    def __iter__(self) -> Iterator[ItemSnapshot]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> ItemSnapshot:
        return self._by_code[code]

    def get(self, code: str) -> ItemSnapshot | None:
        return self._by_code.get(code)

    @cached_property
    def active(self) -> tuple[ItemSnapshot, ...]:
        """The items that new cases may be accepted under everywhere."""
        return tuple(item for item in self.items if item.active and not item.trial_towns)

    def active_at(self, area_code: str) -> tuple[ItemSnapshot, ...]:
        """Those that a new case at this place may be of; "" where the place is not known."""
        return tuple(item for item in self.items if item.active and item.holds_in(area_code))

    def active_in(self, area_code: str) -> tuple[ItemSnapshot, ...]:
        """Those too that are on trial in the area, or in a part of it."""
        near = area_code[:9]
        return tuple(
            item
            for item in self.items
            if item.active
            and (not item.trial_towns or any(town.startswith(near) for town in item.trial_towns))
        )
