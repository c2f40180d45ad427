"""A rulebook from draft to publication, and what acceptance takes from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.cases.describing import explain
from huying.cases.models import Case
from huying.catalogue.models import ItemVersion
from huying.dispatch import grammar, publishing
from huying.dispatch.deciding import decided
from huying.dispatch.loading import default_text
from huying.dispatch.models import Rulebook
from huying.dispatch.proving import prove
from huying.dispatch.publishing import NotProved
from huying.dispatch.rulebook import in_force, world_of
from huying.dispatch.suggesting import suggest
from huying.errors import BadInput, NotAllowed, WrongState
from huying.people.acting import Actor, actor_for
from huying.people.demo import planned_units
from huying.people.models import Account, Post, Role, Unit
from huying.places.models import Division
from tests.cases.town import DAY, DISTRICT, FACTORY, OPINION, TOWN, Town, at

FIRE = """
规则 smoke 厂房冒烟
当 事项 0204
当 性质 复杂
当 文字 冒烟、浓烟
则 层级 镇街
则 牵头 部门 消防
则 协办 部门 应急管理办
则 时限 6 小时
则 优先 特急
则 通知 领导 镇街
"""


@pytest.fixture
def offices(town: Town) -> None:
    """Every department of the catalogue has a bureau in the district, and each team a squad."""
    departments = ItemVersion.objects.values_list("lead_department", flat=True).distinct()
    Unit.objects.bulk_create(
        Unit(code=f"bureau-{n}", name=f"区{name}", kind="department", level="district",
             area_code=DISTRICT, district_code=DISTRICT, department=name)
        for n, name in enumerate(departments)
    )  # fmt: skip
    Unit.objects.bulk_create(
        Unit(code=f"squad-{n}", name=duty, kind="team", level="district", area_code=DISTRICT,
             district_code=DISTRICT, duty=duty)
        for n, duty in enumerate(("企业商铺类", "社会面类"))
    )  # fmt: skip


def second(name: str = "second") -> Actor:
    """Another administrator of the district."""
    account = Account.objects.create(username=f"town-{name}", name=name, password="!")
    post = Post.objects.create(
        account=account, role=Role.ADMINISTRATOR, area_code=DISTRICT, district_code=DISTRICT,
        starts_on=DAY,
    )  # fmt: skip
    return actor_for(post, DAY)


def published(town: Town, text: str) -> Rulebook:
    """Default rules and these, published now by a second administrator."""
    row = publishing.begin(DISTRICT, by=town.administrator, now=town.now)
    both = (*grammar.read(default_text()), *grammar.read(text))
    publishing.write(row, both, by=town.administrator, now=town.now)
    publishing.check(row, by=town.administrator, now=town.now)
    return publishing.publish(row, by=second(f"second-{row.version}"), now=town.now)


def test_the_default_rules_hold_from_the_beginning_and_leave_nothing_open_in_the_demo(
    town: Town,
) -> None:
    found = in_force(DISTRICT, at("2019-01-01 00:00"))
    assert found is not None
    assert found.version == 1
    planned = planned_units(Division.objects.within(DISTRICT).order_by("code"))
    assert prove(found.book.rules, world_of(DISTRICT, town.now, planned)) == []


def test_from_draft_to_publication_by_two_people(town: Town, offices: None) -> None:
    other, third = second(), second("third")
    row = publishing.begin(DISTRICT, by=town.administrator, now=town.now)
    assert (row.version, row.based_on, len(row.rules)) == (2, 1, 5)
    publishing.write_text(row, default_text() + FIRE, by=town.administrator, now=town.now)
    with pytest.raises(WrongState):  # not checked yet
        publishing.publish(row, by=other, now=town.now)
    publishing.check(row, by=other, now=town.now)
    with pytest.raises(WrongState):
        publishing.write_text(row, FIRE, by=third, now=town.now)
    for who in (town.administrator, other, town.dispatcher, town.auditor, town.system):
        with pytest.raises(NotAllowed):
            publishing.publish(row, by=who, now=town.now)
    with pytest.raises(BadInput):
        publishing.publish(row, by=third, now=town.now, since=DAY - timedelta(days=1))
    tomorrow = DAY + timedelta(days=1)
    row = publishing.publish(row, by=third, now=town.now, since=tomorrow)
    versions = [
        found.version
        for moment in ("2019-07-11 23:59", "2019-07-12 00:00")
        if (found := in_force(DISTRICT, at(moment)))
    ]
    assert versions == [1, 2]
    for late in (
        lambda: publishing.write_text(row, FIRE, by=third, now=town.now),
        lambda: publishing.reopen(row, by=third, now=town.now),
        lambda: publishing.discard(row, by=third),
    ):
        with pytest.raises(WrongState):
            late()


def test_what_is_not_proved_is_neither_checked_nor_published(town: Town, offices: None) -> None:
    row = publishing.begin(DISTRICT, by=town.administrator, now=town.now)
    tie = FIRE + "规则 town 石碁镇\n当 地点 440113120\n则 牵头 部门 公安派出所\n"
    publishing.write_text(row, tie, by=town.administrator, now=town.now)
    with pytest.raises(NotProved):
        publishing.check(row, by=town.administrator, now=town.now)
    publishing.write_text(row, FIRE, by=town.administrator, now=town.now)
    publishing.check(row, by=town.administrator, now=town.now)
    Unit.objects.filter(department="民政").update(active=False)
    with pytest.raises(NotProved):
        publishing.publish(row, by=second(), now=town.now)
    assert publishing.reopen(row, by=town.administrator, now=town.now).checked_by is None


def test_nobody_else_writes_rules(town: Town) -> None:
    for name in ("dispatcher", "district_leader", "auditor", "security_administrator"):
        with pytest.raises(NotAllowed):
            publishing.begin(DISTRICT, by=town.actor(name), now=town.now)


def test_acceptance_takes_level_priority_and_limit_from_the_rule(town: Town, offices: None) -> None:
    version = published(town, FIRE).version
    case = town.do("accept", town.report("车间冒烟，机器过热", item=FACTORY))
    assert (case.rule, case.rulebook, case.priority, case.level) == ("smoke", version, 2, "town")
    data = town.last(case).data
    assert {name: data[name] for name in ("rule", "rulebook", "priority", "rule_limit")} == {
        "rule": "smoke",
        "rulebook": version,
        "priority": 2,
        "rule_limit": 6,
    }
    found = suggest(case, town.now)
    assert found.best is not None
    assert (found.best.unit, found.by.code, found.by.version) == (town.fire, "smoke", version)
    assert found.assist == (town.safety.pk,)
    assert found.best.due_at == town.now + timedelta(hours=6)
    case = town.do("dispatch", case, unit=town.fire.pk, assist=found.assist)
    assert (town.last(case).data["rule"], town.last(case).data["rulebook"]) == ("smoke", version)
    assert case.handle_due == town.now + timedelta(hours=6)
    case = town.do("sign_for", case, by="fireman")
    assert any("smoke" in sentence for sentence in explain(case))


def test_without_a_rule_the_catalogue_decides_and_another_item_decides_anew(
    town: Town, offices: None
) -> None:
    published(town, FIRE)
    quiet = town.do("accept", town.report("没有冒烟，配电箱没有门", item=FACTORY))
    assert (quiet.rule, quiet.priority, quiet.rule_limit) == ("shops", 0, None)
    opinion = town.do("escalate", town.report(item=OPINION), by="village_dispatcher")
    case = town.do("accept", opinion)
    assert (case.rule, "rule" in town.last(case).data) == ("", False)
    case = town.do("change_item", case, item=FACTORY, reason="实为企业隐患")
    assert (case.rule, town.last(case).data["rule"]) == ("shops", "shops")


def test_a_case_keeps_the_rules_that_it_was_accepted_under(town: Town, offices: None) -> None:
    case = town.do("accept", town.report("车间冒烟", item=FACTORY))
    published(town, FIRE)
    assert decided(case, town.now).code == "shops"
    assert decided(town.report("车间冒烟", item=FACTORY), town.now).code == "smoke"


def test_undoing_the_acceptance_takes_the_rule_back(town: Town, offices: None) -> None:
    published(town, FIRE)
    case = town.do("accept", town.report("车间冒烟", item=FACTORY))
    case = town.do("undo", case)
    assert (case.rule, case.rulebook, case.priority, case.rule_limit) == ("", None, 0, None)


def test_whom_the_rule_names_is_told_once_the_step_stays(town: Town, offices: None) -> None:
    from huying.dispatch.deciding import whom_of

    published(town, FIRE)
    case = town.do("accept", town.report("车间冒烟", item=FACTORY))
    rule = decided(case, town.now).rule
    assert rule is not None
    assert case.item_version is not None
    whom = whom_of(rule.then.notify, case, case.item_version)
    assert whom.leaders == (TOWN,)
    assert whom.found(town.now) == {town.accounts["town_leader"].pk}
    assert Case.objects.get(pk=case.pk).priority == 2
