"""Many cases at once: what is foreseen, what is done, and that each row stands for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from huying.cases.models import Case, CaseEvent, CaseParty, IdempotencyKey
from huying.desk.bulk import MOST
from huying.dispatch import grammar, rulebook
from huying.dispatch.loading import default_text
from huying.dispatch.models import Rulebook
from huying.dispatch.rules import as_data
from huying.people.models import Post, Role
from tests.desk.world import DISTRICT, ELSEWHERE, ITEM, World

As = Callable[..., Client]


def look(client: Client, verb: str, cases: Sequence[Case]) -> str:
    answer = client.post(f"/desk/bulk/{verb}", {"number": [case.number for case in cases]})
    assert answer.status_code == 200
    return answer.content.decode()


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of a look ahead as it stands."""
    sent: dict[str, Any] = {"row": []}
    for tag in re.findall(r"<input[^>]*>", page):
        kept = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if kept.get("type") == "hidden" and re.fullmatch(
            r"token|\d+-(expect_seq|proposed)", kept.get("name", "")
        ):
            sent[kept["name"]] = kept["value"]
        if kept.get("type") == "checkbox" and " checked" in tag:
            if kept.get("name") == "row":
                sent["row"].append(kept["value"])
            elif kept.get("name", "").endswith("-emergency"):
                sent[kept["name"]] = "on"
            elif kept.get("name", "").endswith("-assist"):
                sent.setdefault(kept["name"], []).append(kept["value"])
    for name, options in re.findall(
        r'<select[^>]*name="(\d+-\w+)"[^>]*>(.*?)</select>', page, re.S
    ):
        chosen = re.search(r'<option value="(\d+)"[^>]* selected', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def run(client: Client, verb: str, sent: dict[str, Any]) -> str:
    answer = client.post(f"/desk/bulk/{verb}/run", sent)
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer["Location"]).content.decode()


def states(*cases: Case) -> list[str]:
    for case in cases:
        case.refresh_from_db()
    return [case.state for case in cases]


@pytest.fixture
def reports(world: World) -> list[Case]:
    return [world.held_by_town(world.reported(f"第{n}处垃圾堆放。")) for n in range(3)]


def test_boxes_stand_where_something_can_be_done_with_them(
    world: World, reports: list[Case], as_: As
) -> None:
    def queue(person: str, query: str = "tab=area") -> str:
        return as_(person).get(f"/desk/?{query}").content.decode()

    assert queue("dispatcher").count('form="bulk"') == len(reports)
    assert "data-bulk=" in queue("dispatcher")
    for person in ("checker", "leader", "worker"):
        assert "bulk" not in queue(person).split("<main")[1]
    assert 'form="bulk"' not in queue("dispatcher", "tab=area&ended=1")
    rows = as_("dispatcher").get("/desk/?tab=area&rows=1").content.decode()
    assert rows.count('form="bulk"') == len(reports), "the list that looks again has them too"


def test_accepting_is_foreseen_and_done_each_for_itself(
    world: World, reports: list[Case], as_: As
) -> None:
    desk = as_("dispatcher")
    page = look(desk, "accept", reports)
    assert "批量受理：3 件" in page or "批量立案：3 件" in page
    assert page.count("派遣时限") == 3
    assert states(*reports) == ["reported"] * 3, "a look writes nothing"
    found = run(desk, "accept", fields(page))
    assert states(*reports) == ["accepted"] * 3
    assert "成功 3 件" in found
    assert "全部撤销（3 件）" in found
    for case in reports:
        assert case.item_code == ITEM
        assert case.events.get(verb="accept").post_id == world.posts["dispatcher"].pk


