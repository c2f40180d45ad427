"""The addresses of some communities, held in memory while a table is looked over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, Missing
from huying.intake.registers.writing import Writing
from huying.people.acting import Actor
from huying.registry import addressing
from huying.registry.address_text import Level, Parsed, parse, plain
from huying.registry.addressing import BUILDINGS, Spot
from huying.registry.models import Address, AddressAlias, Source

_READ: Final = (
    *("id", "district_code", "community_code", "area_code", "parent", "level", "name"),
    *("full_name", "building", "building_code", "lon", "lat", "version", "valid_until"),
)


class Tree:
    """Finds an address as its text says it, by an old plate, or by its building's code; adds what
    is missing to what is to be written."""

    def __init__(self, communities: Collection[str], codes: Collection[str]) -> None:
        living = Address.objects.living().only(*_READ)
        self.nodes: dict[tuple[str, object, int, str], Address] = {}
        self.coded: dict[str, Address] = {}
        found: dict[object, Address] = {}
        for each in living.filter(community_code__in=communities).order_by("level").iterator(5000):
            parent = found.get(each.parent_id)
            if parent is not None:
                each.parent = parent
            found[each.pk] = each
            self._remember(each)
        for each in living.filter(building_code__in=codes):
            self.coded.setdefault(str(each.building_code), found.get(each.pk, each))
        self.called: dict[tuple[str, str], Address] = {
            (alias.address.community_code, alias.name): found[alias.address_id]
            for alias in AddressAlias.objects.filter(
                address__community_code__in=communities, address__valid_until=None
            ).select_related("address")
            if alias.address_id in found
        }

    def _remember(self, node: Address) -> None:
        key = (node.community_code, node.parent_id, node.level, node.name)
        self.nodes[key] = node
        if node.building_code:
            self.coded[node.building_code] = node

    def _forget(self, node: Address) -> None:
        self.nodes.pop((node.community_code, node.parent_id, node.level, node.name), None)
        if node.building_code:
            self.coded.pop(node.building_code, None)

    def reach(self, community: str, text: str, code: str = "") -> tuple[Address | None, Parsed]:
        """As far as the tree goes, and what of the address is missing there.

        Raises:
            Missing: the text says no street.
        """
        told = parse(text)
        if code and (held := self.coded.get(plain(code))) is not None:
            return held, _below(told)
        head = told.down_to(Level.BUILDING)
        if (alias := self.called.get((community, head.text))) is not None:
            return alias, _below(told)
        if not told.parts or told.parts[0][0] is not Level.STREET:
            raise Missing(_("An address begins with a street or lane."), field="address")
        node: Address | None = None
        for at, (level, name) in enumerate(told.parts):
            below = self.nodes.get((community, node.pk if node else None, level, name))
            if below is None:
                return node, Parsed(told.parts[at:])
            node = below
        return node, Parsed(())

    def ensure(
        self,
        community: str,
        text: str,
        *,
        into: Writing,
        row: int,
        spot: Spot | None = None,
        code: str = "",
        by: Actor,
        now: datetime,
    ) -> tuple[Address, bool]:
        """The address, and whether any of it is new; the position and the code are the building's.

        Raises:
            Missing, BadInput: as `addressing.ensure`; the code is another building's.
        """
        node, missing = self.reach(community, text, code)
        if node is not None and node.community_code != community:
            raise BadInput(_("This building code is of another community."), field="building_code")
        said = parse(text).down_to(Level.BUILDING).text
        if node is not None and code and self.coded.get(plain(code)) is node:
            known = {node.full_name, *(name for (_c, name), a in self.called.items() if a is node)}
            if said not in known:
                raise BadInput(
                    _("This building code is of %(where)s.") % {"where": node.full_name},
                    field="building_code",
                )
        deepest = max((level for level, _name in missing.parts if level in BUILDINGS), default=None)
        made: list[Address] = []
        for level, name in missing.parts:
            here = spot if level is deepest else None
            fresh = addressing.new_node(community, node, level, name, now, by, Source.IMPORT, here)
            if code and level is deepest:
                fresh.building_code = _code(code)
            made.append(fresh)
            node = fresh
        if node is None:
            raise Missing(_("An address begins with a street or lane."), field="address")
        for each in made:
            into.add(each, row)
            self._remember(each)
            into.undo.append(partial(self._forget, each))
        return node, bool(made)


def _below(told: Parsed) -> Parsed:
    return Parsed(tuple(each for each in told.parts if each[0] > Level.BUILDING))


def _code(told: str) -> str:
    code = plain(told)
    if len(code) > 30:
        raise BadInput(_("This code is too long."), field="building_code")
    return code
