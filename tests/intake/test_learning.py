"""What suggests items is replaced only by something better on the newest month, and put back."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from huying.audit.identifiers import new_id
from huying.cases.contacts import new_contact
from huying.cases.models import Case, CaseContact, CaseText
from huying.catalogue.learned import Model, load
from huying.catalogue.models import SuggestionModel
from huying.catalogue.training import Figures
from huying.catalogue.versions import current
from huying.errors import NotAllowed, WrongState
from huying.intake import learning, suggesting
from huying.intake.reporting import suggestions
from huying.people.acting import SYSTEM
from tests.cases.town import Town

# What this desk calls things no catalogue knows.
SAID = {
    "0212": ("黑咕隆咚看不见路", "亮化设施罢工了", "夜里一抹黑，亮化不工作"),
    "0209": ("下面那家天天呛得人咳嗽", "呛人得很，窗都不敢开", "那家又在呛人"),
    "0304": ("毛孩子到处拉便便", "毛孩子没拴住", "毛孩子追着小孩跑"),
}
NAME = "皇甫青禾"


@pytest.fixture
def town(db: None) -> Any:
    return Town()


@pytest.fixture(autouse=True)
def looked_anew() -> Iterator[None]:
    suggesting.forget()
    yield
    suggesting.forget()


def decided(town: Town, number: int, *, days: range, name: str = "") -> None:
    """Reports that a desk has accepted, spread over days before now: copies of one real case."""
    chance, now = random.Random(number), timezone.now()
    case = town.report()
    text = case.texts.get()
    cases, texts, contacts = [], [], []
    for n in range(number):
        item = chance.choice(list(SAID))
        at = now - timedelta(days=chance.choice(days), minutes=n)
        copy = Case.objects.get(pk=case.pk)
        copy.pk, copy.number = (
            new_id(),
            f"{case.number[:-6]}{900000 + 1000 * (days.start % 99) + n}",
        )
        copy.state, copy.item_code, copy.accepted_at = "accepted", item, at
        copy.item_version = current(item, now)
        cases.append(copy)
        texts.append(
            CaseText(case=copy, district_code=copy.district_code, kind="description", seq=1,
                     body=f"{chance.choice(SAID[item])}，{name}反映", salt=text.salt,
                     digest=text.digest)
        )  # fmt: skip
        if name:
            contacts.append(new_contact(copy.pk, copy.district_code, name, "", seq=1))
    Case.objects.bulk_create(cases)
    CaseText.objects.bulk_create(texts)
    CaseContact.objects.bulk_create(contacts)


def test_with_too_few_decisions_the_catalogues_words_stay_in_charge(town: Town) -> None:
    decided(town, 20, days=range(40, 90))
    told = learning.learn(now=timezone.now())
    assert told["outcome"] == "too_few"
    assert SuggestionModel.objects.get().in_charge is False
    assert suggestions("路灯不亮", timezone.now())[0].learned is False


def test_a_model_that_is_better_takes_over_and_is_put_back(town: Town) -> None:
    now = timezone.now()
    decided(town, 260, days=range(31, 90), name=NAME)
    decided(town, 60, days=range(1, 29))
    assert suggestions("亮化设施又罢工", now) == ()
    told = learning.learn(now=now)
    assert told["outcome"] == "better"
    assert told["model"]["macro_f1"] > told["before"]["macro_f1"]
    row = SuggestionModel.objects.get(in_charge=True)
    assert (row.learnt_from, row.measured_on) == (260, 60)
    (first, *_rest) = suggestions("亮化设施又罢工", now)
    assert (first.item_code, first.learned) == ("0212", True)
    assert "把握" in first.zh
    assert town.report("亮化设施又罢工", now=now).suggested_item == "0212"
    # Where it is not sure it says nothing, and a danger is heard all the same.
    assert suggestions("zzz", now) == ()
    assert "泄漏" in town.report("煤气泄漏，味道很大", now=now).emergency_words
    kept = load(bytes(row.data or b""), bytes(row.digest or b""))
    assert {NAME, NAME[:2], NAME[2:]}.isdisjoint(kept.vocabulary)

    with pytest.raises(NotAllowed):
        learning.put_in_charge(None, by=town.dispatcher, now=now)
    learning.put_in_charge(None, by=SYSTEM, now=now)
    assert suggestions("亮化设施又罢工", now) == ()
    with pytest.raises(WrongState):
        learning.put_in_charge(None, by=SYSTEM, now=now)
    learning.put_in_charge(row.pk, by=SYSTEM, now=now)
    assert suggestions("亮化设施又罢工", now)[0].learned
    # Learnt once more from the same decisions, it is no better, and the other stays.
    assert learning.learn(now=now)["outcome"] == "no_better"
    assert SuggestionModel.objects.get(in_charge=True).pk == row.pk


def test_a_model_that_cannot_be_read_leaves_the_words_in_charge(town: Town) -> None:
    SuggestionModel.objects.create(
        made_at=timezone.now(), learnt_until=timezone.now(), outcome="better", in_charge=True,
        data=b"broken", digest=bytes(32),
    )  # fmt: skip
    assert suggestions("路灯不亮", timezone.now())[0].item_code == "0212"


def test_an_item_newer_than_the_model_is_suggested_by_its_words() -> None:
    import numpy as np

    old = Model(("0209",), ("路灯",), np.ones(1), np.ones((1, 1)), np.ones((1, 1)), np.ones(1), 1.0)
    found = suggesting.suggest_by(old, "路灯不亮", suggesting.default_catalogue())
    assert found.items[0].item_code == "0212"
    assert not found.items[0].learned


@pytest.mark.parametrize(
    ("new", "old", "takes_over"),
    [((0.8, 0.7), (0.7, 0.7), True), ((0.705, 0.9), (0.7, 0.7), False),
     ((0.8, 0.6), (0.7, 0.7), False)],
)  # fmt: skip
def test_better_is_clearly_better_and_never_right_less_often(
    new: tuple[float, float], old: tuple[float, float], takes_over: bool
) -> None:
    made = [Figures(100, f1, right, 1.0, {}) for f1, right in (new, old)]
    assert learning.better(*made) is takes_over
