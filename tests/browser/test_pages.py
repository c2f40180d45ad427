"""Every page for everyone, in both languages: no fault that axe finds, by day and by night, and in
no window anything out of reach, from a phone to a wall of 2560 pixels, and at twice the size.

Nothing scrolls sideways, no word is cut off, and whatever one presses is large enough or stands
apart from the others (WCAG 1.4.10, 2.5.8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SCREENSHOTS
from tests.browser.everywhere import pages

if TYPE_CHECKING:
    from tests.desk.world import World

MEASURING = (Path(__file__).parent / "measuring.js").read_text("utf-8")
WINDOWS = ((1440, 900), (2560, 1440), (1024, 768), (720, 450), (390, 844))
"""720 by 450 is what a window of 1440 by 900 holds at 200 %."""

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
RESIZED = f"() => ({TWO_FRAMES})().then({MEASURING})"
"""What a script does on a resize is done in the first frame."""

RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # What is in order is not told in full: the telling took longer than the looking.
    "resultTypes": ["violations"],
}


OF_COLOURS = ("color-contrast", "link-in-text-block")
COLOURS = RULES | {"runOnly": {"type": "rule", "values": list(OF_COLOURS)}}
"""The rules that look at colours: of two schemes on the same document only they can tell."""

PAINTED = (Path(__file__).parent / "colours.js").read_text("utf-8")
KNOWN_PAINT: set[str] = set()
"""How words were painted that axe was asked about: of the same colours on the same ground, in the
same size, it says the same."""


OF_SHEETS = "css-orientation-lock"
"""The rule that looks at style sheets instead of the document: for it axe takes in all of them
anew, which lasts as long as all other rules together."""

KNOWN_SHEETS: set[str] = set()


def on(sheets: str) -> dict[str, Any]:
    """All rules but those of colours; the one about style sheets only where these are new."""
    off = {rule: {"enabled": False} for rule in OF_COLOURS}
    if sheets in KNOWN_SHEETS:
        off[OF_SHEETS] = {"enabled": False}
    KNOWN_SHEETS.add(sheets)
    return RULES | {"rules": off}


RUN = """([where, rules]) =>
  window.axe && axe.run(where || document, rules).then((told) => told.violations)"""
NEW = """([news, rules]) => {
  // What shows a time by itself may have put others in the place of its words.
  const there = news.flatMap((paint) => painted.get(paint)).filter((one) => one.isConnected);
  if (!window.axe) return null;
  return there.length ? axe.run(there, rules).then((told) => told.violations) : [];
}"""
SHEETS = "() => [...document.styleSheets].map((sheet) => sheet.href).join()"
WHOLE = f"""() => [document.title.trim(), document.documentElement.lang,
  document.querySelectorAll("main").length, ({SHEETS})()]"""


def asked(page: Page, how: str, *what: Any) -> list[str]:
    """What axe finds, one line each with the elements at fault."""
    told = page.evaluate(how, what)
    if told is None:
        page.evaluate(Axe().axe_script)
        told = page.evaluate(how, what)
    return [
        f"{page.url} {each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in told
    ]


def faults(page: Page) -> list[str]:
    """What axe finds in all of the page, and in its colours."""
    return asked(page, RUN, None, on(page.evaluate(SHEETS))) + colours(page)


def unfit(page: Page, *, of_main: bool) -> list[str]:
    """What axe finds in all of the page or in its own part, and in its colours; and what it would
    say of the page as a whole: it has no title, or no language."""
    title, language, mains, sheets = page.evaluate(WHOLE)
    named = title and language in {"zh-Hans", "en"} and mains == 1
    found = [] if named else [f"{page.url} is nameless: {title} {language} {mains}"]
    return found + asked(page, RUN, "#main" if of_main else None, on(sheets)) + colours(page)


def colours(page: Page) -> list[str]:
    """What axe finds of words that are painted as none was that it was asked about before."""
    news = [paint for paint in page.evaluate(PAINTED) if paint not in KNOWN_PAINT]
    KNOWN_PAINT.update(news)
    return asked(page, NEW, news, COLOURS) if news else []


def wide(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))


STILL = """() =>
  !document.querySelector("html:not([data-ready]), .htmx-request, [aria-busy=true]") &&
  document.getAnimations().every((one) => one.playState !== "running" ||
    one.effect.getComputedTiming().endTime === Infinity)"""


def settle(page: Page) -> None:
    """Its scripts have started, and nothing moves or is waited for any more."""
    page.wait_for_function(STILL)


BY = f"(scheme) => {{ document.documentElement.dataset.bsTheme = scheme; return ({STILL})(); }}"


def by(page: Page, scheme: Literal["light", "dark"]) -> None:
    """The page by day or by night, as its own switch does it, without loading it again."""
    if not page.evaluate(BY, scheme):
        settle(page)


NARROW = WINDOWS[2:]
"""Where the longer English words are short of room, if anywhere."""


def measured(page: Page, name: str, windows: Sequence[tuple[int, int]] = WINDOWS) -> list[str]:
    """What is wrong in each window, one line each."""
    found = []
    for width, height in windows:
        resize(page, width, height)
        found += [f"{name} at {width}: {fault}" for fault in page.evaluate(RESIZED)]
    return found


def resize(page: Page, width: int, height: int) -> None:
    if page.viewport_size != {"width": width, "height": height}:
        page.set_viewport_size({"width": width, "height": height})


def test_axe_would_find_something(sign_in: Callable[..., Page]) -> None:
    page = sign_in("dispatcher")
    page.evaluate("document.querySelector('#q').labels[0].remove()")
    page.evaluate("document.querySelector('#q').removeAttribute('placeholder')")
    page.evaluate("document.querySelector('#q').removeAttribute('title')")
    assert any(" label:" in fault for fault in faults(page))
    assert not colours(page)  # asked with the rest
    page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    assert any(" color-contrast:" in fault for fault in colours(page))
    by(page, "dark")
    assert not colours(page)
    page.evaluate("document.querySelector('h1').style.color = '#333'")
    assert any(" color-contrast:" in fault for fault in colours(page))


WRONG = """() => {
  const tiny = { minBlockSize: "0", height: "10px", width: "10px", padding: "0", border: "0" };
  const add = (tag, words, style) => {
    const element = document.createElement(tag);
    element.textContent = words;
    Object.assign(element.style, style);
    document.querySelector("#main").append(element);
  };
  add("button", "·", tiny);
  add("button", "·", tiny);
  add("div", "很长".repeat(40), { whiteSpace: "nowrap", width: "200px", overflow: "hidden" });
  add("p", "远", { position: "absolute", left: "3000px" });
}"""


def test_it_would_find_what_is_wrong(sign_in: Callable[..., Page]) -> None:
    page = sign_in("dispatcher")
    settle(page)
    page.evaluate(WRONG)
    found = "\n".join(page.evaluate(MEASURING))
    for fault in (
        "too small: 10",
        "cut off or over its edge: “很长",
        "out of the window: “远",
        "scrolls sideways",
    ):
        assert fault in found, found


HALVES = ((0, 2), (1, 2))
WHOLE_OF_IT = ((0, 1),)
"""All pages with all that is asked of them are too many for one test: who has it would still be at
it when all else is done. Yet each part makes the world anew, and learns the colours anew."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "width", "part"),
    [*(("zh-hans", 1440, part) for part in HALVES), *(("en", 390, part) for part in WHOLE_OF_IT)],
)
def test_every_page_is_fit_for_everyone(
    sign_in: Callable[..., Page],
    world: World,
    shots: Path,
    language: str,
    width: int,
    part: tuple[int, int],
) -> None:
    found = []
    height = dict(WINDOWS)[width]
    for name, places in share(pages(world), *part).items():
        page = sign_in(
            name, width=width, height=height, color_scheme="dark", reduced_motion="reduce"
        )
        if language == "zh-hans":
            page.add_init_script(Axe().axe_script)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for which, (title, address) in enumerate(places):
            resize(page, width, height)
            page.goto(address)
            settle(page)
            # What lies half under the bar when a list was scrolled to its case is not too small.
            theme = page.evaluate("scrollTo(0, 0), document.documentElement.dataset.bsTheme")
            assert theme == "dark", address
            # The document is the same in both languages: what axe finds, it finds in the first.
            if language == "zh-hans":
                found += by_night_and_day(
                    page, title, shots / f"{title}-{language}", of_main=which > 0
                )
            elif SCREENSHOTS:
                page.screenshot(path=shots / f"{title}-{language}-dark.png", full_page=True)
            found += measured(page, title, WINDOWS if width == 1440 else NARROW)
        if name == "dispatcher" and "reported" in dict(places):
            found += open_ones(page, dict(places)["reported"], shots, language, width)
        # A page that is left open goes on asking for news, at the cost of all the others.
        found += page.faults  # type: ignore[attr-defined]
        page.context.close()
    assert not found, "\n".join(found)


