"""执法文书: numbered by unit and year, never changed, and with nobody's data in its rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from huying.audit.verifying import verify
from huying.cases.models import Case, CaseContact, CaseText
from huying.errors import BadInput, Missing, NotAllowed
from huying.response.models import HandlingRecord
from tests.cases.town import NOW, Town

SEIZED = {
    "kind": "seizure",
    "found": "查获无证储存汽油和改装车辆。",
    "goods": ["汽油", "面包车"],
    "amounts": ["1500", "2"],
    "measures": ["litre", "vehicle"],
    "custody": "镇应急仓库",
    "party_name": "欧阳锋",
    "party_phone": "13900001111",
}


def last(case: Case) -> HandlingRecord:
    return HandlingRecord.objects.filter(case=case).latest("seq")


def test_a_seizure_says_what_how_much_and_where(town: Town) -> None:
    case = town.do("record", town.bring_to("handling"), **SEIZED)
    made = last(case)
    assert made.number == "safety（扣）〔2019〕1号"
    assert list(made.goods.values_list("amount", "measure")) == [
        (Decimal(1500), "litre"),
        (Decimal(2), "vehicle"),
    ]
    words = CaseText.objects.filter(case=case, seq=made.seq, kind__in=["goods", "custody"])
    assert set(words.values_list("body", flat=True)) == {"汽油", "面包车", "镇应急仓库"}
    assert (case.state, town.last(case).data["document"]) == ("handling", made.number)


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"kind": ""}, Missing, "kind"),
        ({"found": " "}, Missing, "found"),
        ({"goods": []}, Missing, "goods"),
        ({"amounts": ["1500"]}, BadInput, "goods"),
        ({"amounts": ["NaN", "2"]}, BadInput, "amounts"),
        ({"amounts": ["0", "2"]}, BadInput, "amounts"),
        ({"measures": ["litre", "parsec"]}, BadInput, "measures"),
        ({"custody": ""}, Missing, "custody"),
        ({"kind": "correction"}, Missing, "demanded"),
        ({"kind": "correction", "demanded": "改正"}, Missing, "correct_by"),
        (
            {
                "kind": "correction",
                "demanded": "改正",
                "correct_by": (NOW - timedelta(days=1)).date(),
            },
            BadInput,
            "correct_by",
        ),
    ],
)
def test_a_record_lacks_nothing(
    town: Town, change: dict[str, object], error: type[Exception], field: str
) -> None:
    case = town.bring_to("handling")
    with town.refused(error, field):
        town.do("record", case, **(SEIZED | change))
    assert not HandlingRecord.objects.filter(case=case).exists()


def test_numbers_run_by_unit_and_year_and_a_refused_record_takes_none(town: Town) -> None:
    case = town.do("record", town.bring_to("handling"))
    with town.refused(Missing, "found"):
        town.do("record", case, found="")
    case = town.do("record", case, kind="correction", demanded="清理", correct_by=NOW.date())
    assert last(case).number == "safety（责改）〔2019〕2号"
    town.later(days=200)
    assert last(town.do("record", case)).number == "safety（检）〔2020〕1号"
    helped = town.do("assist_sign", town.do("add_assist", case))
    assert last(town.do("record", helped, by="fireman")).number == "fire（检）〔2020〕1号"


def test_a_record_is_corrected_by_a_later_one_and_by_nothing_else(town: Town) -> None:
    case = town.do("record", town.bring_to("handling"))
    first = last(case)
    case = town.do("record", case, found="更正：占用的是东侧通道。", corrects=first.pk)
    assert last(case).corrects == first
    with town.refused(BadInput, "corrects"):
        town.do("record", case, corrects=first.pk)
    helped = town.do("assist_sign", town.do("add_assist", case))
    with town.refused(NotAllowed):
        town.do("record", helped, by="fireman", corrects=last(case).pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        HandlingRecord.objects.filter(pk=first.pk).update(serial=99)


def test_a_partys_data_and_the_words_can_be_erased_and_the_log_stays_whole(town: Town) -> None:
    case = town.do("record", town.bring_to("handling"), **SEIZED)
    party = CaseContact.objects.get(case=case)
    assert (party.party, party.name_masked) == (True, "欧**")
    assert b"13900001111" not in bytes(party.phone_enc)
    texts = list(CaseText.objects.filter(case=case, seq=case.last_seq))
    case = town.do("erased", case, contacts=[party.pk], texts=[text.pk for text in texts])
    assert verify(number=case.number).ok
    assert last(case).goods.count() == 2