def test_the_deadline_foreseen_is_the_one_that_comes(
    world: World, reports: list[Case], as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huying.cases.accepting import if_accepted
    from huying.catalogue.versions import current

    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    case = reports[0]
    ahead = if_accepted(case, current(ITEM, now), emergency=True, now=now)
    assert case.state == "reported", "the case itself is left as it is"
    after = world.do(case, "accept", "dispatcher", now=now, item=ITEM, emergency=True)
    for name in ("state", "level", "emergency", "kind", "due_at", "yellow_at", "total_due"):
        assert getattr(ahead, name) == getattr(after, name), name


def test_what_the_flow_forbids_is_left_out_and_says_why(world: World, as_: As) -> None:
    able = world.held_by_town(world.reported())
    done = world.dispatched()
    elsewhere = world.reported()
    Case.objects.filter(pk=elsewhere.pk).update(holder_code=world.units["community"].area_code)
    page = look(as_("dispatcher"), "accept", [able, done, elsewhere])
    assert "2 件目前不能办理此步骤" in page
    assert "另一" in page or "其他" in page
    assert fields(page)["row"] == [able.number]
    # Whoever sends them nevertheless is refused by the verb itself, and the first is done.
    sent = fields(page) | {"row": [able.number, done.number, elsewhere.number]}
    found = run(as_("dispatcher"), "accept", sent)
    assert states(able, done, elsewhere) == ["accepted", "dispatched", "reported"]
    assert "未成功 2 件" in found


def test_cases_of_another_area_are_as_if_not_there(world: World, as_: As) -> None:
    far = world.reported()
    Case.objects.filter(pk=far.pk).update(area_code=ELSEWHERE, grid_code="", holder_code=ELSEWHERE)
    CaseParty.objects.filter(case=far).delete()  # who reported a case sees it wherever it is
    near = world.held_by_town(world.reported("近处的一件。"))
    desk = as_("dispatcher")
    page = look(desk, "accept", [far, near])
    assert "1 件已不存在或不在您的权限范围内" in page
    assert f"/desk/cases/{far.number}" not in page
    sent = fields(page) | {"row": [far.number, near.number], f"{far.number}-expect_seq": "1"}
    sent[f"{far.number}-item"] = ITEM
    found = run(desk, "accept", sent)
    assert states(far, near) == ["reported", "accepted"]
    assert f"/desk/cases/{far.number}" not in found
    assert "未成功 1 件" in found


def test_a_stale_row_is_refused_with_who_acted_and_the_others_are_done(
    world: World, reports: list[Case], as_: As
) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    world.do(reports[1], "comment", "checker", text="已到现场")
    found = run(desk, "accept", sent)
    assert states(*reports) == ["accepted", "reported", "accepted"]
    row = found[found.index(f'data-row="{reports[1].number}"') :]
    assert "梁永康" in row[: row.index("</tr>")]
    assert f'data-bulk-done="{reports[0].number} {reports[2].number} "' in found
    # The refused are offered for another look, which sees what happened.
    again = fields(look(desk, "accept", [reports[1]]))
    run(desk, "accept", again)
    assert states(reports[1]) == ["accepted"]


def test_sent_twice_it_is_done_once(world: World, reports: list[Case], as_: As) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    first = run(desk, "accept", sent)
    assert "成功 3 件" in run(desk, "accept", sent)
    assert first.count("light-green") == 3
    accepted = CaseEvent.objects.filter(verb="accept", case_id__in=[each.pk for each in reports])
    assert accepted.count() == 3
    # Back in the browser, another choice under the same preview: what was done is shown again.
    unlike = sent | {f"{reports[0].number}-item": "0401"}
    run(desk, "accept", unlike)
    assert states(reports[0]) == ["accepted"]
    assert reports[0].item_code == ITEM
    assert IdempotencyKey.objects.filter(verb="bulk.accept").count() == 3


def test_parts_of_a_run_come_to_one_result(world: World, reports: list[Case], as_: As) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    for number in sent["row"]:
        answer = desk.post(
            "/desk/bulk/accept/run",
            sent | {"row": [number]},
            headers={"accept": "application/json"},
        )
        assert answer.json() == {
            "done": 1,
            "refused": 0,
            "results": f"/desk/bulk/results/{sent['token']}",
        }
    assert "成功 3 件" in desk.get(answer.json()["results"]).content.decode()


def test_the_result_is_for_who_ran_it(world: World, reports: list[Case], as_: As) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    run(desk, "accept", sent)
    address = f"/desk/bulk/results/{sent['token']}"
    assert as_("district_dispatcher").get(address).status_code == 404
    assert as_("district_dispatcher").post(f"{address}/undo").status_code == 404
    assert states(*reports) == ["accepted"] * 3


def test_all_are_taken_back_where_they_still_can_be(
    world: World, reports: list[Case], as_: As
) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    run(desk, "accept", sent)
    world.do(reports[2], "comment", "checker", text="已到现场")
    address = f"/desk/bulk/results/{sent['token']}"
    assert desk.post(f"{address}/undo").status_code == 302
    page = desk.get(address).content.decode()
    assert states(*reports) == ["reported", "reported", "accepted"]
    assert "已撤销 2 件" in page
    assert "未撤销" in page
    seqs = [case.last_seq for case in reports]
    desk.post(f"{address}/undo")
    states(*reports)
    assert [case.last_seq for case in reports] == seqs


def test_after_its_time_nothing_is_offered_or_taken_back(
    world: World, reports: list[Case], as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    run(desk, "accept", sent)
    later = timezone.now() + timedelta(seconds=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    address = f"/desk/bulk/results/{sent['token']}"
    assert "data-undo=" not in desk.get(address).content.decode()
    desk.post(f"{address}/undo")
    assert states(*reports) == ["accepted"] * 3
    assert "已超过可撤销的时间" in desk.get(address).content.decode()


def test_dispatching_goes_to_the_proposed_unit_or_the_one_chosen(world: World, as_: As) -> None:
    cases = [world.accepted(), world.accepted()]
    desk = as_("dispatcher")
    page = look(desk, "dispatch", cases)
    sent = fields(page)
    proposed = sent[f"{cases[0].number}-unit"]
    assert proposed
    assert page.count("建议") >= 2
    other = next(
        str(world.units[key].pk)
        for key in ("lead", "second")
        if str(world.units[key].pk) != proposed
    )
    sent[f"{cases[1].number}-unit"] = other
    found = run(desk, "dispatch", sent)
    assert states(*cases) == ["dispatched"] * 2
    assert [str(case.lead_unit_id) for case in cases] == [proposed, other]
    assert [case.events.get(verb="dispatch").data["suggested"] for case in cases] == [True, False]
    assert str(world.units["second"]) in found


NIGHT = """规则 smell 垃圾臭味
当 事项 0211
当 文字 臭味
则 牵头 部门 城管执法队
则 协办 部门 环卫
则 时限 4 小时
则 优先 加急
"""


def test_a_row_says_which_rule_decides_and_ticks_whom_it_wants_beside(
    world: World, as_: As
) -> None:
    Rulebook.objects.create(
        district_code=DISTRICT,
        version=2,
        state="published",
        rules=[as_data(each) for each in grammar.read(default_text() + NIGHT)],
        created_at=timezone.now(),
        changed_at=timezone.now(),
        published_at=timezone.now(),
        effective_from=timezone.now() - timedelta(days=1),
    )
    rulebook.forget()
    lead, helper = world.units["lead"], world.units["second"]
    cases = [world.held_by_town(world.reported()) for _ in range(3)]
    desk = as_("dispatcher")
    page = look(desk, "accept", cases)
    assert page.count("垃圾臭味") == 3
    assert "加急" in page
    run(desk, "accept", fields(page))
    page = look(desk, "dispatch", cases)
    assert page.count("<code title=") == 3
    assert "4 小时" in page
    sent = fields(page)
    keys = [f"{case.number}-assist" for case in cases]
    assert [sent[key] for key in keys] == [[str(helper.pk)]] * 3
    assert sent[f"{cases[0].number}-unit"] == str(lead.pk)
    sent[keys[1]] = []  # unticked; and in the last, whom the rule wants beside shall lead
    sent[f"{cases[2].number}-unit"] = str(helper.pk)
    found = run(desk, "dispatch", sent)
    assert states(*cases) == ["dispatched"] * 3
    assert [list(case.parts) for case in cases] == [[str(helper.pk)], [], []]
    assert found.count("协办：") == 1


def test_one_unit_for_all_without_scripts(world: World, as_: As) -> None:
    cases = [world.accepted(), world.accepted()]
    desk = as_("dispatcher")
    sent = fields(look(desk, "dispatch", cases)) | {"unit_for_all": world.units["second"].pk}
    run(desk, "dispatch", sent)
    assert states(*cases) == ["dispatched"] * 2
    assert {case.lead_unit for case in cases} == {world.units["second"]}


def test_a_unit_of_another_town_is_refused(world: World, as_: As) -> None:
    case, desk = world.accepted(), as_("dispatcher")
    sent = fields(look(desk, "dispatch", [case]))
    sent[f"{case.number}-unit"] = str(world.units["other"].pk)
    assert "未成功 1 件" in run(desk, "dispatch", sent)
    assert states(case) == ["accepted"]


def test_a_row_without_an_item_waits_until_one_is_chosen(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported("有点事想反映一下", item=""))
    desk = as_("dispatcher")
    page = look(desk, "accept", [case])
    sent = fields(page)
    if sent["row"]:
        pytest.skip("the words alone propose an item")
    assert "请选择事项" in page
    chosen = sent | {f"{case.number}-item": ITEM, "look": case.number}
    by_item = {"HX-Trigger-Name": f"{case.number}-item"}
    row = desk.post("/desk/bulk/accept", chosen, headers=by_item).content.decode()
    assert row.count("<tr") == 1
    assert "派遣时限" in row
    assert fields(row)["row"] == [case.number]
    by_box = {"HX-Trigger-Name": f"{case.number}-emergency"}
    row = desk.post("/desk/bulk/accept", chosen, headers=by_box).content.decode()
    assert fields(row)["row"] == [], "a box that was cleared stays so"


def test_emergencies_are_flagged_and_accepted_as_such(world: World, as_: As) -> None:
    gas = world.held_by_town(world.reported("闻到很浓的煤气味，怀疑泄漏", item=""))
    desk = as_("dispatcher")
    page = look(desk, "accept", [gas, world.held_by_town(world.reported())])
    assert "其中有 1 件紧急案件" in page
    run(desk, "accept", fields(page))
    assert states(gas) == ["accepted"]
    assert gas.emergency


def test_more_than_can_be_looked_through_are_refused(world: World, as_: As) -> None:
    numbers = [f"4401131202026010{n:09d}" for n in range(MOST + 1)]
    desk = as_("dispatcher")
    for url in ("/desk/bulk/accept", "/desk/bulk/accept/run"):
        answer = desk.post(url, {"number": numbers, "row": numbers, "token": uuid4()})
        assert answer.status_code == 422
        assert f"一次最多办理 {MOST} 件" in answer.content.decode()


def test_no_selection_and_no_verb(world: World, reports: list[Case], as_: As) -> None:
    desk = as_("dispatcher")
    assert desk.post("/desk/bulk/accept", {}).status_code == 302
    assert desk.get("/desk/bulk/accept").status_code == 302, "a reload has nothing to show"
    assert desk.post("/desk/bulk/close", {"number": reports[0].number}).status_code == 404
    assert desk.post("/desk/bulk/accept/run", {"row": reports[0].number}).status_code == 404


def test_a_row_without_its_event_is_too_old(world: World, reports: list[Case], as_: As) -> None:
    case = reports[0]
    sent = {"token": uuid4(), "row": case.number, f"{case.number}-item": ITEM}
    run(as_("dispatcher"), "accept", sent)
    assert states(case) == ["reported"]


def test_on_another_post_nothing_is_taken_back(world: World, reports: list[Case], as_: As) -> None:
    second = Post.objects.create(
        account=world.accounts["dispatcher"],
        role=Role.DISPATCHER,
        area_code="440113",
        district_code="440113",
        unit=world.units["district"],
        starts_on=timezone.localdate(),
    )
    desk = as_("dispatcher")
    sent = fields(look(desk, "accept", reports))
    run(desk, "accept", sent)
    session = desk.session
    session["post"] = second.pk
    session.save()
    address = f"/desk/bulk/results/{sent['token']}"
    assert "data-undo=" not in desk.get(address).content.decode()
    desk.post(f"{address}/undo")
    assert states(*reports) == ["accepted"] * 3


def test_the_bar_carries_its_token(world: World, reports: list[Case], as_: As) -> None:
    desk = as_("dispatcher", enforce_csrf_checks=True)
    for url in ("/desk/bulk/accept", "/desk/bulk/accept/run"):
        assert desk.post(url, {"number": reports[0].number}).status_code == 403


def test_junk_is_refused_and_breaks_nothing(world: World, reports: list[Case], as_: As) -> None:
    desk, case = as_("dispatcher"), reports[0]
    for junk in ("\0", "9" * 500, "x", "²", ""):
        row = {"number": junk, "row": junk, "look": junk, "token": uuid4()}
        assert desk.post("/desk/bulk/accept", row).status_code == 302
        assert desk.post("/desk/bulk/accept/run", row).status_code == 302
        chosen = {f"{case.number}-expect_seq": junk, f"{case.number}-item": junk or "x"}
        look_at = desk.post("/desk/bulk/accept", chosen | {"look": case.number})
        assert look_at.status_code == 200
        ran = desk.post("/desk/bulk/accept/run", chosen | {"row": case.number, "token": uuid4()})
        assert ran.status_code == 302
        assert desk.get(ran["Location"]).status_code == 200
    assert states(case) == ["reported"]
