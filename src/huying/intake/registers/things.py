"""Addresses, units and facilities, compared with the registers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.intake.excel.register_headings import Field
from huying.intake.registers.comparing import Fate, Outcome, Planner, chunks, pin_of
from huying.intake.registers.entries import Entry
from huying.registry import recording
from huying.registry.address_text import plain
from huying.registry.models import Address, Enterprise, Facility
from huying.registry.numbers import upright
from huying.registry.recording import EnterpriseTold, FacilityTold


class Addresses(Planner):
    """Nodes of the tree, with their codes, pins and other names."""

    def prepare(self) -> None:
        """The tree is all."""

    def fate(self, entry: Entry, made: Outcome) -> None:
        node, new = self.address(entry)
        if new:
            made.fate = Fate.NEW
        elif not self.once(node, entry, made):
            return
        made.record = (node.REGISTER, node.pk)
        if (alias := entry.get(Field.ALIAS)) and (node.community_code, plain(alias)) not in (
            self.tree.called
        ):
            self.writing.aliases.append((node, alias))
            self.remember(self.tree.called, (node.community_code, plain(alias)), node)
            made.changes.append((str(_("other name of an address")), "", plain(alias)))
            made.fate = made.fate if made.fate is Fate.NEW else Fate.CHANGED
        if new:
            return
        values: dict[str, Any] = {}
        if (code := entry.get(Field.CODE)) and plain(code) != (node.building_code or ""):
            if plain(code) in self.tree.coded or (
                node.building_code and self.contradicts(made, _("It has another code."))
            ):
                made.fate = Fate.CONFLICT
                made.why = made.why or _("Another building has this code.")
                return
            values["building_code"] = plain(code)
            self.remember(self.tree.coded, plain(code), node)
        values |= pin_of(node, entry.spot)
        self.change(node, values, made)


class Units(Planner):
    """By their code, else by their name in the community."""

    def prepare(self) -> None:
        codes = {code for each in self.entries if (code := each.get(Field.CREDIT))}
        district = {each.community[:6] for each in self.entries}
        living = Enterprise.objects.living().select_related("address")
        self.coded: dict[str, Enterprise] = {}
        for some in chunks({upright(code) for code in codes}):
            for unit in living.filter(district_code__in=district, credit_code__in=some):
                self.coded[str(unit.credit_code)] = unit
        self.named: dict[tuple[str, str], list[Enterprise]] = defaultdict(list)
        for community in {each.community for each in self.entries}:
            for unit in living.filter(area_code__startswith=community):
                self.named[community, plain(unit.name)].append(unit)

    def fate(self, entry: Entry, made: Outcome) -> None:
        address, _new = self.address(entry)
        told = EnterpriseTold(
            name=entry.get(Field.NAME),
            kind=entry.get(Field.KIND) or Enterprise.Kind.OTHER,
            address=address,
            credit_code=entry.get(Field.CREDIT) or "",
            risks=entry.get(Field.RISKS) or (),
            contact=entry.get(Field.CONTACT),
            phone=entry.get(Field.PHONE),
        )
        values = recording.enterprise_values(told)
        found = self._known(values, entry)
        if found is None:
            values.pop("area_code")
            unit = Enterprise(**self.usual(address.area_code))
            unit.name, unit.address = values["name"], address
            if values["credit_code"]:
                self.remember(self.coded, values["credit_code"], unit)
            alike = self.named[entry.community, plain(unit.name)]
            alike.append(unit)
            self.writing.undo.append(lambda: alike.remove(unit))
            self.touch(unit, entry)
            self.fresh(unit, made, lambda: recording.put(unit, values))
            return
        if not self.once(found, entry, made) or self._refused(found, address, made):
            return
        said: dict[str, Any] = {"name": values["name"], "words": values["words"]}
        for name, column in (("kind", Field.KIND), ("credit_code", Field.CREDIT),
                             ("risks", Field.RISKS), ("contact", Field.CONTACT),
                             ("phone", Field.PHONE)):  # fmt: skip
            if entry.get(column) is not None:
                said[name] = values[name]
        if found.address_id != address.pk:
            said |= {"address": address, "area_code": address.area_code}
        self.change(found, said, made)

    def _known(self, values: dict[str, Any], entry: Entry) -> Enterprise | None:
        code = values["credit_code"]
        if code and code in self.coded:
            return self.coded[code]
        for each in self.named[entry.community, plain(values["name"])]:
            if not (code and each.credit_code):
                return each
        return None

    def _refused(self, found: Enterprise, address: Address, made: Outcome) -> bool:
        if self.is_out_of_sight(found, made):
            return True
        return found.address_id != address.pk and self.contradicts(
            made, format_lazy(_("Registered at {where} already."), where=found.address.full_name)
        )


class Facilities(Planner):
    """By their name and kind in the community."""

    def prepare(self) -> None:
        self.named: dict[tuple[str, str, str], Facility] = {}
        for community in {each.community for each in self.entries}:
            for each in Facility.objects.living().filter(area_code__startswith=community):
                self.named[community, each.kind, plain(each.name)] = each

    def fate(self, entry: Entry, made: Outcome) -> None:
        address = self.address(entry)[0] if entry.get(Field.ADDRESS) else None
        spot = entry.spot
        told = FacilityTold(
            name=entry.get(Field.NAME),
            kind=entry.get(Field.KIND),
            address=address,
            lon=spot.lon if spot else None,
            lat=spot.lat if spot else None,
            risks=entry.get(Field.RISKS) or (),
        )
        values = recording.facility_values(told)
        if not values["area_code"].startswith(entry.community):
            entry.wrong(Field.LON, _("The position lies in another community."))
            return
        key = (entry.community, told.kind, plain(told.name))
        found = self.named.get(key)
        if found is None:
            area = values.pop("area_code")
            facility = Facility(**self.usual(area))
            recording.put(facility, values)
            self.remember(self.named, key, facility)
            self.touch(facility, entry)
            self.fresh(facility, made)
            return
        if not self.once(found, entry, made):
            return
        said: dict[str, Any] = {"name": values["name"], "words": values["words"]}
        if entry.get(Field.RISKS) is not None:
            said["risks"] = values["risks"]
        if address is not None:
            said["address"] = address
        said |= pin_of(found, spot)
        if values["area_code"] != found.area_code and ("lon" in said or spot is None):
            said["area_code"] = values["area_code"]
        self.change(found, said, made)
