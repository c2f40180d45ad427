"""Tables for the base registers: compared with what is there, taken in whole, taken back."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.errors import NotAllowed, WrongState
from huying.intake.excel import keeping, taking
from huying.intake.excel.register_headings import OF_KIND
from huying.intake.excel.rows import Unusable, areas, read_table
from huying.intake.models import CaseImport
from huying.intake.registers import taking as registers
from huying.intake.registers.entries import choices_of
from huying.intake.registers.templates import template
from huying.people.acting import Actor, actor_for
from huying.people.models import Account, Post, Role
from huying.registry import recording, sealing
from huying.registry.models import (
    Address,
    AddressAlias,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Level,
    Person,
    RegisterChange,
)
from huying.registry.searching import search
from tests.cases.town import GRID_1, GRID_2, GRID_3, LINGBIAN, NOW, SPOTS, TOWN, XIAOLONG, Town
from tests.registry.living import code_of, id_of, person, village

Into = CaseImport.Into
LON, LAT = SPOTS[GRID_1]
NANCUN = "南村社区居民委员会"


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)

    @contextmanager
    def telling(*_: Any) -> Iterator[Callable[[int], bool]]:
        # The rows of a test are not there for another connection.
        yield lambda done: True

    monkeypatch.setattr(taking, "telling", telling)
    return tmp_path


def table(into: str, *rows: dict[str, Any]) -> bytes:
    """A workbook with the columns of its kind; rows by the columns' Chinese titles."""
    titles = list(OF_KIND[into].titles.values())
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for at, row in enumerate([dict(zip(titles, titles, strict=True)), *rows]):
            assert set(row) <= set(titles), set(row) - set(titles)
            for place, title in enumerate(titles):
                sheet.write(at, place, row.get(title, ""))
    return out.getvalue()


def lives(address: str = "东街12号3栋502", name: str = "", **more: Any) -> dict[str, Any]:
    return {"村(社区)": "小龙村", "地址": address, "姓名": name} | more


def sent(town: Town, into: str, *rows: dict[str, Any], by: Actor | None = None) -> CaseImport:
    made = taking.receive(
        table(into, *rows), "台账.xlsx", by=by or town.actor("dispatcher"), now=NOW, into=into
    )
    taking.check_table(str(made.pk), "zh-hans")
    made.refresh_from_db()
    return made


def taken(town: Town, made: CaseImport, by: Actor | None = None, **how: bool) -> int:
    taking.confirm(made, by=by or town.actor("dispatcher"), now=NOW, **how)
    n = taking.import_cases(str(made.pk), "zh-hans")
    made.refresh_from_db()
    assert made.state == "done", made.trouble
    return n


def tally(made: CaseImport) -> dict[str, int]:
    return {k: n for k, n in keeping.kept_look(made.pk)["tally"].items() if n}


def faults(made: CaseImport) -> list[tuple[int, str, str]]:
    look = keeping.kept_look(made.pk)
    return [(each["row"], each["column"], each["words"]) for each in look["troubles"]]


FAMILY: Sequence[dict[str, Any]] = (
    lives(name="陈大文", 户号=1, 与户主关系="户主", 身份证号=id_of("19790304"),
          联系电话=13926187753, 经度=LON, 纬度=LAT, 房屋用途="自住", 房间数=3),
    lives(name="林小妹", 户号=1, 与户主关系="配偶", 出生年份=1981, 性别="女"),
    lives("东街12号3栋601", name="何二", 户号=1, 居住情况="流入人口"),
    lives("东街14号", 房屋用途="空置"),
)  # fmt: skip


def family() -> list[dict[str, Any]]:
    """The family with the words that the lists really have."""
    stay = next(w for w, c in choices_of(Into.PEOPLE, "stay").items() if c == Person.Stay.MOVED_IN)
    use = {c: w for w, c in choices_of(Into.PEOPLE, "use").items()}
    rows = [dict(each) for each in FAMILY]
    rows[0]["房屋用途"], rows[3]["房屋用途"] = use["owner"], use["empty"]
    rows[2]["居住情况"] = stay
    return rows


