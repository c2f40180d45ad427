"""Places by their codes."""

from __future__ import annotations

import pytest

from huying.places import naming
from huying.places.models import CODE_LENGTH

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["", "44", "440113", "440113120", "440113120213", "44011399", "9"])
@pytest.mark.parametrize("length", [*CODE_LENGTH.values(), 7])
def test_the_places_within_one_are_those_whose_codes_begin_with_its_own(
    code: str, length: int
) -> None:
    expected = tuple(
        (each, naming.own_name(each))
        for each in naming.codes()
        if len(each) == length and each.startswith(code)
    )
    assert naming.within(code, length) == expected
    assert naming.codes()
