"""Random histories of a phone: no signal, killed pages, answers that get lost, a full disk.

Whatever happens, each report that the phone has taken ends on the server exactly once. A real
Chromium works on the real app through a line that fails by chance; each history follows from its
seed. What is counted in the end is cases in the database.
"""

from __future__ import annotations

import base64
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from huying.benchmarks.bed import Bed
from huying.benchmarks.chromium import chromium, sign_in
from huying.benchmarks.filling import people
from huying.benchmarks.line import Fate, Line, line_to
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ON_ONE_PHONE: Final = 20
"""Histories after which another phone is taken: its memory of what it sent grows."""

STEPS: Final = 7
"""Things that happen in one history, besides its end, at which everything may be sent."""

PATIENCE_MS: Final = 60_000
LON, LAT = 113.4210, 22.9550
WORDS: Final = ("东街口垃圾堆了三天", "路灯不亮", "井盖松动", "占道摆卖", "墙面乱张贴")

READY = "() => window.huyingField?.state.data && document.documentElement.dataset.ready"

LARGE_BYTES: Final = 300_000
"""Of a photo that goes in pieces."""

WRITE = """([reports, picture]) => {
  const small = Uint8Array.from(atob(picture), (each) => each.charCodeAt(0));
  const photo = (kind, size) => {
    const bytes = new Uint8Array(Math.max(size, small.length));
    bytes.set(small); // what follows a picture is not looked at
    const taken_at = new Date().toISOString();
    return { kind, bytes: bytes.buffer, marked: true, place: null, taken_at };
  };
  const { add, state } = window.huyingField;
  const item = state.data.items.find((each) => each.settle);
  return Promise.all(reports.map(async ({ text, lon, lat, settles, size }) => {
    const report = {
      verb: "report", title: text, words: text, form: {}, settles,
      photos: [photo("photo_before", size)],
      body: { text, item: item.code, position: { lon, lat, accuracy_m: 9 } },
    };
    const then = { verb: "settle", title: text, form: {}, photos: [photo("photo_after", 0)],
      body: { item: item.code, result: "已清理。", form: "现场处理", lon, lat } };
    try {
      await add(report, ...(settles ? [then] : []));
      return "taken";
    } catch (error) {
      return error.constructor.name === "Error" ? String(error) : "full";
    }
  }));
}"""

SETTLED = """async () => {
  const { pump, entries } = window.huyingField;
  await pump({ now: true });
  const open = (await entries()).filter((each) => !["delivered", "dropped"].includes(each.state));
  return open.length === 0;
}"""

LEFT = """async () => (await window.huyingField.entries())
  .filter((each) => !["delivered", "dropped"].includes(each.state))
  .map((each) => `${each.verb} ${each.state} ${each.tries} ${each.reason?.words ?? ""}`)"""


@dataclass
class History:
    """What became of one: the words of the reports that the phone took, and what was against it.

    ``maybe``: the page was killed before it had said whether it took them.
    """

    seed: int
    taken: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)
    refused: int = 0
    happened: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """How many reports were tried, and of those the lost and the doubled ones."""

    tried: int
    lost: list[str]
    doubled: list[str]