def test_a_table_of_people_becomes_addresses_dwellings_households_and_people(town: Town) -> None:
    made = sent(town, Into.PEOPLE, *family())
    assert (made.state, made.bad, faults(made)) == ("checked", 0, [])
    assert tally(made) == {"new": 4}
    assert not Person.objects.exists()
    assert not Address.objects.exists()
    kept = str(keeping.kept_look(made.pk))
    assert "陈大文" not in kept
    assert "13926187753" not in kept

    assert taken(town, made) == 4
    assert set(Address.objects.values_list("full_name", flat=True)) == {
        "东街", "东街12号", "东街12号3栋", "东街12号3栋502", "东街12号3栋601", "东街14号",
    }  # fmt: skip
    flat = Dwelling.objects.get(address__full_name="东街12号3栋502")
    assert (flat.use, flat.rooms, flat.area_code) == ("owner", 3, GRID_1)
    # The second flat lies in the building that the first row pinned.
    assert Dwelling.objects.get(address__full_name="东街12号3栋601").area_code == GRID_1
    assert Dwelling.objects.get(address__full_name="东街14号").area_code == XIAOLONG
    assert Household.objects.count() == 2
    chan = Person.objects.get(name_index=sealing.mark("陈大文"))
    assert sealing.opened(chan, "id_number") == id_of("19790304")
    assert (chan.birth_year, chan.phone_masked, chan.relation) == (1979, "139****7753", "head")
    assert chan.household.number == 1
    wife = Person.objects.get(name_index=sealing.mark("林小妹"))
    assert (wife.household, wife.birth_year, wife.sex) == (chan.household, 1981, "female")
    assert set(RegisterChange.objects.values_list("kind", flat=True)) == {"made"}
    found = search("陈大文", by=town.actor("dispatcher"), now=NOW)
    assert [each.pk for each in found.people] == [chan.pk]

    # The same again changes nothing, and says so.
    again = sent(town, Into.PEOPLE, *family())
    assert tally(again) == {"same": 4}
    with pytest.raises(WrongState, match="没有可以新增或变更的行"):
        taken(town, again, again=True)


def test_what_is_empty_stays_and_what_is_told_changes(town: Town) -> None:
    taken(town, sent(town, Into.PEOPLE, *family()))
    made = sent(
        town,
        Into.PEOPLE,
        lives(name="陈大文", 身份证号=id_of("19790304"), 联系电话="13900000001"),
        lives(name="林小妹", 身份证号=id_of("19811122", "002")),
        lives("东街12号3栋601", 房间数=2),
    )
    assert tally(made) == {"changed": 3}
    look = keeping.kept_look(made.pk)
    assert look["changed"][0]["changes"] == [["电话", "139****7753", "139****0001"]]
    assert id_of("19811122", "002") not in str(look)
    taken(town, made)
    chan = Person.objects.get(name_index=sealing.mark("陈大文"))
    assert (chan.phone_masked, chan.relation, chan.version) == ("139****0001", "head", 2)
    wife = Person.objects.get(name_index=sealing.mark("林小妹"))
    assert (wife.birth_year, wife.sex) == (1981, "female")
    assert Dwelling.objects.get(address__full_name="东街12号3栋601").rooms == 2


def test_who_is_registered_elsewhere_stays_there_unless_the_table_is_right(town: Town) -> None:
    taken(town, sent(town, Into.PEOPLE, *family()))
    moved = lives("东街14号", name="陈大文", 身份证号=id_of("19790304"))
    made = sent(town, Into.PEOPLE, moved, lives("西街2号", name="新来的"))
    assert tally(made) == {"conflict": 1, "new": 1}
    (conflict,) = keeping.kept_look(made.pk)["conflicts"]
    assert (conflict["row"], conflict["why"]) == (2, "已登记在：小龙村 东街12号3栋502。")
    taken(town, made)
    chan = Person.objects.get(name_index=sealing.mark("陈大文"))
    assert chan.dwelling.address.full_name == "东街12号3栋502"
    reasons = read_table(keeping.kept(made.pk, "reasons") or b"", Into.PEOPLE)
    assert [str(cells[0]) for _n, cells in reasons.rows] == ["已登记在：小龙村 东街12号3栋502。"]

    again = sent(town, Into.PEOPLE, moved, lives("西街4号"))
    taken(town, again, overrule=True)
    chan.refresh_from_db()
    assert chan.dwelling.address.full_name == "东街14号"
    assert (chan.household, chan.area_code) == (None, XIAOLONG)


