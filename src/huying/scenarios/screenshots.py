"""Pictures of every page of the desk, from a district of its own at work.

Each page has a name, which is the picture's file; ``-dark`` and ``-phone`` follow where it is
there at night and on a phone. The same demo gives the same pages; only the hours move on.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from huying.benchmarks.bed import Bed
from huying.benchmarks.chromium import chromium, sign_in
from huying.cli import CommandError, progress, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from huying.cases.models import Case
    from huying.people.models import Post

WINDOW: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
COLOURS: Final = 160
"""In a picture: enough for text with soft edges, lights and drawn photos; a third less to carry."""


@dataclass
class Scene:
    """The district as the pictures need it.

    Attributes:
        names: what stands for each name that an address may hold, as in
            ``/desk/cases/{reported}``: mostly a case number.
        posts: on which post each of the people acts.
    """

    names: dict[str, str]
    posts: dict[str, Post]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page.

    Attributes:
        who: whose desk: a user name of the demo; empty for before signing in.
        at: the address; braces name something of the scene.
        then: what is done on the page before the picture.
        night: also the night view.
        phone: also on a phone.
    """

    name: str
    who: str
    at: str
    then: Callable[[Page], None] | None = None
    night: bool = False
    phone: bool = False


def _click(selector: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.locator(selector).first.click()

    return then


def _dialog(verb: str) -> Callable[[Page], None]:
    """Opens the form of a verb over its case, whether its button is in the open or in a menu."""

    def then(page: Page) -> None:
        link = page.locator(f"a[data-dialog][href*='/{verb}']").first
        link.evaluate("link => link.click()")
        page.locator("#sheet[open]").wait_for()
        page.wait_for_load_state("networkidle")

    return then


def _search(words: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.fill("#q", words)
        with page.expect_navigation():
            page.press("#q", "Enter")

    return then


def _jump(words: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.locator("#jump input[name=q]").fill(words)
        page.locator("#jump [role=option]").first.wait_for()

    return then


def _pick(number: int) -> Callable[[Page], None]:
    """Selects the first lines of the list."""

    def then(page: Page) -> None:
        for box in page.locator("tbody .c-pick label").all()[:number]:
            box.click()

    return then


def _bulk(verb: str, number: int) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        _pick(number)(page)
        with page.expect_navigation():
            page.locator(f".bulk-bar button[formaction*='/{verb}']").click()

    return then


def _map(page: Page) -> None:
    page.locator("[data-case-map][data-looked]").wait_for()
    page.wait_for_load_state("networkidle")


def _close_up(page: Page) -> None:
    """The first case of the list, in the middle of the map with its grids."""
    _map(page)
    page.locator(".map-rows [data-show]").first.click()
    page.wait_for_timeout(600)
    _map(page)


def _asked(page: Page) -> None:
    """A file asked for, and written as the worker would."""
    from huying.desk.models import Export
    from huying.desk.writing import write_export

    with page.expect_navigation():
        page.locator("form[action$='/exports'] button").click()
    for export in Export.objects.filter(state=Export.State.WAITING):
        write_export(str(export.pk), "zh-hans")
    page.reload()


def _typed(page: Page) -> None:
    page.fill("textarea[name=text]", "小龙村宗祠东街路口垃圾堆了三天，臭味很大，影响行人。")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)


def _scrolled(selector: str) -> Callable[[Page], None]:
    def then(page: Page) -> None:
        page.locator(selector).first.evaluate("it => it.scrollIntoView({block: 'start'})")

    return then


def _questions(page: Page) -> None:
    """A new case of an item that asks something."""
    _typed(page)
    page.select_option("#id_item", "0203")
    page.wait_for_load_state("networkidle")
    page.locator("[data-questions]").last.scroll_into_view_if_needed()


def _opened(selector: str) -> Callable[[Page], None]:
    """Unfolds what is folded."""

    def then(page: Page) -> None:
        page.locator(selector).first.evaluate("it => { it.open = true; it.scrollIntoView(); }")

    return then


SHOTS: Final[tuple[Shot, ...]] = (
    Shot("sign-in", "", "/accounts/login/", phone=True),
    Shot("tour", "dispatcher", "/desk/?tab=mine&tour=1", phone=True),
    Shot("queue", "dispatcher", "/desk/?tab=mine", night=True, phone=True),
    Shot("queue-area", "dispatcher", "/desk/?tab=area"),
    Shot("queue-found", "dispatcher", "/desk/?tab=area", _search("xlc")),
    Shot("queue-ended", "dispatcher", "/desk/?tab=area&ended=1"),
    Shot("queue-none", "dispatcher", "/desk/?tab=area&light=grey&state=reported"),
    Shot("queue-selected", "dispatcher", "/desk/?tab=mine&state=reported", _pick(5)),
    Shot("bulk-accept", "dispatcher", "/desk/?tab=mine&state=reported", _bulk("accept", 5)),
    Shot("bulk-dispatch", "dispatcher", "/desk/?tab=mine&state=accepted", _bulk("dispatch", 5)),
    Shot("queue-keys", "dispatcher", "/desk/?tab=area", _click("[data-keys-sheet]")),
    Shot("jump", "dispatcher", "/desk/?tab=mine", _jump("小龙村"), phone=True),
    Shot("queue-and-case", "dispatcher", "/desk/?tab=mine&case={listed}", night=True),
    Shot("view-new", "dispatcher", "/desk/?tab=area&state=handling", _click(".chip-add")),
    Shot("views", "dispatcher", "/desk/?tab=area", _click(".views .tool")),
    Shot("map", "dispatcher", "/desk/map/?tab=area", _map, night=True, phone=True),
    Shot("map-close", "dispatcher", "/desk/map/?tab=area", _close_up),
    Shot("workbench", "dispatcher", "/desk/today/", night=True, phone=True),
    Shot("new-case", "dispatcher", "/desk/cases/new", _typed, night=True, phone=True),
    Shot("case-reported", "dispatcher", "/desk/cases/{reported}"),
    Shot("case", "dispatcher", "/desk/cases/{checked}", night=True, phone=True),
    Shot("case-timeline", "dispatcher", "/desk/cases/{checked}", _scrolled(".p-line")),
    Shot("case-emergency", "dispatcher", "/desk/cases/{emergency}"),
    Shot("case-suspended", "dispatcher", "/desk/cases/{suspended}"),
    Shot("case-closed", "dispatcher", "/desk/cases/{closed}"),
    Shot("case-side-by-side", "dispatcher", "/desk/cases/{checked}", _click("[data-compare]")),
    Shot("accept", "dispatcher", "/desk/cases/{reported}", _dialog("accept"), phone=True),
    Shot("decline", "dispatcher", "/desk/cases/{reported}", _dialog("decline")),
    Shot("merge", "dispatcher", "/desk/cases/{reported}", _dialog("merge")),
    Shot("pin", "dispatcher", "/desk/cases/{reported}", _dialog("pin")),
    Shot("dispatch", "dispatcher", "/desk/cases/{accepted}", _dialog("dispatch"), phone=True),
    Shot("contact", "dispatcher", "/desk/cases/{contact}", _dialog("contact")),
    Shot("sheet-order", "dispatcher", "/desk/cases/{handling}/sheets/order"),
    Shot("sheet-closing", "dispatcher", "/desk/cases/{closed}/sheets/closing"),
    Shot("handler-queue", "handler", "/desk/?tab=unit", phone=True),
    Shot("handler-case", "handler", "/desk/cases/{unit}", phone=True),
    Shot("handle", "handler", "/desk/cases/{unit}", _dialog("handle"), phone=True),
    Shot("checker-queue", "checker", "/desk/?tab=mine"),
    Shot("check-fail", "checker", "/desk/cases/{handled}", _dialog("check_fail")),
    Shot("worker-queue", "worker", "/desk/?tab=reported", phone=True),
    Shot("leader-queue", "town", "/desk/?tab=area&light=red"),
    Shot("exports", "dispatcher", "/desk/?tab=area", _asked),
    Shot("new-case-questions", "dispatcher", "/desk/cases/new", _questions),
    Shot("case-rule", "dispatcher", "/desk/cases/{ruled}", _opened(".p-rule details")),
    Shot("levels", "dispatcher", "/desk/levels/"),
    Shot("rules", "dispatcher", "/desk/rules"),
    Shot("rulebook", "dispatcher", "/desk/rules/1", phone=True),
    Shot("whistles", "dispatcher", "/desk/whistles/?tab=ours"),
    Shot("whistle", "dispatcher", "/desk/whistles/{whistle}", night=True, phone=True),
    Shot("whistle-new", "dispatcher", "/desk/whistles/new"),
    Shot("teams", "dispatcher", "/desk/teams/"),
    Shot("team", "dispatcher", "/desk/teams/{team}"),
    Shot("roster", "dispatcher", "/desk/teams/{team}/roster"),
    Shot("record", "dispatcher", "/desk/cases/{record}", _scrolled(".p-records")),
    Shot("supervision", "dispatcher", "/desk/supervision/", night=True, phone=True),
    Shot("sheet-supervision", "dispatcher", "/desk/cases/{supervised}/sheets/supervision"),
    Shot("inbox", "dispatcher", "/desk/inbox", phone=True),
    Shot("notices-chosen", "dispatcher", "/me/notices"),
    Shot("handover", "dispatcher", "/desk/handover", phone=True),
    Shot("field", "worker", "/field/", phone=True),
    Shot("field-tasks", "worker", "/field/tasks", phone=True),
    Shot("field-report", "worker", "/field/report", phone=True),
    Shot("field-grid", "worker", "/field/grid", phone=True),
    Shot("account", "dispatcher", "/me"),
    Shot("password", "dispatcher", "/accounts/password/change/"),
    Shot("two-steps", "dispatcher", "/accounts/2fa/"),
    Shot("missing", "dispatcher", "/desk/cases/4401131202026010100000000"),
)


def names() -> set[str]:
    """What can be asked for."""
    return {shot.name for shot in SHOTS}


def files() -> set[str]:
    """The files that all of it makes."""
    return {f"{shot.name}{suffix}.webp" for shot in SHOTS for suffix, _how in _views(shot)}


def take(bed: Bed, folder: Path, wanted: set[str], *, cases: int) -> list[Path]:
    """Builds the district and takes the pictures, all or the wanted ones; gives their files."""
    from django.utils import timezone

    scene = build(timezone.now(), cases)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    named = {name for shot in chosen for _text, name, *_how in Formatter().parse(shot.at) if name}
    if missing := named - scene.names.keys():
        raise CommandError(f"the demo has nothing for {', '.join(missing)}; try --cases with more")
    made: list[Path] = []
    sessions: dict[str, Any] = {}
    with bed.web() as port, chromium() as browser:
        views = [(shot, *view) for shot in chosen for view in _views(shot)]
        with progress("Taking pictures", len(views)) as advance:
            for shot, suffix, how in views:
                path = folder / f"{shot.name}{suffix}.webp"
                try:
                    _take(browser, f"http://localhost:{port}", shot, how, scene, sessions, path)
                except Exception as error:
                    raise CommandError(f"{path.name}: {error}") from error
                made.append(path)
                advance(1)
    return made


def _views(shot: Shot) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", {"viewport": WINDOW}
    if shot.night:
        yield "-dark", {"viewport": WINDOW, "color_scheme": "dark"}
    if shot.phone:
        yield "-phone", {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True}


def _take(
    browser: Browser,
    url: str,
    shot: Shot,
    how: dict[str, Any],
    scene: Scene,
    sessions: dict[str, Any],
    path: Path,
) -> None:
    context: BrowserContext = browser.new_context(
        base_url=url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        **how,
    )
    try:
        if shot.who in sessions:
            context.add_cookies(sessions[shot.who])
        elif shot.who:
            sign_in(context, url, scene.posts[shot.who])
            sessions[shot.who] = context.cookies()
        page = context.new_page()
        page.goto(shot.at.format_map(scene.names))
        page.locator("html[data-ready]").wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        if shot.then:
            shot.then(page)
        page.wait_for_timeout(500)
        path.write_bytes(smaller(page.screenshot()))
    finally:
        context.close()


def smaller(png: bytes) -> bytes:
    """The same picture in fewer colours, without loss beyond that."""
    target = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.convert("RGB").save(target, "WEBP", lossless=True, quality=80)
    return target.getvalue()


def build(now: datetime, cases: int) -> Scene:
    """People and cases of the demo, a document with one of them, and a case for every page."""
    from huying.people.demo import load_demo_people
    from huying.places import locating, naming
    from huying.scenarios import demo, demo_teams

    locating.refresh()
    naming.refresh()
    say("Making people")
    load_demo_people(now)
    with progress("Making cases", cases) as advance:
        demo.load_cases(now, cases, advance=advance)
    demo_teams.load_teams(now)
    posts = _posts()
    found = {name: case for name, case in _found(posts, now) if case is not None}
    if "unit" in found:
        posts["handler"] = next(
            post for post in _held("handler") if post.unit_id == found["unit"].lead_unit_id
        )
    if "checked" in found:
        _add_document(found["checked"], posts["dispatcher"], now)
    _add_views(posts["dispatcher"], now)
    names = {name: case.number for name, case in found.items()}
    return Scene(names | dict(_found_around(posts["dispatcher"], now)), posts)


def _posts() -> dict[str, Post]:
    """The first post of each of the people."""
    return {who: _held(who)[0] for who in {shot.who for shot in SHOTS} if who}


def _held(username: str) -> list[Post]:
    from huying.people.models import Post

    held = Post.objects.select_related("account").filter(account__username=username)
    return list(held.order_by("id"))


def _found(posts: dict[str, Post], now: datetime) -> Iterator[tuple[str, Case | None]]:
    """For each name the newest case that shows it well: on the map, and with photos."""
    from django.db.models import Exists, OuterRef, Q

    from huying.cases.models import Attachment, Case, CaseContact
    from huying.cases.states import State
    from huying.desk import queue
    from huying.desk.filters import Filters
    from huying.people.acting import actor_for

    desk = actor_for(posts["dispatcher"], now.date())
    photo = Attachment.objects.filter(case=OuterRef("pk"))
    both = Exists(photo.filter(kind="photo_before")), Exists(photo.filter(kind="photo_after"))
    going = Q(suspended_until=None)
    contact = Exists(CaseContact.objects.filter(case=OuterRef("pk")))
    seen = Case.objects.visible_to(desk).filter(lon__isnull=False).order_by("-received_at")

    def held(*states: State) -> Any:
        return seen.filter(holder_code=desk.area_code, state__in=states)

    first = queue.page(Filters(tab="mine"), desk, now).rows[:3]
    pictured = seen.filter(Exists(photo), pk__in=[row.case.pk for row in first])
    yield "listed", pictured.by_time_left().first()
    yield "reported", held(State.REPORTED).filter(Exists(photo), emergency_words="").first()
    yield "emergency", held(State.REPORTED).exclude(emergency_words="").first()
    yield "accepted", held(State.ACCEPTED).first()
    yield "handling", held(State.HANDLING).filter(Exists(photo), going).first()
    yield "handled", held(State.HANDLED).first()
    yield "checked", held(State.CHECKED).filter(*both).first()
    yield "closed", held(State.CLOSED).filter(*both).first()
    yield "suspended", seen.open().filter(suspended_until__isnull=False).first()
    yield "contact", held(State.REPORTED, State.ACCEPTED, State.HANDLING).filter(contact).first()
    units = [post.unit_id for post in _held("handler")]
    yield "unit", seen.filter(going, lead_unit__in=units, state=State.HANDLING).first()


def _found_around(post: Post, now: datetime) -> Iterator[tuple[str, str]]:
    """The same for what stands beside cases: whistles, teams, records, supervision."""
    from huying.cases.models import Case
    from huying.people.acting import actor_for
    from huying.people.models import Unit
    from huying.response.models import HandlingRecord
    from huying.response.whistles import Whistle

    desk = actor_for(post, now.date())
    cases = Case.objects.visible_to(desk).order_by("-received_at")
    ours = Whistle.objects.filter(caller_code=desk.area_code).order_by("-blown_at")
    teams = Unit.objects.filter(members__isnull=False, area_code=desk.area_code)
    records = HandlingRecord.objects.filter(case__in=cases, kind="seizure")
    yield from (("whistle", str(one.pk)) for one in ours.filter(case__isnull=False)[:1])
    yield from (("team", one.code) for one in teams.order_by("code")[:1])
    yield from (("record", one.case.number) for one in records[:1])
    yield from (("ruled", one.number) for one in cases.exclude(dispatched_at=None)[:1])
    supervised = cases.open().filter(supervisions__isnull=False)
    yield from (("supervised", one.number) for one in supervised[:1])


def _add_document(case: Case, post: Post, now: datetime) -> None:
    """A case that shows how a document stands beside photos."""
    import pikepdf

    from huying.cases import documents
    from huying.intake.verbs import VERBS
    from huying.people.acting import actor_for

    sheet = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.save(sheet)
    by = actor_for(post, now.date())
    paper = documents.stage(sheet, name="现场检查记录.pdf", by=by, now=now)
    VERBS["attach"].do(case.pk, by=by, now=now, photos=[paper.pk])


def _add_views(post: Post, now: datetime) -> None:
    """The lists that a dispatcher would keep under a name."""
    from huying.desk import saved
    from huying.people.acting import actor_for

    by = actor_for(post, now.date())
    for name, query in (("超时案件", "tab=area&light=red"), ("小龙村在办", "tab=area&q=小龙村")):
        saved.keep(by, query, name, now)
