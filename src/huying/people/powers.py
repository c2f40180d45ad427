"""What each of the three guardian roles may look at and change. Pure.

Separation of the three powers (三员分立, GB/T 22239-2019, 8.1.5): the administrator sets up, the
security administrator grants, the auditor watches; no subject can be changed by two of them, and
who watches changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from huying.errors import NotAllowed
from huying.people.acting import Actor
from huying.people.models import Role


class Subject(StrEnum):
    """Something that guardians keep."""

    UNITS = "units"
    DIVISIONS = "divisions"
    CATALOGUE = "catalogue"
    CALENDAR = "calendar"
    ACCOUNTS = "accounts"
    POSTS = "posts"
    INTEGRATIONS = "integrations"
    NOTICES = "notices"
    SIGN_INS = "sign_ins"
    ACCESS_LOG = "access_log"
    EVENTS = "events"
    SEALS = "seals"
    RETENTION = "retention"


class Power(StrEnum):
    """How far a role may go with a subject; who may change may also look."""

    VIEW = "view"
    CHANGE = "change"


_V, _C = Power.VIEW, Power.CHANGE

POWERS: Final[Mapping[Role, Mapping[Subject, Power]]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: {
            Subject.UNITS: _C,
            Subject.DIVISIONS: _C,
            Subject.CATALOGUE: _C,
            Subject.CALENDAR: _C,
            Subject.NOTICES: _C,
            Subject.RETENTION: _C,
        },
        Role.SECURITY_ADMINISTRATOR: {
            Subject.ACCOUNTS: _C,
            Subject.POSTS: _C,
            Subject.INTEGRATIONS: _C,
            Subject.SIGN_INS: _V,
            # A post is granted in an area or a unit: both must be seen to be chosen.
            Subject.UNITS: _V,
            Subject.DIVISIONS: _V,
        },
        Role.AUDITOR: {
            Subject.ACCESS_LOG: _V,
            Subject.EVENTS: _V,
            Subject.SEALS: _V,
            Subject.SIGN_INS: _V,
            Subject.ACCOUNTS: _V,
            Subject.POSTS: _V,
            Subject.UNITS: _V,
            Subject.DIVISIONS: _V,
            Subject.CATALOGUE: _V,
            Subject.CALENDAR: _V,
            Subject.NOTICES: _V,
            Subject.RETENTION: _V,
        },
    }
)


def may(role: Role | None, power: Power, subject: Subject) -> bool:
    """Whether a role may look at, or change, a subject."""
    if role is None:
        return False
    held = POWERS.get(role, {}).get(subject)
    return held is Power.CHANGE or held is power


def require(actor: Actor, power: Power, subject: Subject) -> None:
    """Let the system and a role with the power pass.

    Raises:
        NotAllowed: the actor's present post lacks the power.
    """
    if not (actor.is_system or may(actor.role, power, subject)):
        raise NotAllowed(_("Your present post may not do this."))