def next_village() -> Actor:
    """The dispatcher of the village beside."""
    account = Account.objects.create(username="lingbian", name="邻村值班员")
    post = Post.objects.create(
        account=account, role=Role.DISPATCHER, area_code=LINGBIAN, district_code=LINGBIAN[:6],
        starts_on=date(2019, 1, 1),
    )  # fmt: skip
    return actor_for(post, timezone.localdate(NOW))


def test_of_people_out_of_sight_only_the_town_is_told(town: Town) -> None:
    there = village(town)
    far = next_village()
    number = id_of("19800102")
    assert there.grown.id_number_index == sealing.mark(number)
    row = {"地址": "北街1号", "姓名": "张三丰", "身份证号": number}
    made = sent(town, Into.PEOPLE, row, {**row, "姓名": "李四", "身份证号": ""}, by=far)
    assert tally(made) == {"conflict": 1, "new": 1}
    (conflict,) = keeping.kept_look(made.pk)["conflicts"]
    assert "东街" not in conflict["why"]
    assert "石碁镇" in conflict["why"]
    taken(town, made, by=far, overrule=True)
    there.grown.refresh_from_db()
    assert there.grown.area_code.startswith(XIAOLONG)
    looked = AccessLog.objects.filter(action="match_id_numbers", subject_id=str(made.pk))
    assert {tuple(each.fields) for each in looked} == {("numbers:1",)}
    assert {each.account_id for each in looked} == {far.account_id}


def test_of_a_wrong_row_nothing_comes_in(town: Town) -> None:
    number = id_of("19790304")
    made = sent(
        town,
        Into.PEOPLE,
        lives("南街1号", name="甲", 身份证号=number[:-1] + ("1" if number[-1] != "1" else "2")),
        lives("南街2号", name="乙", 身份证号=number),
        lives("南街3号", name="丙", 身份证号=number),
        lives("12号", name="丁"),
        lives("南街5号", 联系电话="13800138000"),
        {**lives("南街6号"), "村(社区)": "没有这个村"},
        {**lives("南街7号"), "村(社区)": NANCUN},
        lives("南街8号", 房间数="很多"),
        lives("南街9号", name="戊", 性别="？"),
        lives("南街10号", name="己", 经度=LON),
        lives("南街11号", name="庚", 经度=SPOTS[GRID_3][0], 纬度=SPOTS[GRID_3][1]),
        lives("南街2号", name="乙", 身份证号=number),
    )
    assert {(row, column) for row, column, _words in faults(made)} == {
        (2, "身份证号"), (4, ""), (5, "地址"), (6, "姓名"), (7, "村(社区)"), (8, "村(社区)"),
        (9, "房间数"), (10, "性别"), (11, "经度"), (12, "经度"), (13, ""),
    }  # fmt: skip
    assert tally(made) == {"wrong": 11, "new": 1}
    with pytest.raises(WrongState):
        taken(town, made)
    taken(town, made, only_good=True)
    assert set(Address.objects.values_list("full_name", flat=True)) == {"南街", "南街2号"}
    assert Person.objects.count() == 1


