"""The checks that numbers carry, and addresses taken apart: what must hold for any of them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.registry.address_text import Level, parse, plain, same_room
from huying.registry.numbers import (
    _CODE_LETTERS,
    code_check,
    id_check,
    is_minor,
    read_credit_code,
    read_id,
)

TODAY = date(2026, 11, 29)
PLACES = st.integers(110000, 659999).map(str)
BIRTHDAYS = st.dates(date(1900, 1, 1), TODAY)
SERIALS = st.integers(0, 999).map("{:03}".format)
CODES = st.text(_CODE_LETTERS, min_size=17, max_size=17)


@given(PLACES, BIRTHDAYS, SERIALS)
def test_an_id_number_says_birthday_and_sex(place: str, born: date, serial: str) -> None:
    first = f"{place}{born:%Y%m%d}{serial}"
    read = read_id(f" {first[:6]} {first[6:]}{id_check(first).lower()}", TODAY)
    assert read is not None
    assert read.born == born
    assert (read.sex == "male") == (int(serial) % 2 == 1)


@given(PLACES, BIRTHDAYS, SERIALS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_or_two_swapped_are_noticed(
    place: str, born: date, serial: str, at: int, more: int
) -> None:
    first = f"{place}{born:%Y%m%d}{serial}"
    number = first + id_check(first)
    wrong = number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :]
    assert read_id(wrong, TODAY) is None
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :] if at < 16 else wrong
    assert swapped == number or read_id(swapped, TODAY) is None


@pytest.mark.parametrize(
    "number",
    ["", "11010519491231002", "440113199902300016", "440113203001010013", "４４０１１３一九九九"],
)
def test_what_is_no_id_number(number: str) -> None:
    assert read_id(number, TODAY) is None


def test_known_numbers() -> None:
    # The examples of the two standards.
    assert read_id("11010519491231002X", TODAY) is not None
    assert read_credit_code("91350100M000100Y43") == "91350100M000100Y43"


@given(CODES, st.integers(0, 16), st.integers(1, 30))
def test_a_credit_code_is_checked(first: str, at: int, more: int) -> None:
    code = first + code_check(first)
    assert read_credit_code(code.lower()) == code
    other = _CODE_LETTERS[(_CODE_LETTERS.index(code[at]) + more) % 31]
    assert read_credit_code(code[:at] + other + code[at + 1 :]) is None


def test_whoever_turns_eighteen_this_year_is_a_minor_to_its_end() -> None:
    assert is_minor(2008, TODAY)
    assert not is_minor(2007, TODAY)
    assert not is_minor(None, TODAY)


STREETS = st.sampled_from(["东街", "兴业大道", "宗祠西街二巷", "番禺奥园", "南浦路"])
NUMBERS = st.integers(1, 999)


@given(STREETS, NUMBERS, st.none() | NUMBERS, st.none() | st.integers(1, 9), st.none() | NUMBERS)
def test_an_address_is_taken_apart_and_put_together(
    street: str, plate: int, building: int | None, unit: int | None, room: int | None
) -> None:
    parts = [(Level.STREET, street), (Level.PLATE, f"{plate}号")]
    parts += [(Level.BUILDING, f"{building}栋")] if building else []
    parts += [(Level.UNIT, f"{unit}单元")] if unit else []
    parts += [(Level.ROOM, f"{room}房")] if room else []
    text = "".join(name for _level, name in parts)
    assert parse(text).parts == tuple(parts)
    assert parse(parse(text).text) == parse(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("东街十二号３栋 502", "STREET 东街 PLATE 12号 BUILDING 3栋 ROOM 502"),
        ("奥园 5号楼2梯A1201室", "STREET 奥园 BUILDING 5号楼 UNIT 2梯 ROOM A1201室"),
        ("南浦路8号之2", "STREET 南浦路 PLATE 8号之二"),
        ("南浦路八号之二", "STREET 南浦路 PLATE 8号之二"),
        ("南浦路8号之十二301", "STREET 南浦路 PLATE 8号之十二 ROOM 301"),
        ("南浦路8号之12", "STREET 南浦路 PLATE 8号之十二"),
        ("德兴路一百二十三号三楼", "STREET 德兴路 PLATE 123号 FLOOR 3楼"),
        ("宗祠前地", "STREET 宗祠前地"),
        ("南浦路8号之12 2栋", "STREET 南浦路 PLATE 8号之十二 BUILDING 2栋"),
        ("南浦路8号之1 22栋", "STREET 南浦路 PLATE 8号之一 BUILDING 22栋"),
        ("南浦路8号之十二 二栋", "STREET 南浦路 PLATE 8号之十二 BUILDING 2栋"),
        ("南浦路8号之12，301", "STREET 南浦路 PLATE 8号之十二 ROOM 301"),
        ("东街12 502", "STREET 东街 PLATE 12号 ROOM 502"),
        ("东街12 3栋502", "STREET 东街 PLATE 12号 BUILDING 3栋 ROOM 502"),
        ("东街12 A座 502", "STREET 东街 PLATE 12号 BUILDING A座 ROOM 502"),
        ("东街12号3 502", "STREET 东街 PLATE 12号 BUILDING 3栋 ROOM 502"),
        ("东街12号3栋1 502", "STREET 东街 PLATE 12号 BUILDING 3栋 UNIT 1单元 ROOM 502"),
        (
            "东街12号3栋1单元5 502",
            "STREET 东街 PLATE 12号 BUILDING 3栋 UNIT 1单元 FLOOR 5楼 ROOM 502",
        ),
        # What is one stays one: a blank before a word tells no numbers apart.
        ("东街 12 号 3 栋 502 房", "STREET 东街 PLATE 12号 BUILDING 3栋 ROOM 502房"),
        ("东街12号 之 2", "STREET 东街 PLATE 12号之二"),
        ("奥园5 号楼 A 1201", "STREET 奥园 BUILDING 5号楼 ROOM A1201"),
        ("", ""),
    ],
)
def test_addresses_as_people_write_them(text: str, parts: str) -> None:
    assert " ".join(f"{level.name} {name}" for level, name in parse(text).parts) == parts


@given(st.text(max_size=40) | st.text("东街12 号之3栋单元楼5,A", max_size=25))
def test_nothing_is_lost_of_any_text(text: str) -> None:
    """Nothing but the endings of bare numbers is put to it."""
    whole, left = plain(text), iter(parse(text).text)
    added = []
    for each in whole:
        for got in left:
            if got == each:
                break
            added.append(got)
        else:
            raise AssertionError(f"{each} was lost")
    assert set(added) | set(left) <= set("号栋单元楼")


@given(st.lists(st.integers(1, 9999).map(str), min_size=2, max_size=4))
def test_two_numbers_are_never_one(numbers: list[str]) -> None:
    parts = parse("东街" + " ".join(numbers)).parts[1:]
    assert [re.sub(r"\D", "", name) for _level, name in parts] == numbers
    assert (
        parse("东街" + "".join(f"{each}号" for each in numbers[:1]) + numbers[1]).room == numbers[1]
    )


def test_a_code_or_a_name_keeps_its_digits_together() -> None:
    assert plain("XL 00 14") == "XL0014"


def test_a_room_is_the_same_however_it_is_written() -> None:
    assert set(same_room("502室")) == set(same_room("502")) == {"502", "502房", "502室", "502号房"}
