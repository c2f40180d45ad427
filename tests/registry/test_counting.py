"""How much there is: exact while few, rounded where many, and never counted one by one there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from huying.registry.counting import DIGITS, Many, many, rounded
from huying.registry.models import Person
from tests.registry.living import village

if TYPE_CHECKING:
    import pytest

    from tests.cases.town import Town


@given(st.integers(0, 10**9))
def test_a_rounded_number_is_near_and_says_no_more_digits(n: int) -> None:
    near = rounded(n)
    assert abs(near - n) <= n / 100
    assert len(str(near).rstrip("0")) <= DIGITS + 1


def test_numbers_as_they_are_said() -> None:
    assert str(Many(7939, exact=True)) == "7,939"
    assert str(Many(2_000_000, exact=False)) == "约 200 万"
    assert str(Many(12_300, exact=False)) == "约 1.23 万"


def test_what_the_server_knows_is_believed_only_where_there_is_much(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    village(town)
    people: Any = Person.objects.living()
    assert many(people) == Many(2, exact=True)
    # Statistics that are years old say little: then one counts, but not to the end.
    monkeypatch.setattr("huying.registry.counting.EXACT", 1)
    monkeypatch.setattr("huying.registry.counting._expected", lambda rows: 0)
    with CaptureQueriesContext(connection) as asked:
        assert many(people) == Many(2, exact=False)
    assert "LIMIT 2" in asked[0]["sql"]


def test_the_servers_own_guess_is_a_number_of_rows(town: Town) -> None:
    from huying.registry.counting import _expected

    village(town)
    guess = _expected(Person.objects.living().order_by().values("pk"))
    assert 0 < guess < 10_000  # of two, by statistics that nobody has gathered yet
