"""Dwellings with their households and people, compared with the register."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import HuyingError
from huying.intake.excel.register_headings import Field
from huying.intake.registers.comparing import Fate, Outcome, Planner, chunks
from huying.intake.registers.entries import Entry
from huying.places import naming
from huying.registry import history, recording, sealing
from huying.registry.models import Address, Dwelling, Household, Person
from huying.registry.numbers import upright
from huying.registry.recording import DwellingTold, PersonTold


class People(Planner):
    """Dwellings with their households and people."""

    def prepare(self) -> None:
        at: dict[UUID, Address] = {}
        for each in self.entries:
            try:
                node, missing = self.tree.reach(each.community, each.get(Field.ADDRESS))
            except HuyingError:
                continue  # told when its turn comes
            if node is not None and not missing.parts:
                at[node.pk] = node
        self.dwellings: dict[UUID, Dwelling] = {}
        for some in chunks(at):
            for flat in Dwelling.objects.living().filter(address__in=some):
                flat.address = at[flat.address_id]
                self.dwellings[flat.address_id] = flat
        self.households: dict[tuple[UUID, int], Household] = {}
        self.there: dict[UUID, list[Person]] = defaultdict(list)
        here = {flat.pk: flat for flat in self.dwellings.values()}
        for some in chunks(here):
            for house in Household.objects.living().filter(dwelling__in=some):
                self.households[house.dwelling_id, house.number] = house
            for person in Person.objects.living().filter(dwelling__in=some):
                self.there[here[person.dwelling_id].pk].append(person)  # type: ignore[index]
        self.numbered: dict[bytes, Person] = {}
        numbers = {upright(said) for each in self.entries if (said := each.get(Field.ID))}
        self.looked_up = len(numbers)
        marks = [mark for number in numbers for mark in sealing.marks(number)]
        district = {each.community[:6] for each in self.entries}
        for some in chunks(marks):
            found = Person.objects.living().filter(
                district_code__in=district, id_number_index__in=some
            )
            for person in found.select_related("dwelling__address"):
                self.numbered[bytes(person.id_number_index or b"")] = person

    def fate(self, entry: Entry, made: Outcome) -> None:
        told = self._told(entry)
        values = recording.person_values(told, self.today, Person()) if told else None
        number = recording.household_number(entry.get(Field.HOUSEHOLD))
        address, _new = self.address(entry)
        flat = self._dwelling(entry, address, made)
        if entry.troubles:
            return
        home = self._household(flat, number, made) if number is not None else None
        if told is None or values is None:
            return
        found = self._known(values, flat, entry, made)
        if entry.troubles or made.fate is Fate.CONFLICT:
            return
        if found is None:
            self._fresh(values | {"dwelling": flat, "household": home}, flat, made)
            return
        if not self.once(found, entry, made):
            return
        self.change(found, self._values(entry, values, found, flat, home), made)

    def _told(self, entry: Entry) -> PersonTold | None:
        if not entry.get(Field.NAME):
            for column in (Field.ID, Field.PHONE, Field.RELATION, Field.BORN, Field.SEX):
                if entry.get(column):
                    entry.wrong(Field.NAME, _("Whose is this? The name is missing."))
                    return None
            return None
        return PersonTold(
            name=entry.get(Field.NAME),
            id_number=entry.get(Field.ID),
            phone=entry.get(Field.PHONE),
            birth_year=entry.get(Field.BORN),
            sex=entry.get(Field.SEX) or "",
            stay=entry.get(Field.STAY) or Person.Stay.REGISTERED,
            relation=entry.get(Field.RELATION) or "",
        )

    def _dwelling(self, entry: Entry, address: Address, made: Outcome) -> Dwelling:
        told = {
            name: entry.get(name)
            for name in (Field.USE, Field.ROOMS, Field.RISKS)
            if entry.get(name) is not None
        }
        flat = self.dwellings.get(address.pk)
        if flat is None:
            values = recording.dwelling_values(
                replace(DwellingTold(address), **{str(name): each for name, each in told.items()})
            )
            flat = Dwelling(**self.usual(address.area_code))
            recording.put(flat, {k: v for k, v in values.items() if k != "area_code"})
            self.remember(self.dwellings, address.pk, flat)
            self.touch(flat, entry)
            self.fresh(flat, made)
            return flat
        other = {
            str(name): value
            for name, value in told.items()
            if history.said(getattr(flat, name)) != history.said(value)
        }
        if other:
            first = self.touched.get(flat.pk, entry.number)
            if first != entry.number:
                entry.wrong(
                    Field.USE, format_lazy(_("Row {n} says otherwise of this dwelling."), n=first)
                )
            else:
                self.touch(flat, entry)
                self.change(flat, other, made)
        return flat

    def _household(self, flat: Dwelling, number: int, made: Outcome) -> Household:
        found = self.households.get((flat.pk, number))
        if found is None:
            found = Household(**self.usual(flat.area_code), dwelling=flat, number=number)
            self.remember(self.households, (flat.pk, number), found)
            self.writing.add(found, made.entry.number)
            made.fate = Fate.NEW if made.fate is not Fate.CHANGED else made.fate
        return found

    def _known(
        self, values: dict[str, Any], flat: Dwelling, entry: Entry, made: Outcome
    ) -> Person | None:
        """Who of the register, or of an earlier row, it is; contradictions are noted."""
        if (number := values["id_number"]) is not None:
            marks = sealing.marks(number)
            held = next((self.numbered[mark] for mark in marks if mark in self.numbered), None)
            if held is not None:
                return self._numbered(held, flat, entry, made)
        here = self.there[flat.pk]
        names = sealing.marks(values["name"]) if here else []
        for each in here:
            if bytes(each.name_index) not in names:
                continue
            if each.pk in self.touched and not self.once(each, entry, made):
                return each
            if number is not None and each.id_number_index is not None:
                continue  # somebody else of the same name
            if (
                values["birth_year"] is not None
                and each.birth_year is not None
                and values["birth_year"] != each.birth_year
                and self.contradicts(made, _("Somebody of this name, born in another year."))
            ):
                return each
            return each
        return None

    def _numbered(self, held: Person, flat: Dwelling, entry: Entry, made: Outcome) -> Person | None:
        if held.pk in self.touched:
            self.once(held, entry, made)
            return held
        if self.is_out_of_sight(held, made):
            return held
        if held.dwelling_id != flat.pk:
            where = held.dwelling.address.full_name if held.dwelling else ""
            self.contradicts(
                made,
                format_lazy(
                    _("Registered at {where} already."),
                    where=f"{naming.own_name(held.area_code[:12])} {where}".strip(),
                ),
            )
        return held

    def _fresh(self, values: dict[str, Any], flat: Dwelling, made: Outcome) -> None:
        person = Person(**self.usual(flat.area_code))
        person.name_index = sealing.mark(values["name"])
        if values["id_number"]:
            person.id_number_index = sealing.mark(values["id_number"])
            self.remember(self.numbered, person.id_number_index, person)
        self.there[flat.pk].append(person)
        self.writing.undo.append(lambda: self.there[flat.pk].remove(person))
        self.touch(person, made.entry)
        self.fresh(person, made, lambda: recording.put(person, values))

    def _values(
        self,
        entry: Entry,
        values: dict[str, Any],
        found: Person,
        flat: Dwelling,
        home: Household | None,
    ) -> dict[str, Any]:
        """What the row tells of somebody who is there; an empty cell leaves as it is."""
        told = {
            "name": Field.NAME, "id_number": Field.ID, "phone": Field.PHONE, "stay": Field.STAY,
            "relation": Field.RELATION,
        }  # fmt: skip
        said = {name: values[name] for name, column in told.items() if entry.get(column)}
        if entry.get(Field.ID):
            said |= {"birth_year": values["birth_year"], "sex": values["sex"]}
        elif found.id_number_index is None:
            said |= {
                name: values[name]
                for name, column in (("birth_year", Field.BORN), ("sex", Field.SEX))
                if entry.get(column)
            }
        said["dwelling"] = flat
        moved = found.dwelling_id != flat.pk
        if home is not None or moved:
            said["household"] = home
        if moved:
            said["area_code"] = flat.area_code
        return said
