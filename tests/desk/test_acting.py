"""Verbs by their forms: what is asked, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from huying.audit.models import AccessLog
from huying.cases.models import Case
from tests.desk.world import ITEM, LAT, LON, TOWN, World, picture

As = Callable[..., Client]


def act(client: Client, case: Case, verb: str, **fields: object) -> int:
    answer = client.post(
        f"/desk/cases/{case.number}/{verb}", {"expect_seq": case.last_seq} | fields
    )
    case.refresh_from_db()
    return answer.status_code


def test_the_loop_goes_round_without_scripts(world: World, as_: As) -> None:
    desk, unit, checker = as_("dispatcher"), as_("handler"), as_("checker")
    case = world.held_by_town(world.reported())
    assert act(desk, case, "accept", item=ITEM) == 302
    assert act(desk, case, "dispatch", unit=world.units["lead"].pk) == 302
    assert case.lead_unit == world.units["lead"]
    assert act(unit, case, "sign_for") == 302
    assert act(unit, case, "arrive") == 302
    done = act(
        unit,
        case,
        "handle",
        result="已清运。",
        form="两车。",
        lon=LON,
        lat=LAT,
        file_photos_before=picture(),
        file_photos_after=picture("#444444"),
    )
    assert done == 302
    assert case.attachments.count() == 2
    assert act(checker, case, "check_pass") == 302
    assert act(desk, case, "close") == 302
    assert case.state == "closed"


def test_the_proposed_unit_is_chosen_already_and_said_to_be_so(world: World, as_: As) -> None:
    case = world.accepted()
    page = as_("dispatcher").get(f"/desk/cases/{case.number}/dispatch").content.decode()
    best = page.index('class="unit suggested"')
    assert "checked" in page[best : best + 300]
    assert act(as_("dispatcher"), case, "dispatch", unit=world.units["second"].pk) == 302
    assert case.events.get(verb="dispatch").data["suggested"] is False


def test_a_stale_page_says_who_acted_and_keeps_the_words(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    seen = case.last_seq
    world.do(case, "comment", "checker", text="我路过看过。")
    answer = as_("dispatcher").post(
        f"/desk/cases/{case.number}/decline",
        {"expect_seq": seen, "reason_code": "not_true", "reason": "电话核实后无此事"},
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "梁永康" in page
    assert "电话核实后无此事" in page
    assert f'value="{seen + 1}"' in page, "sent again, it holds"
    case.refresh_from_db()
    assert act(as_("dispatcher"), case, "decline", reason_code="not_true", reason="无此事") == 302


def test_what_is_lacking_is_said_at_its_field(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    answer = as_("dispatcher").post(
        f"/desk/cases/{case.number}/decline", {"expect_seq": case.last_seq, "reason": "说明文字"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="bad-reason_code"' in page
    assert "说明文字" in page


def test_all_that_is_lacking_is_said_at_once_and_the_first_has_the_focus(
    world: World, as_: As
) -> None:
    case = world.held_by_town(world.reported())
    url = f"/desk/cases/{case.number}/"

    def bad(verb: str, **sent: object) -> tuple[set[str], list[str]]:
        answer = as_("dispatcher").post(url + verb, {"expect_seq": case.last_seq} | sent)
        page = answer.content.decode()
        assert answer.status_code == 422
        fields = re.findall(r'<(?:select|textarea|input)[^>]* name="(\w+)"[^>]*autofocus', page)
        return set(re.findall(r'id="bad-(\w+)"', page)), fields[:1]

    assert bad("send_down") == ({"to", "reason_code", "reason"}, ["to"])
    # What the verb itself refuses brings the rest with it.
    assert bad("send_down", to=case.area_code[:12], reason_code="other")[0] == {"reason"}
    assert bad("escalate", reason_code="serious") == ({"reason", "tried"}, ["reason"])


def test_photos_of_a_refused_form_are_not_sent_twice(world: World, as_: As) -> None:
    case = world.handling()
    answer = as_("handler").post(
        f"/desk/cases/{case.number}/handle",
        {"expect_seq": case.last_seq, "file_photos_after": picture()},
    )
    assert answer.status_code == 422
    (staged,) = world_photos(case, world)
    assert str(staged) in answer.content.decode()


def world_photos(case: Case, world: World) -> list[object]:
    from huying.cases.models import Attachment

    uploader = world.accounts["handler"].pk
    return list(
        Attachment.objects.filter(case=None, uploader_id=uploader).values_list("pk", flat=True)
    )


def test_buttons_that_cannot_be_pressed_say_why(world: World, as_: As) -> None:
    case = world.handled()
    page = as_("handler").get(f"/desk/cases/{case.number}").content.decode()
    assert "只有核查员可以" in page or "Only a checker" in page
    assert f"/desk/cases/{case.number}/check_pass" not in page


def test_a_reporter_is_shown_for_a_purpose_only_and_it_is_recorded(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported(contact_name="张三丰", contact_phone="13800001111"))
    client, url = as_("dispatcher"), f"/desk/cases/{case.number}/contact"
    masked = client.get(f"/desk/cases/{case.number}").content.decode()
    assert "138****1111" in masked
    assert "13800001111" not in masked
    assert client.post(url, {}).status_code == 422
    assert not AccessLog.objects.exists()
    shown = client.post(url, {"purpose": "tell_result"})
    assert "13800001111" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    record = AccessLog.objects.get()
    assert (record.purpose, record.subject_id) == ("tell_result", str(case.pk))


def test_a_case_is_merged_by_its_number(world: World, as_: As) -> None:
    stays = world.held_by_town(world.reported())
    goes = world.held_by_town(world.reported())
    done = act(as_("dispatcher"), goes, "merge", number=stays.number, reason="同一处垃圾")
    assert done == 302
    assert (goes.state, goes.merged_into) == ("merged", stays)


@pytest.mark.parametrize(
    ("verb", "fields", "holds"),
    [
        (
            "escalate",
            {"reason": "需区里协调", "tried": "已协调两次", "reason_code": "several_areas"},
            "440113",
        ),
        (
            "send_down",
            {"to": "440113120213", "reason": "村里可处理", "reason_code": "lies_below"},
            "440113120213",
        ),
    ],
)
def test_a_case_changes_desks(
    verb: str, fields: dict[str, str], holds: str, world: World, as_: As
) -> None:
    case = world.held_by_town(world.reported())
    assert case.holder_code == TOWN
    assert act(as_("dispatcher"), case, verb, **fields) == 302
    assert case.holder_code == holds


def test_a_suspension_ends_when_the_form_says(world: World, as_: As) -> None:
    from datetime import timedelta

    from django.utils import timezone

    case = world.handling()
    until = timezone.localtime() + timedelta(days=3)
    asked = {"until": f"{until:%Y-%m-%dT%H:%M}", "reason": "等待材料", "reason_code": "materials"}
    assert act(as_("dispatcher"), case, "suspend", **asked) == 302
    assert case.suspended_until == until.replace(second=0, microsecond=0)
    page = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert f"{until:%m-%d %H:%M}" in page


def test_more_time_is_asked_for_and_granted(world: World, as_: As) -> None:
    case = world.handling()
    asked = {"amount": "2", "clock": "work_day", "reason": "需吊车"}
    assert act(as_("handler"), case, "request_extension", **asked) == 302
    assert act(as_("dispatcher"), case, "grant_extension") == 302
    assert case.extensions == 1


def test_after_a_step_one_goes_on_only_to_pages_of_ours(world: World, as_: As) -> None:
    case = world.held_by_town(world.reported())
    answer = as_("dispatcher").post(
        f"/desk/cases/{case.number}/comment",
        {"expect_seq": case.last_seq, "text": "x", "next": "https://example.org/"},
    )
    assert answer.url == f"/desk/cases/{case.number}"
