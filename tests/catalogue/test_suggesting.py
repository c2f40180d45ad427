"""A text finds its item by the catalogue's words, and says by which."""

import csv
import io
import time
from dataclasses import replace
from functools import lru_cache

import pytest

from huying.catalogue.loading import SINCE, default_csv
from huying.catalogue.rows import read
from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.suggesting import everyday_words, read_words, suggest_item


@lru_cache
def catalogue(without_example: str = "") -> CatalogueSnapshot:
    items = []
    for cells in csv.DictReader(io.StringIO(default_csv())):
        row = read(cells)
        stated = {k: tuple(v) if isinstance(v, list) else v for k, v in row.stated.items()}
        if row.code == without_example:
            stated["example"] = ""
        items.append(
            ItemSnapshot(
                code=row.code, category_code=row.code[:2], category=row.category, version_id=1,
                version=1, valid_from=SINCE, active=True, **stated,
            )
        )  # fmt: skip
    return CatalogueSnapshot(key=f"default without {without_example}", items=tuple(items))


ITEMS = list(catalogue())


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_example_finds_its_own_item(item: ItemSnapshot) -> None:
    best = suggest_item(item.example, catalogue())[0]
    assert best.item_code == item.code
    assert all(word in item.example for word in best.reasons)


def test_nearly_every_example_finds_its_item_when_the_catalogue_does_not_know_it() -> None:
    found = [suggest_item(item.example, catalogue(item.code), top=1) for item in ITEMS]
    right = [
        item.code
        for item, best in zip(ITEMS, found, strict=True)
        if best and best[0].item_code == item.code
    ]
    assert len(right) >= 27


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("祠堂东街有很大的汽油味，怀疑有人偷偷卖油", "0203"),
        ("路边井盖坏了，车子压过去哐哐响", "0212"),
        ("楼下烧烤店油烟扰民，熏得睡不着", "0209"),
        ("楼顶违建，天天加盖", "0207"),
        ("邻居养狗不牵绳，狗粪没人管", "0304"),
        ("老板拖欠工资三个月", "0213"),
        ("消防通道被车堵死", "0201"),
        ("建议增加一条公交线路到地铁站", "0107"),
        ("社保卡怎么办理", "0303"),
        ("积水里很多蚊子，怕登革热", "0404"),
    ],
)
def test_everyday_words_find_their_item(text: str, code: str) -> None:
    assert suggest_item(text, catalogue())[0].item_code == code


@pytest.mark.parametrize(
    "text", ["", "你好", "12345", "谢谢领导", "哈哈哈哈", "A" * 500, "。" * 50]
)
def test_where_nothing_fits_nothing_is_suggested(text: str) -> None:
    assert suggest_item(text, catalogue()) == ()


def test_suggestions_come_best_first_with_scores_and_reasons() -> None:
    found = suggest_item("工地夜间施工噪音扰民，渣土车还把路面压坏了", catalogue(), top=3)
    assert found[0].item_code == "0206"
    assert [each.score for each in found] == sorted((e.score for e in found), reverse=True)
    assert all(0 < each.score < 1 for each in found)
    assert "渣土车" in found[0].reasons
    assert "“渣土车”" in found[0].zh


def test_the_beginning_counts_more_than_what_comes_up_later() -> None:
    lamp, dog = "路灯不亮。", "有人养狗不牵绳。"
    between = "这条路我们走了很多年。" * 10
    assert suggest_item(lamp + between + dog, catalogue())[0].item_code == "0212"
    assert suggest_item(dog + between + lamp, catalogue())[0].item_code == "0304"


def test_items_out_of_use_are_not_suggested() -> None:
    items = tuple(replace(item, active=item.code != "0212") for item in catalogue())
    rest = CatalogueSnapshot(key="without lamps", items=items)
    found = suggest_item("路灯不亮", rest)
    assert "0212" not in {each.item_code for each in found}


def test_another_version_of_the_catalogue_is_read_anew() -> None:
    items = tuple(
        replace(item, escalate_words=("哐当怪响",)) if item.code == "0212" else item
        for item in catalogue()
    )
    changed = CatalogueSnapshot(key="with a new word", items=items)
    assert suggest_item("半夜哐当怪响", changed)[0].item_code == "0212"
    assert suggest_item("半夜哐当怪响", catalogue()) == ()


def test_it_is_quick_enough_for_every_report() -> None:
    short = "和兴路18号门口路灯三天不亮了，晚上很黑，老人小孩走路都怕摔，请尽快派人来修。" * 2
    long = short * 130
    suggest_item(short, catalogue())

    def best_of(text: str) -> float:
        took = []
        for _ in range(50):
            began = time.perf_counter()
            suggest_item(text, catalogue())
            took.append(time.perf_counter() - began)
        return min(took)

    assert best_of(short) < 300e-6
    assert best_of(long) < 3e-3


def test_the_packages_words_are_all_for_items_that_exist() -> None:
    known = {item.code for item in ITEMS}
    assert {row.item_code for row in everyday_words()} == known


@pytest.mark.parametrize(
    "text",
    ["code,words\n0101,井盖", "code,weight,words\n0101,x,井盖", "code,weight,words\n0101,1,井"],
)
def test_a_wrong_list_of_words_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_words(text)
