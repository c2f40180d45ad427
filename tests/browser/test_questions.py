"""Questions of an item in a real browser: they come with the item, and go with an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone
from playwright.sync_api import expect

from huying.cases.answers import answers_of, said_of
from huying.cases.models import Case
from huying.forms import versions
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from tests.browser import everywhere
from tests.desk.world import LAT, LON, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.desk.world import World


def test_questions_are_written_asked_and_answered(
    world: World, sign_in: Callable[..., Page], shots: Path
) -> None:
    everywhere.with_questions(world)
    everywhere.administrator(world)

    admin = sign_in("administrator")
    admin.goto("/desk/questions/0203")
    preview = admin.locator("#preview")
    expect(preview).to_contain_text("还有错误")
    expect(preview.get_by_label("楼上有人住")).to_be_hidden()
    preview.get_by_label("约多少升").fill("300")
    expect(preview.get_by_role("group", name="楼上有人住")).to_be_visible()
    card = admin.locator("#card-5")
    expect(card.get_by_label("选项，每行一个")).to_be_hidden()
    card.get_by_label("回答方式").select_option("one_of")
    card.get_by_label("选项，每行一个").fill("刚发现\n已有一周")
    card.get_by_label("问题", exact=True).fill("多久了")
    expect(preview.get_by_role("group", name="多久了")).to_contain_text("已有一周")
    expect(preview).not_to_contain_text("还有错误")
    admin.screenshot(path=shots / "questions-edit-1440.png", full_page=True)
    admin.get_by_role("button", name="发布").click()
    expect(admin.get_by_text("第 2 版已生效。")).to_be_visible()

    desk = sign_in("dispatcher")
    desk.goto("/desk/cases/new")
    desk.locator("#id_text").fill("一楼仓库存放汽油")
    desk.locator("#id_item").select_option("0203")
    desk.get_by_role("group", name="油品").get_by_role("radio", name="汽油").check()
    lives = desk.get_by_role("group", name="楼上有人住")
    expect(lives).to_be_hidden()
    desk.get_by_label("约多少升").fill("99")
    expect(lives).to_be_hidden()
    desk.get_by_label("约多少升").fill("1500")
    desk.get_by_role("button", name="上报").click()
    expect(lives.get_by_text("请回答此问题。")).to_be_visible()
    desk.screenshot(path=shots / "questions-new-1440.png", full_page=True)
    lives.get_by_role("radio", name="是").check()
    desk.get_by_role("button", name="上报").click()
    expect(desk.get_by_role("heading", name="事项填报内容")).to_be_visible()
    expect(desk.locator(".p-answers")).to_contain_text("1500 升")
    desk.screenshot(path=shots / "questions-case-1440.png", full_page=True)


def test_the_phone_asks_without_signal(
    world: World, sign_in: Callable[..., Page], shots: Path
) -> None:
    everywhere.with_questions(world)
    phone = sign_in(
        "worker", width=390, height=844, permissions=["geolocation"],
        geolocation={"longitude": LON, "latitude": LAT, "accuracy": 8},
    )  # fmt: skip
    phone.goto("/field/report")
    phone.locator("input[type=file]").first.set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture().getvalue()}
    )
    phone.get_by_role("button", name="继续").click()
    phone.context.set_offline(True)
    phone.locator("#words").fill("巡查发现一楼仓库存放汽油")
    phone.locator("#item").select_option("0203")
    lives = phone.get_by_role("group", name="楼上有人住")
    expect(lives).to_be_hidden()
    phone.get_by_role("radio", name="汽油").check()
    phone.get_by_label("约多少升").fill("1500")
    phone.get_by_role("button", name="继续").click()
    expect(lives.get_by_text("请回答此问题。")).to_be_visible()
    phone.screenshot(path=shots / "questions-phone-390.png", full_page=True)
    lives.get_by_role("radio", name="否").check()
    phone.get_by_role("button", name="继续").click()
    phone.get_by_role("button", name="发送").click()
    expect(phone.get_by_text("等待中").first).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_text("已送达").first).to_be_visible(timeout=15_000)
    # That there was no connection was meant.
    phone.faults = [each for each in phone.faults if "ERR_INTERNET_DISCONNECTED" not in each]  # type: ignore[attr-defined]
    case = Case.objects.latest("received_at")
    assert [(each.id, each.words) for each in said_of(answers_of(case))] == [
        ("fuel", "汽油"),
        ("litres", "1500 升"),
        ("upstairs", "否"),
        ("shot", "1 张照片"),
    ]

    # The desk wants to know more; the answer waits for the signal as every step does.
    world.do(world.held_by_town(case), "ask_questions", "dispatcher")
    phone.goto(f"/field/cases/{case.number}")
    expect(phone.get_by_text("指挥中心请您补填事项问题。")).to_be_visible(timeout=15_000)
    phone.screenshot(path=shots / "questions-wanted-390.png", full_page=True)
    phone.context.set_offline(True)
    phone.get_by_role("link", name="填写事项问题").click()
    expect(phone.get_by_label("约多少升")).to_have_value("1500")
    phone.get_by_label("约多少升").fill("40")
    phone.screenshot(path=shots / "questions-again-390.png", full_page=True)
    phone.locator("[data-send=answer_questions]").click()
    expect(phone.locator(".entry")).to_contain_text("等待中")
    phone.context.set_offline(False)
    expect(phone.locator(".entry")).to_have_count(0, timeout=15_000)
    phone.faults = [each for each in phone.faults if "ERR_INTERNET_DISCONNECTED" not in each]  # type: ignore[attr-defined]
    latest = [(each.id, each.words) for each in said_of(answers_of(case))]
    assert latest == [("fuel", "汽油"), ("litres", "40 升"), ("shot", "1 张照片")]


def test_a_position_is_answered_by_a_pin_on_the_phone_and_the_public_page(
    world: World, sign_in: Callable[..., Page], shots: Path
) -> None:
    owner = owner_of("0203")
    spot = {"id": "spot", "kind": "position", "label": "气味最浓的地方"}
    versions.write(owner, {"questions": [spot]}, by=SYSTEM, now=timezone.now())
    versions.publish(owner, by=SYSTEM, now=timezone.now())
    page = sign_in(
        "worker", width=390, height=844, permissions=["geolocation"],
        geolocation={"longitude": LON, "latitude": LAT, "accuracy": 8},
    )  # fmt: skip

    def answered(shot: str) -> None:
        question = page.get_by_role("group", name="气味最浓的地方")
        question.get_by_role("button", name="在地图上标注").click()
        question.locator(".leaflet-container").click(position={"x": 90, "y": 90})
        lon, lat = (float(question.get_by_label(each).input_value()) for each in ("经度", "纬度"))
        assert abs(lon - LON) < 1
        assert abs(lat - LAT) < 1
        expect(question.locator("canvas")).to_be_visible()
        question.scroll_into_view_if_needed()
        page.screenshot(path=shots / f"position-{shot}.png")

    page.goto("/field/report")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture().getvalue()}
    )
    page.get_by_role("button", name="继续").click()
    page.locator("#item").select_option("0203")
    answered("phone")
    page.goto("/report")
    page.locator("#id_item").select_option("0203")
    answered("public")