def picture() -> str:
    """A small photo, as text."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (48, 36), "#5a7d4c").save(target, "JPEG")
    return base64.b64encode(target.getvalue()).decode()


class Phone:
    """One phone whose app is closed and opened, with one disk, on one line."""

    def __init__(
        self,
        context: BrowserContext,
        line: Line,
        where: tuple[float, float] = (LON, LAT),
        number: int = 0,
    ) -> None:
        self.context, self.line, self.where = context, line, where
        self.picture = picture()
        self.pages: list[Page] = []
        self.first = self.begins_full(History(-1 - number))

    def begins_full(self, history: History) -> History:
        """At first there is no room at all: what is written is refused, and nothing else happens.

        Only at first: a browser remembers for half a minute how much room a site had.
        """
        page = self.context.new_page()
        speak = self.context.new_cdp_session(page)
        origin = {"origin": self.line.url}
        speak.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": 1})
        self.open(page)
        self.write(history, random.Random(history.seed))  # noqa: S311 - to be repeated
        speak.send("Storage.overrideQuotaForOrigin", origin)
        speak.detach()
        self.write(history, random.Random(history.seed))  # noqa: S311 - the same, with room
        self.ends(history)
        return history

    def open(self, page: Page | None = None) -> Page:
        """The app in one more window."""
        page = page or self.context.new_page()
        page.goto(f"{self.line.url}/field/outbox", wait_until="commit")
        page.wait_for_function(READY, timeout=PATIENCE_MS)
        self.pages.append(page)
        return page

    def close(self) -> None:
        """Every window, at once, whatever it was doing."""
        for page in self.pages:
            page.close()
        self.pages.clear()

    def play(self, seed: int) -> History:
        """One history, to its end."""
        chance, history = random.Random(seed), History(seed)  # noqa: S311 - to be repeated
        names = sorted(_HAPPENINGS)
        for step in range(STEPS):
            name = chance.choice(names) if step else "writes"
            history.happened.append(name)
            _HAPPENINGS[name](self, chance, history)
        self.ends(history)
        return history

    def ends(self, history: History) -> None:
        """The line is whole again, and everything that waits is sent."""
        self.line.fates = None
        self.line.release()
        self.context.set_offline(False)
        if not self.pages:
            self.open()
        for _turn in range(20):
            if self.pages[-1].evaluate(SETTLED):
                break
        history.left = self.pages[-1].evaluate(LEFT)

    def write(self, history: History, chance: random.Random, *, waits: bool = True) -> None:
        """Some reports at once, some of them settled on the spot."""
        if not self.pages:
            self.open()
        lon, lat = self.where
        reports = [
            {
                "text": f"{chance.choice(WORDS)}（{history.seed}-{len(history.happened)}-{n}）",
                "lon": lon + chance.uniform(-0.001, 0.001),
                "lat": lat + chance.uniform(-0.001, 0.001),
                "settles": chance.random() < 0.25,
                "size": LARGE_BYTES if chance.random() < 0.25 else 0,
            }
            for n in range(chance.randint(1, 3))
        ]
        told = [reports, self.picture]
        if not waits:
            # The page is gone before it can say that it has them.
            self.pages[-1].evaluate(f"(told) => {{ ({WRITE})(told); }}", told)
            history.maybe += [str(each["text"]) for each in reports]
            self.close()
            return
        for report, came in zip(reports, self.pages[-1].evaluate(WRITE, told), strict=True):
            if came != "taken":
                history.refused += 1
                continue
            history.taken.append(str(report["text"]))
            if report["settles"]:
                history.settled.append(str(report["text"]))


def _writes(phone: Phone, chance: random.Random, history: History) -> None:
    phone.write(history, chance)


def _killed(phone: Phone, chance: random.Random, history: History) -> None:
    phone.close()


def _killed_writing(phone: Phone, chance: random.Random, history: History) -> None:
    phone.write(history, chance, waits=False)


def _signal(phone: Phone, chance: random.Random, history: History) -> None:
    phone.context.set_offline(chance.random() < 0.5)
    # Opening the app where there is no signal works from what it keeps; the test of it is another.
    if not phone.pages:
        phone.context.set_offline(False)


def _line(phone: Phone, chance: random.Random, history: History) -> None:
    fates = chance.choices(list(Fate), k=3)
    phone.line.fates = lambda: chance.choice(fates)


def _sends(phone: Phone, chance: random.Random, history: History) -> None:
    for page in phone.pages:
        page.evaluate("() => { window.huyingField.pump({ now: true }); }")


def _second_window(phone: Phone, chance: random.Random, history: History) -> None:
    phone.context.set_offline(False)
    if len(phone.pages) < 2:
        phone.open()


_HAPPENINGS: Final[dict[str, Any]] = {
    "writes": _writes,
    "writes again": _writes,
    "is killed": _killed,
    "is killed while writing": _killed_writing,
    "signal comes or goes": _signal,
    "the line changes": _line,
    "the line changes again": _line,
    "sends": _sends,
    "a second window": _second_window,
}


def judge(histories: list[History]) -> Verdict:
    """Counts the cases of every report in the database."""
    from huying.cases.models import CaseEvent, CaseText, TextKind

    taken = [text for history in histories for text in history.taken]
    maybe = [text for history in histories for text in history.maybe]
    found = list(
        CaseText.objects.filter(kind=TextKind.DESCRIPTION, body__in=taken + maybe).values_list(
            "body", "case"
        )
    )
    cases = Counter(body for body, _case in found)
    of_case = dict(found)
    settled = [text for history in histories for text in history.settled]
    steps = Counter(
        CaseEvent.objects.filter(
            case_id__in=[of_case[text] for text in settled if text in of_case], verb="settle"
        ).values_list("case_id", flat=True)
    )
    lost = [text for text in taken if not cases[text]]
    lost += [f"settle {text}" for text in settled if text in of_case and not steps[of_case[text]]]
    doubled = [text for text in taken + maybe if cases[text] > 1]
    doubled += [
        f"settle {text}" for text in settled if text in of_case and steps[of_case[text]] > 1
    ]
    return Verdict(len(taken) + len(maybe), lost, doubled)


def run(bed: Bed, seeds: range) -> dict[str, Any]:
    """The histories of these seeds on the web server as it is in production."""
    from huying.people.models import Post, Role
    from huying.places.exporting import centre

    people(bed)
    post = Post.objects.filter(role=Role.GRID_WORKER).order_by("id").first()
    where = centre(post.area_code) if post is not None else None
    if post is None or where is None:
        raise CommandError("nobody walks a grid")
    histories: list[History] = []
    with bed.web() as port, line_to(port) as line, chromium() as browser:
        for start in range(seeds.start, seeds.stop, ON_ONE_PHONE):
            context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
            sign_in(context, line.url, post)
            phone = Phone(context, line, where, number=start)
            histories.append(phone.first)
            for seed in range(start, min(start + ON_ONE_PHONE, seeds.stop)):
                histories.append(phone.play(seed))
            context.close()
            say(f"offline {min(start + ON_ONE_PHONE, seeds.stop) - seeds.start}/{len(seeds)}")
        met = {str(fate): count for fate, count in line.met.items()}
    verdict = judge(histories)
    stuck = [f"{each.seed}: {left}" for each in histories for left in each.left]
    return {
        "ok": not (verdict.lost or verdict.doubled or stuck),
        "histories": len(seeds),
        "tried": verdict.tried,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "stuck": len(stuck),
        "no_room": sum(each.refused for each in histories),
        "line": met,
        "which": [*verdict.lost, *verdict.doubled, *stuck][:20],
    }
