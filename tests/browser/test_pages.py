"""Every page for everyone, in both languages: no fault that axe finds, by day and by night, and in
no window anything out of reach, from a phone to a wall of 2560 pixels, and at twice the size.

Nothing scrolls sideways, no word is cut off, and whatever one presses is large enough or stands
apart from the others (WCAG 1.4.10, 2.5.8).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from hatch_build import TABLER, USED, names_in
from tests.browser.conftest import SCREENSHOTS
from tests.browser.everywhere import pages

if TYPE_CHECKING:
    from tests.desk.world import World

MEASURING = (Path(__file__).parent / "measuring.js").read_text("utf-8")
WINDOWS = ((1440, 900), (2560, 1440), (1024, 768), (720, 450), (390, 844))
"""720 by 450 is what a window of 1440 by 900 holds at 200 %."""

RESIZED = f"""(part) => new Promise((done) =>
  requestAnimationFrame(() => setTimeout(done))).then(() => ({MEASURING})(part))"""
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

OF_SIZES = "target-size"
"""The rule that lasts as long as all the others: measuring.js asks for the same, in each window."""


def on(sheets: str, *, sizes: bool = True) -> dict[str, Any]:
    """All rules but those of colours; the one about style sheets only where these are new."""
    off = {rule: {"enabled": False} for rule in OF_COLOURS}
    if sheets in KNOWN_SHEETS:
        off[OF_SHEETS] = {"enabled": False}
    if not sizes:
        off[OF_SIZES] = {"enabled": False}
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


def colours(page: Page, painted: Iterable[str] | None = None) -> list[str]:
    """What axe finds of words that are painted as none was that it was asked about before."""
    news = [paint for paint in painted or page.evaluate(PAINTED) if paint not in KNOWN_PAINT]
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


BY = f"""([scheme, part]) => {{
  document.documentElement.dataset.bsTheme = scheme;
  return ({STILL})() && ({PAINTED})(part);
}}"""


def by(page: Page, scheme: Literal["light", "dark"], part: str | None = None) -> list[str]:
    """The page by day or by night, as its own switch does it, without loading it again: how the
    words of it, or of its part, are painted then."""
    painted = page.evaluate(BY, [scheme, part])
    if not painted:
        settle(page)
        painted = page.evaluate(PAINTED, part)
    return list(painted)


class Opened(NamedTuple):
    """A page as one finds it once it is still."""

    scheme: str
    title: str
    language: str
    mains: int
    sheets: str
    frame: str
    """What stands around its own part, as the names of elements: bar, menus, dialogs."""
    names: list[str]
    """The classes and data attributes on it."""

    @property
    def named(self) -> bool:
        """Whether it has what axe asks of the page as a whole: a title, and a language."""
        return bool(self.title) and self.language in {"zh-Hans", "en"} and self.mains == 1

    def left_out(self) -> list[str]:
        """Of its classes those that Tabler knows and the desk's style sheet left out."""
        return sorted(left_out().intersection(self.names)) if "/desk-" in self.sheets else []


@cache
def left_out() -> set[str]:
    """The classes and data attributes of Tabler that the desk's style sheet has no rules for."""
    return names_in(TABLER.read_text("utf-8")) - set(json.loads(USED.read_text("utf-8")))


LOOK = f"""() => {{
  if (!({STILL})()) return null;
  scrollTo(0, 0); // what lies half under the bar when a list was scrolled to its case is not small
  const root = document.documentElement;
  const main = document.querySelector("#main");
  const names = new Set();
  const frame = [];
  for (const one of document.body.querySelectorAll("*")) {{
    const away = one.hidden ? " hidden" : "";
    if (!main?.contains(one)) frame.push(one.localName + "." + one.getAttribute("class") + away);
    for (const name of one.classList) names.add(name);
    for (const name of one.getAttributeNames()) if (name.startsWith("data-")) names.add(name);
  }}
  return [root.dataset.bsTheme || "", document.title.trim(), root.lang,
    document.querySelectorAll("main").length, ({SHEETS})(), frame.join(" "), [...names]];
}}"""


def opened(page: Page, address: str) -> Opened:
    """Opens a page and waits until it is still."""
    page.goto(address)
    while (told := page.evaluate(LOOK)) is None:
        settle(page)
    return Opened(*told)


NARROW = WINDOWS[2:]
"""Where the longer English words are short of room, if anywhere."""


def measured(
    page: Page,
    name: str,
    windows: Sequence[tuple[int, int]] = WINDOWS,
    part: str | None = None,
) -> list[str]:
    """What is wrong in each window, with all of the page or in its part, one line each."""
    found = []
    for width, height in windows:
        resize(page, width, height)
        found += [f"{name} at {width}: {fault}" for fault in page.evaluate(RESIZED, part)]
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