def test_an_import_is_taken_back_but_for_what_was_changed_since(town: Town) -> None:
    first = sent(town, Into.PEOPLE, *family())
    taken(town, first)
    second = sent(
        town,
        Into.PEOPLE,
        lives(name="陈大文", 身份证号=id_of("19790304"), 联系电话="13900000001"),
        lives("东街12号3栋601", name="何二", 联系电话="13900000002"),
        lives("东街16号", name="吴新来"),
        lives("东街18号", name="吴更新"),
    )
    taken(town, second)
    he = Person.objects.get(name_index=sealing.mark("何二"))
    recording.check(he, by=town.village_dispatcher, now=NOW)
    told = recording.PersonTold(name="何二", phone="13900000009", dwelling=he.dwelling)
    recording.correct(he.pk, told, by=town.village_dispatcher, now=NOW)
    stays = Person.objects.get(name_index=sealing.mark("吴更新"))
    recording.correct(
        stays.pk,
        recording.PersonTold(name="吴更新", phone="13900000003", dwelling=stays.dwelling),
        by=town.village_dispatcher,
        now=NOW,
    )

    back, stayed = registers.take_back(second, by=town.actor("dispatcher"), now=NOW)
    chan = Person.objects.get(name_index=sealing.mark("陈大文"))
    assert sealing.opened(chan, "phone") == "13926187753"
    assert not Person.objects.filter(name_index=sealing.mark("吴新来")).exists()
    assert not Address.objects.filter(full_name="东街16号").exists()
    he.refresh_from_db()
    assert sealing.opened(he, "phone") == "13900000009"
    # The changed newcomer stays, and so does what he lives in.
    assert Person.objects.get(pk=stays.pk).dwelling.address.full_name == "东街18号"
    assert (back, stayed) == (4, 4)
    assert second.records.filter(stayed=True).count() == 4
    with pytest.raises(WrongState, match="已经撤销"):
        registers.take_back(second, by=town.actor("dispatcher"), now=NOW)

    registers.take_back(first, by=town.actor("dispatcher"), now=NOW)
    left = set(Person.objects.values_list("pk", flat=True))
    assert left == {chan.pk, he.pk, stays.pk}  # changed since: the first phone came back


def test_after_a_month_it_stays(town: Town) -> None:
    made = sent(town, Into.PEOPLE, *family())
    taken(town, made)
    late = NOW + timedelta(days=31) + (made.ended_at - NOW if made.ended_at else timedelta())
    with pytest.raises(WrongState):
        registers.take_back(made, by=town.actor("dispatcher"), now=late)


def test_units_are_known_by_code_and_by_name(town: Town) -> None:
    there = village(town)
    made = sent(
        town,
        Into.UNITS,
        {"村(社区)": "小龙村", "地址": "东街12号3栋", "单位名称": "小龙五金建材店",
         "统一社会信用代码": there.shop.credit_code, "风险": "无"},
        {"村(社区)": "小龙村", "地址": "东街20号", "单位名称": "新开面馆", "联系人": "王五",
         "联系电话": "13900000005", "统一社会信用代码": code_of("92440113MA5ABCDE2")},
        {"村(社区)": "小龙村", "地址": "东街20号", "单位名称": "错码店",
         "统一社会信用代码": "92440113MA5ABCDE29"},
        by=town.village_dispatcher,
    )  # fmt: skip
    look = keeping.kept_look(made.pk)
    assert tally(made) == {"changed": 1, "new": 1, "wrong": 1}
    assert ["名称", "小龙五金店", "小龙五金建材店"] in look["changed"][0]["changes"]
    assert [(row, column) for row, column, _w in faults(made)] == [(4, "统一社会信用代码")]
    taken(town, made, by=town.village_dispatcher, only_good=True)
    there.shop.refresh_from_db()
    assert (there.shop.name, there.shop.risks) == ("小龙五金建材店", [])
    assert there.shop.contact_masked == "李**"
    noodles = Enterprise.objects.get(name="新开面馆")
    assert (noodles.area_code, noodles.phone_masked) == (GRID_2, "139****0005")
    assert "新开面馆" in noodles.words


