"""The pages of the routing rules, as administrators and those who live with the rules use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huying.catalogue.models import ItemVersion
from huying.desk.backtesting import replay
from huying.dispatch import grammar
from huying.dispatch.models import Backtest, Rulebook
from huying.dispatch.rulebook import rules_of
from huying.people.models import Account, Post, Role, Unit
from tests.desk.world import DISTRICT, World

ROTTEN = """规则 rubbish 垃圾臭味
当 事项 0211
当 地点 440113120
当 性质 简单
当 文字 臭味
则 牵头 部门 环卫
则 时限 4 小时
则 优先 加急
"""


@pytest.fixture(autouse=True)
def administrators(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them; of their second factor other tests tell."""
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    for name in ("admin", "other_admin"):
        world.accounts[name] = Account.objects.create(username=f"t-{name}", name=name)
        world.posts[name] = Post.objects.create(
            account=world.accounts[name],
            role=Role.ADMINISTRATOR,
            area_code=DISTRICT,
            district_code=DISTRICT,
            starts_on=timezone.localdate(),
        )


@pytest.fixture
def offices() -> None:
    """Everybody whom the default rules and the catalogue name works in the district."""
    departments = [*ItemVersion.objects.values_list("lead_department", flat=True).distinct()]
    named = [("department", name, "") for name in departments]
    named += [("team", "", duty) for duty in ("企业商铺类", "社会面类")]
    Unit.objects.bulk_create(
        Unit(code=f"o-{n}", name=department or duty, kind=kind, level="district", duty=duty,
             area_code=DISTRICT, district_code=DISTRICT, department=department)
        for n, (kind, department, duty) in enumerate(named)
    )  # fmt: skip


def test_a_version_goes_from_draft_to_publication_over_the_pages(
    world: World, as_: Callable[..., Client], offices: None
) -> None:
    admin, other = as_("admin"), as_("other_admin")
    assert "规则第 1 版" in admin.get("/desk/rules/1").content.decode()
    begun = admin.post("/desk/rules")
    assert begun.url == "/desk/rules/2"  # type: ignore[attr-defined]
    text = grammar.text_of(rules_of(Rulebook.objects.get(version=2)))
    bad = admin.post("/desk/rules/2", {"text": text + "规则 x 无结果"})
    assert bad.status_code == 422
    assert "规则 x 无结果" in bad.content.decode()  # what was typed is not lost
    assert admin.post("/desk/rules/2", {"text": text + ROTTEN}).status_code == 302
    assert admin.post("/desk/rules/2/publish").status_code == 409  # not checked
    assert admin.post("/desk/rules/2/check").status_code == 302
    own = admin.post("/desk/rules/2/publish", {"since": str(timezone.localdate())})
    assert own.status_code == 403
    assert "另一人发布" in own.content.decode()
    assert other.post("/desk/rules/2/publish", {"since": ""}).status_code == 302
    assert Rulebook.objects.get(version=2).published_by == world.accounts["other_admin"].pk
    case = world.accepted()
    page = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert "垃圾臭味" in page
    assert "加急" in page
    assert "streets" in page  # why not the more general one


def test_the_form_writes_what_the_text_says(
    world: World, as_: Callable[..., Client], offices: None
) -> None:
    admin = as_("admin")
    admin.post("/desk/rules")
    given: dict[str, Any] = {
        "code": "rubbish", "name": "垃圾臭味", "items": ["0211"], "areas": ["440113120"],
        "kinds": ["simple"],
        "words": "臭味", "lead": ["部门 环卫"], "amount": "4", "clock": "natural_hour",
        "priority": "1",
    }  # fmt: skip
    assert admin.post("/desk/rules/2/new", given | {"code": "脏"}).status_code == 422
    assert admin.post("/desk/rules/2/new", given | {"hours": "晚上"}).status_code == 422
    assert admin.post("/desk/rules/2/new", given).status_code == 302
    (written,) = [r for r in rules_of(Rulebook.objects.get(version=2)) if r.code == "rubbish"]
    assert grammar.rule_text(written) == ROTTEN
    # Opened again and sent as it is, it stays as it is.
    page = admin.get("/desk/rules/2/rules/rubbish")
    form = page.context["form"]
    sent = {name: value for name, value in form.initial.items() if value not in (None, "", [])}
    assert admin.post("/desk/rules/2/rules/rubbish", sent).status_code == 302
    assert grammar.rule_text(rules_of(Rulebook.objects.get(version=2))[-1]) == ROTTEN
    assert admin.post("/desk/rules/2/remove", {"rule": "rubbish"}).status_code == 302
    assert len(Rulebook.objects.get(version=2).rules) == 5


def test_findings_stand_on_the_page_and_keep_it_from_being_checked(
    world: World, as_: Callable[..., Client], offices: None
) -> None:
    admin = as_("admin")
    admin.post("/desk/rules")
    tie = "规则 a 甲\n当 渠道 热线\n则 优先 加急\n规则 b 乙\n当 事项 0211\n则 优先 特急\n"
    admin.post("/desk/rules/2", {"text": tie})
    page = admin.get("/desk/rules/2").content.decode()
    assert "相互冲突" in page
    assert "0211 市容环境和占道经营" in page
    assert admin.post("/desk/rules/2/check").status_code == 409


def test_a_backtest_shows_numbers_to_all_and_cases_to_who_may_see_them(
    world: World, as_: Callable[..., Client], offices: None
) -> None:
    world.accepted()
    admin = as_("admin")
    admin.post("/desk/rules")
    draft = Rulebook.objects.get(version=2)
    text = grammar.text_of(rules_of(draft))
    admin.post("/desk/rules/2", {"text": text + ROTTEN})
    today = timezone.localdate()
    assert admin.post("/desk/rules/2/backtests", {"since": "x"}).status_code == 422
    days = {"since": str(today - timedelta(days=1)), "until": str(today)}
    where = admin.post("/desk/rules/2/backtests", days).url  # type: ignore[attr-defined]
    run = Backtest.objects.get()
    assert "等待中" in admin.get(where).content.decode()
    assert replay(str(run.pk)) == 1
    assert replay(str(run.pk)) == 0  # a job that comes twice
    page = admin.get(where)
    assert page.context["result"]["moved"] == 1
    assert page.context["cases"] == []
    body = page.content.decode()
    assert "石碁镇环卫站" in body
    assert "只对有权查看的人显示" in body
    assert as_("dispatcher").get(where).status_code == 404  # a draft is not for readers
    Rulebook.objects.filter(pk=draft.pk).update(
        state="published", published_at=timezone.now(), effective_from=timezone.now()
    )
    assert len(as_("dispatcher").get(where).context["cases"]) == 1
    assert as_("far_dispatcher").get(where).context["cases"] == []


def test_a_cancelled_backtest_ends(world: World, as_: Callable[..., Client], offices: None) -> None:
    world.accepted()
    admin = as_("admin")
    today = str(timezone.localdate())
    where = admin.post("/desk/rules/1/backtests", {"since": today, "until": today}).url  # type: ignore[attr-defined]
    assert admin.post(where).status_code == 302
    assert replay(str(Backtest.objects.get().pk)) == 0
    assert "已取消" in admin.get(where).content.decode()
