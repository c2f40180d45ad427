"""One function makes a report of figures: the same figures, the same report to the letter."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Final

from huying.assessment.counting import By
from huying.assessment.indicators import indicators
from huying.assessment.opening import Part
from huying.assessment.tallies import Tally, civil_day
from huying.places.models import Level, level_of
from huying.reports import opening
from huying.reports.gathering import Counts, Gathered
from huying.reports.material import Material, moment
from huying.reports.opening import figure
from huying.reports.red import red
from huying.reports.report import Chart, Column, Report, Section, Series, Shape, Table
from huying.reports.spans import Kind, day_said
from huying.reports.wording import (
    change_of_count,
    change_of_rate,
    hundredths,
    listed,
    ranked,
    rate,
    rate_said,
)

BELOW: Final = {
    Level.DISTRICT: (By.TOWN, "镇街"),
    Level.TOWN: (By.COMMUNITY, "村（社区）"),
    Level.COMMUNITY: (By.GRID, "网格"),
}
MOST_ITEMS: Final = 10
MOST_UNITS: Final = 40
FEW: Final = 3

MAIN: Final = (
    "valid_reports",
    "accepted_in_time",
    "dispatched_in_time",
    "dispatched_rightly",
    "handled",
    "handled_in_time",
    "checked_in_time",
    "closed",
    "closed_in_time",
    "within_a_day",
    "rework",
    "returned",
    "extended",
    "supervised",
    "reopened",
    "responded",
    "solved",
    "satisfied",
    "recurred",
    "came_in_time",
    "patrol_covered",
    "collected",
)
"""Which indicators the main table has, in its order."""


def compose(of: Material) -> Report:
    """The report."""
    year, number = of.span.number
    monthly = of.span.kind is Kind.MONTHLY
    name = of.names.area
    sections = [
        Section("总体情况", _overview(of), (_trend(of),), (_main(of),)),
        _areas(of),
        _units(of),
        _items(of),
        red(of),
    ]
    numerals = "一二三四五六七八九"
    return Report(
        banner=f"{name}网格化服务管理工作通报",
        number=f"{year}年第{number}期" if monthly else f"{year}年周报第{number}期",
        issuer=of.names.issuer,
        issued_on=of.issued_on,
        title=f"关于{of.span.said}{name}网格化服务管理工作情况的通报",
        short=f"{name}{'月度' if monthly else '每周'}通报{year}年第{number}期",
        first=of.span.first,
        last=of.span.last,
        at=of.at,
        opening=_opening(of),
        sections=tuple(
            _read(each, f"{numerals[at]}、{each.heading}") for at, each in enumerate(sections)
        ),
        closing=_closing(of),
    )


def _read(section: Section, heading: str) -> Section:
    """The section with its sentences as people read them."""
    said = [opening.read_marks(each) for each in section.paragraphs]
    plain, marks = tuple(each for each, _marks in said), tuple(marks for _plain, marks in said)
    return Section(heading, plain, section.charts, section.tables, marks)


def _opening(of: Material) -> str:
    what = "本月" if of.span.kind is Kind.MONTHLY else "本周"
    return (
        f"现将{of.span.said}{of.names.area}网格化服务管理工作情况通报如下。{what}指"
        f"{day_said(of.span.first)}至{day_said(of.span.last)}；"
        f"数据取自事件日志，截至{moment(of.at)}。"
    )


def _closing(of: Material) -> tuple[str, ...]:
    """What a reader must know to check the figures."""
    notes = [
        "应办（应处置、应结案）指期限落在本期内的案件；期限未到、期限前退出或挂账期间的不计入。",
        "没有分母的指标为“无数据”，既不是0，也不是100%；按期率相同的，名次并列。",
    ]
    earlier = [
        words
        for words, span in (("环比", of.span.before), ("同比", of.span.year_before))
        if of.began is None or of.began > span.first
    ]
    if earlier:
        why = "" if of.began is None else f"数据自{of.began.year}年{day_said(of.began)}起，"
        notes.append(f"{why}没有完整的对比期，{listed(earlier)}为“无数据”。")
    return tuple(notes)


def _earlier(of: Material) -> tuple[Gathered | None, Gathered | None]:
    """The spans before and a year before; None where the log does not have the whole of one."""
    spans = ((of.before, of.span.before), (of.year_before, of.span.year_before))
    before, year_before = (
        None if of.began is None or of.began > span.first else gathered for gathered, span in spans
    )
    return before, year_before


def _counts(gathered: Gathered | None) -> Counts | None:
    return None if gathered is None else gathered.whole


def _against(of: Material, tally: Tally) -> str:
    """（环比…，同比…） of a count."""
    now = of.now.whole[tally]
    before, year = map(_counts, _earlier(of))
    said = [change_of_count(now, None if each is None else each[tally]) for each in (before, year)]
    return f"（环比{said[0]}，同比{said[1]}）"


def _rate_against(of: Material, code: str) -> str:
    now = rate(code, of.now.whole)
    before, year = map(_counts, _earlier(of))
    if now is None:
        return rate_said(now)
    said = [
        change_of_rate(now, None if each is None else rate(code, each)) for each in (before, year)
    ]
    return f"{figure(rate_said(now), code)}（环比{said[0]}，同比{said[1]}）"


def _rate(of: Material, code: str) -> str:
    now = rate(code, of.now.whole)
    return rate_said(now) if now is None else figure(rate_said(now), code)


def _overview(of: Material) -> tuple[str, ...]:
    n = of.now.whole
    if of.now.is_empty:
        return (f"{of.span.said}，{of.names.area}没有计入统计的案件。",)
    top = Part.NUMERATOR
    lines = [
        f"（一）立案与派遣。{of.names.area}共立案{figure(n[Tally.ACCEPTED], 'accepted_rightly')}宗"
        f"{_against(of, Tally.ACCEPTED)}，"
        f"派遣{figure(n[Tally.DISPATCHED], 'dispatched_rightly')}宗次，"
        f"准确派遣率{_rate(of, 'dispatched_rightly')}；"
        f"巡查上报经核定{figure(n[Tally.PATROL_DECIDED], 'valid_reports')}宗，"
        f"有效{figure(n[Tally.PATROL_VALID], 'valid_reports', top)}宗，"
        f"有效上报率{_rate(of, 'valid_reports')}。",
        f"（二）处置与结案。本期应处置{figure(n[Tally.HANDLE_DUE], 'handled')}宗，"
        f"已处置{figure(n[Tally.HANDLE_DONE], 'handled', top)}宗，"
        f"按期处置率{_rate_against(of, 'handled_in_time')}；"
        f"应结案{figure(n[Tally.TOTAL_DUE], 'closed')}宗，"
        f"已结案{figure(n[Tally.TOTAL_DONE], 'closed', top)}宗，"
        f"结案率{_rate_against(of, 'closed')}，按期结案率{_rate_against(of, 'closed_in_time')}。",
        f"（三）办理质量。核查{figure(n[Tally.CHECKED], 'rework')}宗次，"
        f"返工{figure(n[Tally.REWORK], 'rework', top)}宗次，"
        f"返工率{_rate(of, 'rework')}；退单{figure(n[Tally.RETURNED], 'returned', top)}宗次，"
        f"退单率{_rate(of, 'returned')}；"
        f"督办{figure(n[Tally.SUPERVISED], 'supervised', top)}宗。",
    ]
    heard = n[Tally.HEARD]
    lines.append(
        f"（四）群众评价。收到评价{figure(heard, 'responded')}宗，"
        f"响应率{_rate(of, 'responded')}，"
        f"解决率{_rate(of, 'solved')}，满意率{_rate(of, 'satisfied')}。"
        if heard
        else "（四）群众评价。本期没有收到评价，响应率、解决率、满意率均为无数据。"
    )
    return tuple(lines)


def _trend(of: Material) -> Chart:
    days = [day for day in of.span.days if day <= civil_day(of.at)]
    monthly = of.span.kind is Kind.MONTHLY
    return Chart(
        "每日立案与结案",
        "lines",
        tuple(f"{day.day}" if monthly else f"{day.month}.{day.day}" for day in days),
        tuple(
            Series(
                name,
                tuple(of.now.days.get(day, Counter())[tally] for day in days),
                opening.of(indicator),
            )
            for name, tally, indicator in (
                ("立案", Tally.ACCEPTED, "accepted_rightly"),
                ("结案", Tally.CLOSINGS, "reopened"),
            )
        ),
        by=opening.DAY,
        keys=tuple(day.isoformat() for day in days),
    )


def _main(of: Material) -> Table:
    rows = []
    before, year = map(_counts, _earlier(of))
    for code in MAIN:
        each = indicators()[code]
        made = each.figure(of.now.whole)
        now = rate(code, of.now.whole)
        rows.append(
            (
                each.zh,
                _number(made.numerator),
                _number(made.denominator),
                now,
                None if before is None else rate(code, before),
                change_of_rate(now, None if before is None else rate(code, before)),
                change_of_rate(now, None if year is None else rate(code, year)),
            )
        )
    columns = (
        Column("指标", Shape.TEXT, 4),
        Column("分子", width=2, opens=opening.of(opening.OWN, Part.NUMERATOR)),
        Column("分母", width=2, opens=opening.of(opening.OWN)),
        Column("本期", Shape.RATE, 3, opening.of(opening.OWN)),
        Column("上期", Shape.RATE, 3, opening.of(opening.OWN, span=opening.BEFORE)),
        Column("环比", Shape.TEXT, 5),
        Column("同比", Shape.TEXT, 5),
    )
    return Table("主要指标", columns, tuple(rows), by=str(By.ALL), keys=MAIN)


def _number(value: object) -> str:
    """A sum of tallies: whole mostly, with a tenth where it is weighted."""
    number = float(value)  # type: ignore[arg-type]
    return f"{number:.0f}" if number == int(number) else f"{number:.1f}"


_OF_AREAS: Final = (
    Column("名次", Shape.TEXT, 2),
    Column("单位", Shape.TEXT, 5),
    Column("立案", width=2, opens=opening.of("accepted_rightly")),
    Column("应结案", width=2, opens=opening.of("closed")),
    Column("已结案", width=2, opens=opening.of("closed", Part.NUMERATOR)),
    Column("结案率", Shape.RATE, 3, opening.of("closed")),
    Column("按期结案率", Shape.RATE, 3, opening.of("closed_in_time")),
    Column("返工率", Shape.RATE, 3, opening.of("rework")),
)


def _areas(of: Material) -> Section:
    by, words = BELOW[level_of(of.area)]
    counts = of.now.by[by]
    names = {
        code: of.names.places[code] for code in of.names.places if len(code) == len(of.area) + 3
    }
    known = [code for code in sorted(names) if code.startswith(of.area)]
    # A grid is listed where something was counted; towns and communities always.
    if by is By.GRID:
        known = [code for code in known if counts.get(code)]
    order = ranked(
        known,
        lambda code: rate("closed_in_time", counts.get(code, Counter())),
        lambda code: (-counts.get(code, Counter())[Tally.TOTAL_DUE], code),
    )
    rows = tuple(
        _area_row(place, names[code], counts.get(code, Counter())) for place, code in order
    )
    said = [(place, names[code]) for place, code in order if place is not None]
    paragraphs = []
    if len(said) > FEW:
        paragraphs.append(_leading(said, words))
    silent = len(known) - len(said)
    if silent and said:
        paragraphs.append(f"另有{silent}个{words}本期没有应结案件，不参加排名。")
    loaded = sorted(
        ((counts.get(code, Counter())[Tally.ACCEPTED], names[code], code) for code in known),
        key=lambda each: (-each[0], each[1]),
    )[:16]
    loaded = [each for each in loaded if each[0]]
    charts = (_bars(f"各{words}立案数", loaded, by),) if loaded else ()
    table = Table(
        f"各{words}结案排名",
        _OF_AREAS,
        rows,
        empty=f"本期没有计入统计的{words}。",
        by=str(by),
        keys=tuple(code for _place, code in order),
    )
    return Section(f"各{words}情况", tuple(paragraphs), charts, (table,))


def _leading(said: list[tuple[int, str]], words: str) -> str:
    """Who stands first, and who last; where many share the first place, how many they are."""
    first = [name for place, name in said if place == 1]
    best = [name for place, name in said if place <= FEW]
    behind = [name for place, name in said if place > FEW]
    if len(first) > 2 * FEW:
        sentence = f"按期结案率并列第一的{words}有{len(first)}个"
        behind = [name for place, name in said if place > 1]
    else:
        sentence = f"按期结案率居前的{words}为{listed(best)}"
    return sentence + (f"；居后的为{listed(behind[-FEW:][::-1])}。" if behind else "。")


def _area_row(place: int | None, name: str, n: Counts) -> tuple[str | int | None, ...]:
    return (
        "—" if place is None else str(place),
        name,
        n[Tally.ACCEPTED],
        n[Tally.TOTAL_DUE],
        n[Tally.TOTAL_DONE],
        rate("closed", n),
        rate("closed_in_time", n),
        rate("rework", n),
    )


def _bars(title: str, found: list[tuple[int, str, str]], by: By) -> Chart:
    """Accepted cases: how many, by what name, and of whom."""
    return Chart(
        title,
        "bars",
        tuple(name for _n, name, _key in found),
        (Series("立案", tuple(n for n, *_rest in found), opening.of("accepted_rightly")),),
        by=str(by),
        keys=tuple(key for *_rest, key in found),
    )


_OF_UNITS: Final = (
    Column("名次", Shape.TEXT, 2),
    Column("责任单位", Shape.TEXT, 6),
    Column("派遣", width=2, opens=opening.of("dispatched_rightly")),
    Column("应处置", width=2, opens=opening.of("handled")),
    Column("已处置", width=2, opens=opening.of("handled", Part.NUMERATOR)),
    Column("按期处置率", Shape.RATE, 3, opening.of("handled_in_time")),
    Column("返工率", Shape.RATE, 3, opening.of("rework")),
    Column("退单率", Shape.RATE, 3, opening.of("returned")),
)


def _units(of: Material) -> Section:
    counts = {unit: each for unit, each in of.now.by[By.UNIT].items() if unit}
    busy = [
        unit for unit, each in counts.items() if each[Tally.DISPATCHED] or each[Tally.HANDLE_DUE]
    ]
    shown = sorted(busy, key=lambda unit: (-counts[unit][Tally.HANDLE_DUE], int(unit)))[:MOST_UNITS]
    order = ranked(
        shown,
        lambda unit: rate("handled_in_time", counts[unit]),
        lambda unit: (-counts[unit][Tally.HANDLE_DUE], of.names.units.get(unit, unit), unit),
    )
    rows = []
    for place, unit in order:
        n = counts[unit]
        rows.append(
            (
                "—" if place is None else str(place),
                of.names.units.get(unit, unit),
                n[Tally.DISPATCHED],
                n[Tally.HANDLE_DUE],
                n[Tally.HANDLE_DONE],
                rate("handled_in_time", n),
                rate("rework", n),
                rate("returned", n),
            )
        )
    slow = [
        of.names.units.get(unit, unit)
        for unit in sorted(busy, key=int)
        if counts[unit][Tally.HANDLE_DUE] > counts[unit][Tally.HANDLE_DONE]
    ]
    words: tuple[str, ...] = ()
    if slow:
        more = "等" if len(slow) > 6 else ""
        words = (f"尚有到期未处置案件的责任单位{len(slow)}个：{listed(slow[:6])}{more}。",)
    elif rows:
        words = ("各责任单位没有到期未处置的案件。",)
    note = (
        f"共{len(busy)}个责任单位，列应处置较多的{MOST_UNITS}个。" if len(busy) > MOST_UNITS else ""
    )
    nothing = "本期没有派遣给责任单位的案件。"
    table = Table(
        "责任单位处置排名",
        _OF_UNITS,
        tuple(rows),
        note,
        nothing,
        str(By.UNIT),
        tuple(unit for _place, unit in order),
    )
    return Section("责任单位处置情况", words, (), (table,))


def _items(of: Material) -> Section:
    counts = of.now.by[By.ITEM]
    total = of.now.whole[Tally.ACCEPTED]
    order = sorted(
        (item for item in counts if item and counts[item][Tally.ACCEPTED]),
        key=lambda item: (-counts[item][Tally.ACCEPTED], item),
    )
    last = _earlier(of)[0]
    before = None if last is None else last.by[By.ITEM]
    rows = []
    for item in order[:MOST_ITEMS]:
        n = counts[item][Tally.ACCEPTED]
        earlier = None if before is None else before.get(item, Counter())[Tally.ACCEPTED]
        rows.append(
            (
                of.names.items.get(item, item),
                n,
                hundredths(Fraction(n, total)) if total else None,
                change_of_count(n, earlier),
                rate("closed_in_time", counts[item]),
            )
        )
    words = []
    if order:
        first = [of.names.items.get(item, item) for item in order[:FEW]]
        share = sum(counts[item][Tally.ACCEPTED] for item in order[:FEW])
        words.append(
            f"立案较多的事项为{listed(first)}，共{share}宗，占立案总数的"
            f"{rate_said(hundredths(Fraction(share, total)))}。"
        )
    channels = of.now.by[By.CHANNEL]
    doors = sorted(
        (
            (channels[each][Tally.ACCEPTED], of.names.channels.get(each, each), each)
            for each in channels
        ),
        key=lambda each: (-each[0], each[1]),
    )
    if total:
        told = [
            f"{name}{figure(n, 'accepted_rightly', by=By.CHANNEL, key=code)}宗"
            for n, name, code in doors
            if n
        ]
        words.append("按来源分：" + "，".join(told) + "。")
    columns = (
        Column("事项", Shape.TEXT, 7),
        Column("立案", width=2, opens=opening.of("accepted_rightly")),
        Column("占比", Shape.RATE, 2, opening.of("accepted_rightly")),
        Column("环比", Shape.TEXT, 3),
        Column("按期结案率", Shape.RATE, 3, opening.of("closed_in_time")),
    )
    chart = [
        (counts[item][Tally.ACCEPTED], of.names.items.get(item, item), item)
        for item in order[:MOST_ITEMS]
    ]
    charts = (_bars("立案较多的事项", chart, By.ITEM),) if chart else ()
    note = f"共{len(order)}个事项有立案，列前{MOST_ITEMS}个。" if len(order) > MOST_ITEMS else ""
    keys = tuple(order[:MOST_ITEMS])
    table = Table("事项构成", columns, tuple(rows), note, "本期没有立案。", str(By.ITEM), keys)
    return Section("事项情况", tuple(words), charts, (table,))
