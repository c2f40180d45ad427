"""The whole loop by four people at once, by keyboard alone.

Each has a queue open all the time; whoever is next finds the case in it, without looking for it,
while the one before goes on working. Nobody touches a mouse or loads a page again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from huying.cases.models import Case, CaseEvent
from huying.people.models import Account, Post
from tests.browser.patience import SOON_S
from tests.browser.test_loop import LAT, LON, in_words, photo

if TYPE_CHECKING:
    from tests.desk.world import World

SignIn = Callable[..., Page]
FORM = "#sheet form"
WATCH = """
  window.stayed = true;
  for (const kind of ["mousedown", "touchstart"])
    addEventListener(kind, () => { window.touched = true; }, true);
"""
FOCUSED_ROW = "document.activeElement.closest('[data-row]')?.dataset.row"


class Person:
    """Somebody at a keyboard, with the queue open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.goto("/desk/?tab=mine")
        self.listens()
        page.evaluate(WATCH)

    def listens(self) -> None:
        self.page.locator("html[data-ready]").wait_for(state="attached")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def tab_to(self, selector: str) -> None:
        """On with Tab until it has the focus."""
        for _step in range(80):
            if self.page.evaluate("(it) => document.activeElement.matches(it)", selector):
                return
            self.press("Tab")
        pytest.fail(f"Tab does not lead to {selector}")

    def choose(self, selector: str, value: str) -> None:
        """On with the arrow until the list shows it."""
        self.tab_to(selector)
        chosen = self.page.locator(selector)
        for _step in range(80):
            if chosen.input_value() == value:
                return
            self.press("ArrowDown")
        pytest.fail(f"the arrow does not lead to {value}")

    def sheet(self, key: str) -> Locator:
        """The form that a letter opens."""
        self.press(key)
        form = self.page.locator(FORM)
        expect(form).to_be_visible()
        return form

    def finds(self, case: Case) -> None:
        """The case has come into the open queue by itself, soon after it was this one's turn."""
        since = monotonic()
        row = self.page.locator(f"[data-row='{case.number}']")
        row.wait_for(state="attached", timeout=SOON_S * 1000)
        assert monotonic() - since < SOON_S

    def opens(self, case: Case) -> None:
        """Goes to the case's line and into the case."""
        for key in ["j"] * 4 + ["k"] * 4:
            if self.page.evaluate(FOCUSED_ROW) == case.number:
                break
            self.press(key)
        assert self.page.evaluate(FOCUSED_ROW) == case.number
        self.press("Enter")
        shown = self.page.locator("#pane .case-head .num")
        expect(shown).to_have_text(re.compile(case.number[-4:] + "$"))
        expect(self.page.locator("#pane .case-title")).to_be_focused()

    def sees(self, state: str) -> None:
        badge = self.page.locator("#pane .case-head .badge-s").first
        expect(badge).to_have_text(in_words(state))

    def is_rid_of(self, case: Case) -> None:
        """The next step is another's: the line has left the list, and no form is open."""
        expect(self.page.locator(f"[data-row='{case.number}']")).to_have_count(0)
        expect(self.page.locator(FORM)).to_have_count(0)

    def worked_by_keyboard(self) -> None:
        assert not self.page.evaluate("window.touched")
        assert self.page.evaluate("window.stayed")


@pytest.fixture
def others(world: World) -> None:
    """Everyone has something to do already, so that the case has to be found."""
    world.held_by_town(world.reported("南街路灯不亮"))
    world.dispatched(text="西街窨井盖松动")
    world.handled(text="北街墙面乱张贴")


