"""Finding a case by what somebody remembers of it."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huying.audit.models import AccessLog
from huying.cases import accepting, finding
from huying.cases.finding import Found, find
from huying.cases.models import Case, CaseText
from huying.errors import BadInput, NotAllowed
from huying.places.initials import begins, initials
from huying.shelf import Lately
from tests.cases.town import NOW, Town

TEXT = "宗祠旁污水横流，KTV门口也有"
ADDRESS = "长堤路8号A座"


def found(words: str) -> list[Case]:
    return list(find(Case.objects.all(), words, now=NOW))


def why(case: Case, words: str) -> list[Found]:
    text = CaseText.objects.filter(case=case, kind="description").values_list("body", flat=True)
    return finding.reasons(finding.looking(words, NOW), case, text[0])


@pytest.fixture
def case(town: Town) -> Case:
    town.report("别处路灯不亮", address="市莲路一号")
    return town.report(TEXT, address=ADDRESS)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("污水", Found.WORDS),
        ("污水横流", Found.WORDS),
        ("ktv", Found.WORDS),
        ("长堤", Found.ADDRESS),
        ("a座", Found.ADDRESS),
        ("cdl", Found.ADDRESS),  # the place's reading of 长
        ("zdl8", Found.ADDRESS),  # initials with the house's number
        ("祠", Found.WORDS),  # one character alone
    ],
)
def test_by_words_address_and_initials(case: Case, words: str, reason: Found) -> None:
    assert found(words) == [case]
    assert reason in why(case, words)


def test_by_number_and_its_last_digits(case: Case) -> None:
    for words in (case.number, f"{case.number[:9]} {case.number[9:17]} {case.number[17:]}"):
        assert found(words) == [case]
        assert why(case, words) == [Found.NUMBER]
    assert case in found(case.number[-4:])
    assert case in found(case.number[-8:])
    assert len(found(case.number[:9])) == 2


def test_by_place_item_and_unit(case: Case, town: Town) -> None:
    from huying.places import naming

    place = naming.own_name(case.area_code[:12])
    assert case in found(place)
    assert Found.PLACE in why(case, place)
    assert case in found(initials(place).split()[0])
    sent = town.bring_to("dispatched")
    assert sent.lead_unit is not None
    assert sent in found(sent.lead_unit.name)
    assert Found.UNIT in why(sent, sent.lead_unit.name)
    assert sent.item_version is not None
    assert sent in found(sent.item_version.name)
    assert Found.ITEM in why(sent, sent.item_version.name)


def test_every_term_must_fit(case: Case) -> None:
    assert found("污水 长堤路") == [case]
    assert found("污水 市莲路") == []
    assert found("没有这样的话") == []


@pytest.mark.parametrize(
    "words", ["%", "_", "__", "%水", "\\", "'", '"', "{}", "a\\", "(", "[[", "*+"]
)
def test_signs_stand_for_themselves(case: Case, words: str) -> None:
    assert found(words) == []


def test_a_word_of_half_the_town_finds_the_same(
    case: Case, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many to list by their ids: each case is asked, and fits for the same reasons."""
    for number in range(4):
        town.report(f"第{number}处污水外溢", address="长堤路尾")
    searches = ("污水", "长堤", "cdl", case.number[-4:], "污水 8号")
    by_id = {words: set(found(words)) for words in searches}
    assert len(by_id["污水"]) == 5
    monkeypatch.setattr(finding, "_frequent", Lately(finding.FREQUENT_FOR_S, 9))
    monkeypatch.setattr(finding, "MOST_KNOWN", 0)
    assert {words: set(found(words)) for words in searches} == by_id


def test_a_mended_address_is_found_and_the_old_one_is_not(case: Case, town: Town) -> None:
    accepting.pin(case, by=town.actor("dispatcher"), now=NOW, address="大北路三巷")
    assert found("大北路") == [case]
    assert found("dbl") == [case]
    assert found("cdl") == []


def test_erased_words_are_found_no_more(case: Case, town: Town) -> None:
    CaseText.objects.filter(case=case).delete()
    assert found("污水") == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=2, max_size=30),
    data=st.data(),
)
def test_every_piece_of_a_text_has_its_pairs_in_the_text(
    db: None, words: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(words) - 2))
    end = data.draw(st.integers(start + 2, len(words)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT bigrams(%s) @> bigrams(%s)", [words, words[start:end]])
        assert cursor.fetchone() == (True,)


def test_pairs_of_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        for words, pairs in (
            ("路灯坏了A座", ["路灯", "灯坏", "坏了", "了a", "a座"]),
            ("路", []),
            ("", []),
            ("𠮷野家", ["𠮷野", "野家"]),
        ):
            cursor.execute("SELECT bigrams(%s)", [words])
            assert cursor.fetchone()[0] == pairs


# --- initials


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("小龙村", "xlc"),
        ("石碁镇", "sqz"),
        ("长堤路", "zdl cdl"),
        ("番禺", "fy py"),
        ("厦滘", "sj xj"),
        ("A座 3号", "az3h"),
        ("", ""),
        ("，。", ""),
    ],
)
def test_initials(name: str, spelt: str) -> None:
    assert initials(name) == spelt


def test_initials_stand_for_a_part() -> None:
    assert begins("番禺区石碁镇", "sqz")
    assert begins("番禺区石碁镇", "pyq")
    assert not begins("番禺区石碁镇", "dsz")


# --- by phone

PHONE = "13826051234"


def marks(town: Town, phone: str, name: str = "dispatcher") -> list[str]:
    return finding.phone_marks(phone, by=town.actor(name))


@pytest.mark.parametrize("typed", [PHONE, "138 2605 1234", "+8613826051234", "138-2605-1234"])
def test_a_whole_phone_finds_its_reports(town: Town, typed: str) -> None:
    case = town.report("别处路灯不亮", contact_name="何女士", contact_phone="138-2605 1234")
    town.report("又一处", contact_phone="13800000000")
    assert finding.is_phone(typed)
    assert list(finding.reported_from(Case.objects.all(), marks(town, typed))) == [case]


def test_a_piece_of_a_phone_finds_nothing(town: Town) -> None:
    town.report("别处路灯不亮", contact_name="何女士", contact_phone=PHONE)
    assert not finding.reported_from(Case.objects.all(), marks(town, PHONE[:10])).exists()


def test_who_may_not_reveal_may_not_search_by_phone(town: Town) -> None:
    with pytest.raises(NotAllowed):
        marks(town, PHONE, "town_leader")
    with pytest.raises(BadInput):
        marks(town, "not a phone")


def test_a_search_by_phone_is_written_down_without_the_phone(town: Town) -> None:
    case = town.report("别处路灯不亮", contact_name="何女士", contact_phone=PHONE)
    cases = finding.reported_from(Case.objects.all(), marks(town, PHONE))
    finding.record_phone_search(
        cases.values_list("pk", flat=True), by=town.actor("dispatcher"), now=NOW
    )
    (row,) = AccessLog.objects.filter(action="find_by_phone")
    assert (row.subject_id, row.fields) == (str(case.pk), ["phone"])
    assert PHONE not in str(row.__dict__)