WRONG = """addEventListener("DOMContentLoaded", () => {
  const tiny = { minBlockSize: "0", height: "10px", width: "10px", padding: "0", border: "0" };
  const add = (tag, words, style, where = "#main") => {
    const element = document.createElement(tag);
    element.textContent = words;
    Object.assign(element.style, style);
    document.querySelector(where).append(element);
    return element;
  };
  add("button", "·", tiny);
  add("button", "·", tiny);
  add("div", "很长".repeat(40), { whiteSpace: "nowrap", width: "200px", overflow: "hidden" });
  add("p", "远", { position: "absolute", left: "3000px" });
  add("p", "夜里读", { color: "#444" });
  add("p", "白天读", { color: "#888" });
  add("input", "", {});
  add("p", "", {}).className = "navbar-vertical";
  add("a", "", {}, ".top").href = "/";
  document.title = "";
  console.error("planted");
  setTimeout(() => { throw new Error("planted"); });
})"""


def test_it_would_find_what_is_wrong(sign_in: Callable[..., Page], shots: Path) -> None:
    page = sign_in("dispatcher", color_scheme="dark", reduced_motion="reduce")
    frames: set[str] = set()
    address = "/desk/cases/new"

    def looked() -> str:
        return "\n".join(looked_at(page, "new", address, shots, "zh-hans", 1440, frames))

    assert not looked()
    page.add_init_script(WRONG)
    found = looked()
    for fault in (
        "too small: 10",
        "cut off or over its edge: “很长",
        "out of the window: “远",
        "scrolls sideways",
        "navbar-vertical was left out",
        "is nameless",
        "label: ['<input",
        "link-name: ['<a",  # in the bar, which is looked at again as it is another
        """color-contrast: ['<p style="color: rgb(68, 68, 68);">夜里读""",
        """color-contrast: ['<p style="color: rgb(136, 136, 136);">白天读""",
    ):
        assert fault in found, found
    assert page.faults == ["console: planted", "page: planted"]  # type: ignore[attr-defined]
    page.faults = []  # type: ignore[attr-defined]
    # Of a part alone it finds the same in that part.
    found = looked()
    assert "too small: 10" in found, found
    assert "label: ['<input" in found, found
    page.faults = []  # type: ignore[attr-defined]


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
    for name, places in share(pages(world), *part).items():
        frames: set[str] = set()  # another's bar has other words, which may be too long for it
        page = sign_in(
            name,
            width=width,
            height=dict(WINDOWS)[width],
            color_scheme="dark",
            reduced_motion="reduce",
        )
        if language == "zh-hans":
            page.add_init_script(Axe().axe_script)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url.split("/desk")[0]}]
        )
        for title, address in places:
            found += looked_at(page, title, address, shots, language, width, frames)
        if name == "dispatcher" and "reported" in dict(places):
            found += open_ones(page, dict(places)["reported"], shots, language, width)
        # A page that is left open goes on asking for news, at the cost of all the others.
        found += page.faults  # type: ignore[attr-defined]
        page.context.close()
    assert not found, "\n".join(found)


def looked_at(
    page: Page,
    title: str,
    address: str,
    shots: Path,
    language: str,
    width: int,
    frames: set[str],
) -> list[str]:
    """What is wrong with one page.

    Two thirds of a page are its bar with all menus, the same on nearly all: where what stands
    around a page's own part was met before (`frames`), the part alone is looked at.
    """
    resize(page, width, dict(WINDOWS)[width])
    found = opened(page, address)
    assert found.scheme == "dark", address
    part = "#main" if found.frame in frames else None
    frames.add(found.frame)
    wrong = [f"{title}: {name} was left out of the style sheet" for name in found.left_out()]
    if not found.named:
        wrong += [f"{address} is nameless: {found.title} {found.language} {found.mains}"]
    # The document is the same in both languages: what axe finds, it finds in the first.
    if language == "zh-hans":
        wrong += by_night_and_day(page, title, shots / f"{title}-{language}", found.sheets, part)
    elif SCREENSHOTS:
        page.screenshot(path=shots / f"{title}-{language}-dark.png", full_page=True)
    return wrong + measured(page, title, WINDOWS if width == 1440 else NARROW, part)


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


def by_night_and_day(
    page: Page, title: str, shot: Path, sheets: str, part: str | None = None
) -> list[str]:
    """What axe finds on a page, or in its part, that was opened by night; and what of it by day is
    another."""
    page.screenshot(path=shot.with_name(f"{shot.name}-dark.png"), full_page=True)
    found = asked(page, RUN, part, on(sheets, sizes=False))
    found += colours(page, page.evaluate(PAINTED, part))
    light = by(page, "light", part)
    page.screenshot(path=shot.with_name(f"{shot.name}-light.png"), full_page=True)
    return [f"{title}: {fault}" for fault in found + colours(page, light)]


def open_ones(page: Page, address: str, shots: Path, language: str, width: int) -> list[str]:
    """The same of the menus, and of the sheet of keys."""
    found = []
    for open_one in ("more", "command", "keys"):
        resize(page, width, dict(WINDOWS)[width])
        sheets = opened(page, address).sheets
        if open_one == "keys":
            page.keyboard.press("?")
        else:
            menu = ".command-menu" if open_one == "command" else "#main details.menu"
            page.locator(f"{menu} > summary").last.click()
        settle(page)
        found += by_night_and_day(page, open_one, shots / f"{open_one}-{language}", sheets)
        found += measured(page, open_one)
    return found