def test_the_loop_by_keyboard_with_everyone_at_work(
    sign_in: SignIn, world: World, others: None, shots: Path, tmp_path: Path
) -> None:
    names = ("worker", "dispatcher", "handler", "checker")
    worker, desk, unit, checker = (Person(sign_in(name)) for name in names)

    # The grid worker reports what stands in the way.
    worker.press("n")
    worker.page.wait_for_url("**/desk/cases/new")
    worker.listens()
    worker.page.evaluate(WATCH)
    expect(worker.page.locator("#id_text")).to_be_focused()
    worker.type("和兴餐饮店后门堆放液化气瓶，没有通风，请联合执法队来查。")
    worker.choose("#id_item", "0401")
    worker.page.locator("#file-photos").set_input_files(photo(tmp_path, "seen.jpg", "#8a4b3b"))
    expect(worker.page.locator("input[name=photos][value]")).to_have_count(1)
    worker.tab_to("#id_lon")
    worker.type(LON)
    worker.tab_to("#id_lat")
    worker.type(LAT)
    worker.tab_to(".p-send button")
    worker.worked_by_keyboard()
    before = set(Case.objects.values_list("pk", flat=True))
    with worker.page.expect_navigation(url=re.compile(r"/desk/(cases/\d+|\?.*)?$")):
        worker.press("Enter")
    case = Case.objects.exclude(pk__in=before).get()

    # The desk accepts and dispatches it.
    desk.finds(case)
    desk.page.screenshot(path=shots / "four-desk.png")
    desk.opens(case)
    desk.sees("reported")
    desk.sheet("a")
    desk.press("Control+Enter")
    desk.sees("accepted")
    expect(desk.sheet("d").locator(".suggested input")).to_be_checked()
    desk.press("Control+Enter")
    desk.is_rid_of(case)

    # The unit signs for it and handles it.
    unit.finds(case)
    unit.opens(case)
    unit.press("s")
    unit.sees("handling")
    form = unit.sheet("h")
    unit.tab_to("#sheet textarea[name=result]")
    unit.type("液化气瓶已移出，后门加装百叶窗，当场复测合格。")
    for field, colour in (("before", "#8a4b3b"), ("after", "#4c7d5a")):
        picture = photo(tmp_path, f"{field}.jpg", colour)
        form.locator(f"#file-photos_{field}").set_input_files(picture)
        expect(form.locator(f"input[name=photos_{field}][value]")).to_have_count(1)
    for field, degrees in (("lon", LON), ("lat", LAT)):
        unit.tab_to(f"#sheet input[name={field}]")
        unit.press("Control+a")
        unit.type(degrees)
    expect(form.locator(".evidence .lack")).to_have_count(0)
    unit.page.screenshot(path=shots / "four-unit.png")
    unit.press("Control+Enter")
    unit.is_rid_of(case)

    # Somebody else looks at the place.
    checker.finds(case)
    checker.opens(case)
    checker.sees("handled")
    checker.sheet("p")
    checker.tab_to("#sheet textarea")
    checker.type("现场已清空，通风良好。")
    checker.press("Control+Enter")
    checker.is_rid_of(case)

    # The desk, where the queue was open all the while, closes it.
    desk.finds(case)
    desk.opens(case)
    desk.sees("checked")
    desk.sheet("c")
    desk.press("Control+Enter")
    desk.is_rid_of(case)
    case.refresh_from_db()
    assert case.state == "closed"
    for person in (desk, unit, checker):
        person.worked_by_keyboard()


@pytest.fixture
def two(sign_in: SignIn, world: World, others: None) -> dict[str, Person]:
    """Two dispatchers of the same desk."""
    first = world.posts["dispatcher"]
    account = Account(
        username="t-colleague",
        name="谢晓云",
        password=first.account.password,
        tour_seen_at=first.account.tour_seen_at,
    )
    account.save()
    Post.objects.create(
        account=account,
        role=first.role,
        area_code=first.area_code,
        unit=first.unit,
        district_code=first.district_code,
        starts_on=first.starts_on,
    )
    world.accounts["colleague"] = account
    return {name: Person(sign_in(name)) for name in ("dispatcher", "colleague")}


def test_of_two_at_the_same_moment_one_wins_and_the_other_is_told_who(
    two: dict[str, Person], world: World, shots: Path
) -> None:
    case = world.held_by_town(world.reported("桥下积水，行人绕行"))
    typed = {name: f"{world.accounts[name].name}：已转水务所，不属本级事项。" for name in two}
    for name, person in two.items():
        person.finds(case)
        person.opens(case)
        person.sheet("b")
        person.tab_to("#sheet input[name=reason_code]")
        person.press("Space")
        person.tab_to("#sheet textarea[name=reason]")
        person.type(typed[name])
    for person in two.values():
        person.press("Control+Enter")  # the key alone: nobody waits for the other's answer

    case_is_declined(case)
    (winner,) = (name for name in two if acted(case) == world.accounts[name].pk)
    (loser,) = two.keys() - {winner}
    two[winner].is_rid_of(case)
    sheet = two[loser].page.locator("#sheet")
    told = sheet.locator(".notice-warn")
    expect(told).to_contain_text(world.accounts[winner].name)
    expect(told).not_to_contain_text(world.accounts[loser].name)
    expect(sheet.locator("textarea[name=reason]")).to_have_value(typed[loser])
    expect(sheet.locator(".sheet-foot button").first).to_be_disabled()
    two[loser].page.screenshot(path=shots / "four-told.png")
    two[loser].press("Escape")
    two[loser].is_rid_of(case)
    for person in two.values():
        person.worked_by_keyboard()


def case_is_declined(case: Case) -> None:
    """Soon, and once."""
    for _look in range(100):
        if CaseEvent.objects.filter(case_id=case.pk, verb="decline").exists():
            break
        sleep(0.05)
    assert CaseEvent.objects.filter(case_id=case.pk).count() == 2


def acted(case: Case) -> int | None:
    return CaseEvent.objects.get(case_id=case.pk, verb="decline").actor_id