Places = dict[str, list[tuple[str, str]]]


def share(everyones: Places, which: int, of: int) -> Places:
    """One of so many shares of everyone's pages, each as large as the others."""
    flat = [(name, place) for name, places in everyones.items() for place in places]
    mine: Places = {}
    for name, place in flat[len(flat) * which // of : len(flat) * (which + 1) // of]:
        mine.setdefault(name, []).append(place)
    return mine


def test_the_shares_are_all_pages() -> None:
    everyones = {"a": [(f"a{n}", "/") for n in range(5)], "b": [("b0", "/")]}
    for parts in (HALVES, WHOLE_OF_IT):
        flat = [
            (name, place)
            for part in parts
            for name, places in share(everyones, *part).items()
            for place in places
        ]
        assert flat == [(name, place) for name, places in everyones.items() for place in places]


def by_night_and_day(page: Page, title: str, shot: Path, *, of_main: bool = False) -> list[str]:
    """What axe finds on a page that was opened by night, and what of it by day is another.

    Two thirds of a page are its bar with all menus, the same on each page of a person: axe is asked
    about it on the first of them.
    """
    page.screenshot(path=shot.with_name(f"{shot.name}-dark.png"), full_page=True)
    found = [f"{title}, dark: {fault}" for fault in unfit(page, of_main=of_main)]
    by(page, "light")
    page.screenshot(path=shot.with_name(f"{shot.name}-light.png"), full_page=True)
    return found + [f"{title}, light: {fault}" for fault in colours(page)]


def open_ones(page: Page, address: str, shots: Path, language: str, width: int) -> list[str]:
    """The same of the menus, and of the sheet of keys."""
    found = []
    for opened in ("more", "command", "keys"):
        resize(page, width, dict(WINDOWS)[width])
        page.goto(address)
        settle(page)
        if opened == "keys":
            page.keyboard.press("?")
        else:
            menu = ".command-menu" if opened == "command" else "#main details.menu"
            page.locator(f"{menu} > summary").last.click()
        settle(page)
        found += by_night_and_day(page, opened, shots / f"{opened}-{language}")
        found += measured(page, opened)
    return found
