"""Tables of the base registers."""

from huying.registry.models.addresses import Address, AddressAlias, DerivedGrids, Level
from huying.registry.models.changes import RegisterApart, RegisterChange, RegisterChangeWords
from huying.registry.models.people import Household, Person
from huying.registry.models.records import Record, Register, Risk, Source
from huying.registry.models.things import Dwelling, Enterprise, Facility

__all__ = [
    "Address",
    "AddressAlias",
    "DerivedGrids",
    "Dwelling",
    "Enterprise",
    "Facility",
    "Household",
    "Level",
    "Person",
    "Record",
    "Register",
    "RegisterApart",
    "RegisterChange",
    "RegisterChangeWords",
    "Risk",
    "Source",
]
