"""Passwords guessed from one address, and from many."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.test import Client
from django.utils import timezone

from huying import limiting
from huying.people import accounts, failures
from huying.people.acting import SYSTEM
from huying.people.lockout import FAMILIAR_FOR, MOST_FROM_ANYWHERE
from tests.desk.world import PASSWORD, World
from tests.security.test_doors import addresses

OFFICE, HOME = "10.0.0.7", "10.9.9.9"


@pytest.fixture
def name(world: World) -> str:
    account = world.accounts["dispatcher"]
    account.set_password(PASSWORD)
    account.save()
    return account.username


def sign_in(name: str, password: str, address: str, **more: str) -> int:
    sent = {"login": name, "password": password}
    return Client().post("/accounts/login/", sent, REMOTE_ADDR=address, **more).status_code


@pytest.mark.parametrize("guesses", [3, 5, 10, 61])
def test_a_strangers_guesses_keep_nobody_out_elsewhere(name: str, guesses: int) -> None:
    for number in range(guesses):
        sign_in(name, "wrong", "203.0.113.5", HTTP_USER_AGENT=f"browser {number}")
    # Also where the owner has never been: a new office, a phone.
    assert sign_in(name, PASSWORD, OFFICE) == 302
    assert sign_in(name.upper(), PASSWORD, HOME) == 302
    if guesses >= 5:
        assert sign_in(name, PASSWORD, "203.0.113.5") != 302


def test_ones_own_slips_at_one_desk_do_not_follow_to_the_next(name: str) -> None:
    for _ in range(7):
        sign_in(name, "wrong", OFFICE)
    assert sign_in(name, PASSWORD, OFFICE) == 429
    assert sign_in(name, PASSWORD, HOME) == 302


def test_another_lower_half_of_an_ipv6_address_is_no_other_address(name: str) -> None:
    for number in range(5):
        sign_in(name, "wrong", f"2001:db8:1:2::{number}", HTTP_USER_AGENT=f"browser {number}")
    assert sign_in(name, PASSWORD, "2001:db8:1:2:3:4:5:6") == 429
    # Each row tells the address that it was; only counting looks at the network.
    assert AccessAttempt.objects.filter(ip_address="2001:db8:1:2::4").exists()
    assert sign_in(name, PASSWORD, "2001:db8:1:3::1") == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(name, PASSWORD, "2001:db8:1:2::9") == 302
    # Signing in forgets the failures of the whole network.
    assert not AccessAttempt.objects.exists()


def test_the_owners_network_stays_familiar_when_the_lower_half_changes(name: str) -> None:
    assert sign_in(name, PASSWORD, "2001:db8:1:2::1") == 302
    guess_from_everywhere(name)
    assert sign_in(name, PASSWORD, "2001:db8:1:3::1") == 429
    assert sign_in(name, PASSWORD, "2001:db8:1:2::ffff") == 302


def test_many_names_are_not_tried_from_one_network(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "login", "5/m/ip")
    sent = [sign_in(f"name-{n}", "wrong", f"2001:db8:7:7::{n}") for n in range(7)]
    assert sent == [200] * 5 + [429] * 2
    assert sign_in("name-9", "wrong", "2001:db8:7:8::1") == 200


@pytest.fixture
def lines() -> Callable[[], list[tuple[str, bool]]]:
    """The names of the failures that were written down, and which of them locked."""
    limiting.forget()

    def of_all() -> list[tuple[str, bool]]:
        rows = AccessFailureLog.objects.order_by("pk")
        return list(rows.values_list("username", "locked_out"))

    return of_all


def test_each_failure_is_written_down_up_to_the_lock_and_then_no_more(
    name: str, lines: Any
) -> None:
    for _ in range(9):
        sign_in(name, "wrong", OFFICE)
    assert sign_in(name, PASSWORD, OFFICE) == 429
    assert lines() == [(name, False)] * 4 + [(name, True)]
    row = AccessFailureLog.objects.earliest("pk")
    assert (row.ip_address, row.path_info) == (OFFICE, "/accounts/login/")


def test_signing_in_ends_the_count_and_not_the_lines(name: str, lines: Any) -> None:
    sign_in(name, "wrong", OFFICE)
    assert sign_in(name, PASSWORD, OFFICE) == 302
    assert not AccessAttempt.objects.exists()
    assert lines() == [(name, False)]


def test_a_lock_against_many_addresses_is_one_line(name: str, lines: Any) -> None:
    guess_from_everywhere(name)
    assert len(lines()) == MOST_FROM_ANYWHERE
    assert [locked for _name, locked in lines()].count(True) == 1


def test_no_password_and_no_name_of_nobody_is_written_down(world: World, lines: Any) -> None:
    secret = "three-kites-over-panyu"
    sign_in(secret, secret, OFFICE)  # typed into the wrong field
    sign_in("13926187754", secret, OFFICE)
    assert lines() == [("t***", False), ("1***", False)]
    row = AccessFailureLog.objects.latest("pk")
    everything = str([getattr(row, each.attname) for each in row._meta.concrete_fields])
    for part in (secret, "13926187754", "7754"):
        assert part not in everything


def test_the_lines_have_an_end_and_what_locks_an_account_stands_in_them(
    name: str, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_OF_ONE_ADDRESS", 3)
    monkeypatch.setattr(failures, "MOST_OF_ALL", 6)
    for number in range(5):
        sign_in(f"nobody-{number}", "wrong", "203.0.113.5")
    assert len(lines()) == 3
    for number in range(9):
        sign_in(f"nobody-{number}", "wrong", f"203.0.113.{10 + number}")
    assert len(lines()) == 6
    for _ in range(5):
        sign_in(name, "wrong", "203.0.113.5")
    assert lines()[6:] == [(name, True)]


def guess_from_everywhere(name: str, addresses: int = 60) -> int:
    """How many of the guesses, each from an address of its own, were looked at."""
    return sum(sign_in(name, "wrong", f"198.51.100.{n}") == 200 for n in range(addresses))


def test_guesses_from_many_addresses_are_slow_together(name: str) -> None:
    assert sign_in(name, PASSWORD, OFFICE) == 302
    looked_at = guess_from_everywhere(name)
    assert looked_at < MOST_FROM_ANYWHERE
    # Right or wrong, a stranger learns no more; the owner works on.
    assert sign_in(name, PASSWORD, "198.51.100.200") == 429
    assert sign_in(name, PASSWORD, OFFICE) == 302
    # What was refused did not lengthen it.
    past = timezone.now() - timedelta(minutes=15, seconds=1)
    AccessAttempt.objects.update(attempt_time=past)
    assert sign_in(name, PASSWORD, "198.51.100.200") == 302


def test_the_owners_address_is_no_freer_than_any_other(name: str) -> None:
    assert sign_in(name, PASSWORD, OFFICE) == 302
    guess_from_everywhere(name)
    for _ in range(5):
        sign_in(name, "wrong", OFFICE)
    assert sign_in(name, PASSWORD, OFFICE) == 429


def test_an_address_is_familiar_for_a_while_only(name: str) -> None:
    assert sign_in(name, PASSWORD, OFFICE) == 302
    AccessLog.objects.update(attempt_time=timezone.now() - FAMILIAR_FOR - timedelta(hours=1))
    guess_from_everywhere(name)
    assert sign_in(name, PASSWORD, OFFICE) == 429


def test_the_security_administrator_opens_it_everywhere(name: str, world: World) -> None:
    guess_from_everywhere(name)
    assert sign_in(name, PASSWORD, HOME) == 429
    accounts.unlock(world.accounts["dispatcher"], by=SYSTEM, now=timezone.now())
    assert sign_in(name, PASSWORD, HOME) == 302


def test_a_name_that_nobody_has_locks_alike(world: World) -> None:
    assert guess_from_everywhere("nobody") < MOST_FROM_ANYWHERE


def test_nobody_can_ask_for_a_new_password_or_an_account() -> None:
    """A link comes from the security administrator alone: there is nothing to storm."""
    asked = re.compile(r"reset|signup|register_account|/email/|login/code|reauthenticate/code")
    assert not [url for url, _name in addresses() if asked.search(url)]
    assert any(url == "/accounts/login/" for url, _name in addresses())
