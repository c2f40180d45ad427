"""The three powers stay apart."""

from itertools import combinations

import pytest

from huying.errors import NotAllowed
from huying.people.acting import SYSTEM, Actor, ActorKind
from huying.people.models import GUARDIANS, Role
from huying.people.powers import Power, Subject, may, require


def changes(role: Role) -> set[Subject]:
    return {subject for subject in Subject if may(role, Power.CHANGE, subject)}


def test_each_power_is_what_the_role_is_for() -> None:
    assert changes(Role.ADMINISTRATOR) == {
        Subject.UNITS,
        Subject.DIVISIONS,
        Subject.CATALOGUE,
        Subject.CALENDAR,
        Subject.NOTICES,
        Subject.RETENTION,
    }
    assert changes(Role.SECURITY_ADMINISTRATOR) == {
        Subject.ACCOUNTS,
        Subject.POSTS,
        Subject.INTEGRATIONS,
    }
    assert changes(Role.AUDITOR) == set()


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(GUARDIANS), 2)))
def test_nothing_can_be_changed_by_two(one: Role, other: Role) -> None:
    assert not changes(one) & changes(other)


def test_only_the_auditor_reads_the_logs_of_what_others_did() -> None:
    for subject in (Subject.ACCESS_LOG, Subject.EVENTS, Subject.SEALS):
        assert [role for role in Role if may(role, Power.VIEW, subject)] == [Role.AUDITOR]


@pytest.mark.parametrize("role", [role for role in Role if role not in GUARDIANS] + [None])
def test_nobody_else_has_any_power(role: Role | None) -> None:
    assert not [s for s in Subject for p in Power if may(role, p, s)]


def test_requiring_a_power_lets_the_system_pass_and_stops_others() -> None:
    require(SYSTEM, Power.CHANGE, Subject.POSTS)
    auditor = Actor(ActorKind.ACCOUNT, role=Role.AUDITOR)
    require(auditor, Power.VIEW, Subject.POSTS)
    with pytest.raises(NotAllowed):
        require(auditor, Power.CHANGE, Subject.POSTS)