def test_facilities_and_addresses(town: Town) -> None:
    village(town)
    made = sent(
        town,
        Into.FACILITIES,
        {"村(社区)": "小龙村", "设施名称": "新栓", "类型": "消火栓", "经度": LON, "纬度": LAT},
        {"村(社区)": "小龙村", "设施名称": "别处的栓", "类型": "消火栓",
         "经度": SPOTS[GRID_3][0], "纬度": SPOTS[GRID_3][1]},
    )  # fmt: skip
    assert tally(made) == {"new": 1, "wrong": 1}
    taken(town, made, only_good=True)
    assert Facility.objects.get(name="新栓").area_code == GRID_1

    made = sent(
        town,
        Into.ADDRESSES,
        {"村(社区)": "小龙村", "地址": "东街20号", "楼栋编码": "LD-20", "别名或旧门牌": "东街旧8号",
         "经度": LON, "纬度": LAT},
        {"村(社区)": "小龙村", "地址": "北街1号", "楼栋编码": "LD-1"},
        {"村(社区)": "小龙村", "地址": "北街2号", "楼栋编码": "LD-1"},
    )  # fmt: skip
    assert tally(made) == {"changed": 1, "new": 1, "wrong": 1}
    taken(town, made, only_good=True)
    house = Address.objects.get(full_name="东街20号")
    assert (house.building_code, house.area_code) == ("LD-20", GRID_1)
    assert AddressAlias.objects.get(address=house).name == "东街旧8号"
    # From now on both find the building, whatever table comes.
    more = sent(town, Into.PEOPLE, lives("东街旧8号301", name="赵六"))
    taken(town, more)
    flat = Person.objects.get(name_index=sealing.mark("赵六")).dwelling
    assert (flat.address.full_name, flat.area_code) == ("东街20号301", GRID_1)

    registers.take_back(made, by=town.actor("dispatcher"), now=NOW)
    house.refresh_from_db()
    assert (house.building_code, house.area_code) == (None, GRID_2)
    assert not Address.objects.filter(full_name="北街1号").exists()


@pytest.mark.parametrize("into", [each for each in Into.values if each != Into.CASES])
def test_the_template_is_read_as_it_was_given(into: str, town: Town) -> None:
    own = list(areas(TOWN))
    with pytest.raises(Unusable) as refused:
        read_table(template(into, own), into)
    assert refused.value.trouble == "no_rows"  # its headings are read, its example stays out


def test_grid_workers_send_no_tables(town: Town) -> None:
    with pytest.raises(NotAllowed):
        sent(town, Into.PEOPLE, *family(), by=town.actor("worker"))


def test_two_rows_that_name_one_person_are_told(town: Town) -> None:
    village(town)
    person(town, None, "陈二", id_number=id_of("19700101", "003"), community=XIAOLONG, phone="")
    made = sent(
        town,
        Into.PEOPLE,
        lives(name="陈二", 身份证号=id_of("19700101", "003")),
        lives("西街1号", name="陈二", 身份证号=id_of("19700101", "003")),
    )
    assert tally(made) == {"conflict": 2} or tally(made) == {"conflict": 1, "wrong": 1}


@pytest.mark.slow
def test_a_towns_register_comes_in_and_is_found(town: Town) -> None:
    """A tenth of the 22,000 dwellings and 58,000 households of 石碁镇 (2019), in two tables;
    `huying bench tables` takes all of them in."""
    began = time.monotonic()
    dwellings, households = 2_200, 5_800
    rows: list[dict[str, Any]] = []
    for number in range(households):
        home = number % dwellings
        street, plate, room = home // 2000, home % 2000 // 20, home % 20
        rows.append(
            lives(
                f"{'甲乙丙丁戊己庚辛壬癸子'[street]}街{plate + 1}号{room // 4 + 1}0{room % 4 + 1}",
                name=f"户主{number}号",
                户号=number // dwellings + 1,
                联系电话=f"139{number:08}",
            )
        )
    half = households // 2
    for some in (rows[:half], rows[half:]):
        made = sent(town, Into.PEOPLE, *some)
        assert tally(made) == {"new": half}
        taken(town, made)
    assert Dwelling.objects.count() == dwellings
    assert Household.objects.count() == households
    assert Person.objects.count() == households
    took = time.monotonic() - began
    print(f"{households} households in {took:.1f} s")  # noqa: T201 - what was measured
    found = search("乙街7号203", by=town.actor("dispatcher"), now=NOW)
    assert "乙街7号203" in str(found)
    assert Address.objects.filter(level=Level.ROOM).count() == dwellings
    assert not Address.objects.filter(community_code=LINGBIAN).exists()
