"""Deadlines in words: why a case is due when it is due, and how its countdown stands.

Sentences come in the language that is active when they are asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from huying.clock.calendar import WorkingCalendar
from huying.clock.deadlines import Due, Step, StepKind
from huying.clock.ladder import Moment, Rung
from huying.clock.lights import Countdown, Light, Standstill
from huying.clock.limits import Clock, Limit
from huying.clock.stages import CaseDeadlines, CaseTimes, Stage

HOUR = timedelta(hours=1)
TEN_HOURS = 10 * HOUR

_STAGES = {
    Stage.ACCEPT: gettext_noop("Acceptance limit"),
    Stage.SIGN: gettext_noop("Sign-for limit"),
    Stage.HANDLE: gettext_noop("Handling limit"),
    Stage.CHECK: gettext_noop("Check limit"),
    Stage.TOTAL: gettext_noop("Limit of the whole case"),
}
_LIGHTS = {
    Light.GREEN: gettext_noop("in time"),
    Light.YELLOW: gettext_noop("due soon"),
    Light.RED: gettext_noop("overdue"),
    Light.GREY: gettext_noop("clock paused"),
}
# One pair of messages a clock, for one and for several: Chinese needs no plural, English does.
_AMOUNTS = {
    Clock.NATURAL_HOUR: (gettext_noop("%(amount)s hour"), gettext_noop("%(amount)s hours")),
    Clock.NATURAL_DAY: (gettext_noop("%(amount)s day"), gettext_noop("%(amount)s days")),
    Clock.WORK_HOUR: (gettext_noop("%(amount)s work hour"), gettext_noop("%(amount)s work hours")),
    Clock.WORK_DAY: (gettext_noop("%(amount)s work day"), gettext_noop("%(amount)s work days")),
}
_MINUTES = (gettext_noop("%(amount)s minute"), gettext_noop("%(amount)s minutes"))
_RUNGS = {
    Rung.REMIND: gettext_noop("%(percent)s %% of the time used: a reminder"),
    Rung.OVERDUE: gettext_noop("%(percent)s %% of the time used: overdue"),
    Rung.TELL_LEADER: gettext_noop("%(percent)s %% of the time used: the leader is told"),
    Rung.SUPERVISE: gettext_noop("%(percent)s %% of the time used: formal supervision"),
}
_WEEKDAYS = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One stage's deadline in words, for a page: a title, its light (if asked) and sentences."""

    stage: Stage
    title: str
    light: Light | None
    sentences: tuple[str, ...]


def explain(of: Due | CaseDeadlines) -> list[str]:
    """Plain sentences that say why a deadline, or each deadline of a case, is when it is."""
    if isinstance(of, Due):
        return [_sentence(step, of) for step in of.steps]
    return [
        _("%(stage)s: %(sentence)s") % {"stage": each.title, "sentence": sentence}
        for each in explain_stages(of)
        for sentence in each.sentences
    ]


def explain_stages(deadlines: CaseDeadlines, now: datetime | None = None) -> list[Explanation]:
    """The same, stage by stage and with each stage's light at `now`."""
    return [
        Explanation(
            stage=stage,
            title=stage_words(stage),
            light=None if now is None else deadlines.light(stage, now),
            sentences=(*_from_another_desk(stage, deadlines.times), *explain(found)),
        )
        for stage, found in deadlines
    ]


def own_time_words() -> str:
    """Why a step does not count from when the case came in."""
    return _("Another desk had the case before; each desk has its own time for its step.")


def _from_another_desk(stage: Stage, times: CaseTimes) -> tuple[str, ...]:
    begun = times.reopened_at or times.received_at
    moved = stage is Stage.ACCEPT and times.moved_at is not None and times.moved_at > begun
    return (own_time_words(),) if moved else ()


def stage_words(stage: Stage) -> str:
    """The name of a stage's limit, e.g. 处置时限."""
    return _(_STAGES[stage])


def light_words(light: Light) -> str:
    """What a light means, so that nobody depends on its colour."""
    return _(_LIGHTS[light])


def limit_words(limit: Limit) -> str:
    """A limit as people say it: "5 work days", "30 minutes"."""
    amount = Fraction(limit.amount)
    if amount.denominator == 1:
        return _count(_AMOUNTS[limit.clock], amount.numerator)
    minutes = amount * 60
    if limit.clock is Clock.NATURAL_HOUR and minutes.denominator == 1:
        return _count(_MINUTES, minutes.numerator)
    return _(_AMOUNTS[limit.clock][1]) % {"amount": f"{float(amount):g}"}


def time_words(time: timedelta) -> str:
    """A span in hours and minutes, rounded down to the minute; the sign is left to the caller."""
    hours, minutes = divmod(int(abs(time).total_seconds()) // 60, 60)
    if not hours:
        return _count(_MINUTES, minutes)
    words = _count(_AMOUNTS[Clock.NATURAL_HOUR], hours)
    if not minutes:
        return words
    return _("%(hours)s %(minutes)s") % {"hours": words, "minutes": _count(_MINUTES, minutes)}


def lasting_words(time: timedelta) -> str:
    """How long something took, in its two largest units, rounded down; days of 24 hours."""
    if not time.days:
        return time_words(time)
    days, hours = _count(_AMOUNTS[Clock.NATURAL_DAY], time.days), time.seconds // 3600
    if not hours:
        return days
    hours_said = _count(_AMOUNTS[Clock.NATURAL_HOUR], hours)
    return _("%(days)s %(hours)s") % {"days": days, "hours": hours_said}


def rung_words(moment: Moment) -> str:
    """What a rung of the ladder is, and why its turn is when it is: "200 % of the time used"."""
    return _(_RUNGS[moment.rung]) % {"percent": moment.percent}


def countdown_words(countdown: Countdown, calendar: WorkingCalendar, now: datetime) -> str:
    """A countdown in one line, e.g. "剩余 3 小时，暂停至 8:30"."""
    span = {"time": time_words(countdown.left)}
    if countdown.standstill is Standstill.DONE:
        template = (
            _("done %(time)s late")
            if countdown.left < timedelta(0)
            else _("done with %(time)s to spare")
        )
        return template % span
    words = (
        _("overdue by %(time)s") if countdown.left < timedelta(0) else _("%(time)s left")
    ) % span
    if countdown.running:
        return words
    if countdown.until is None:
        return _("%(left)s, paused until further notice") % {"left": words}
    return _("%(left)s, paused until %(until)s") % {
        "left": words,
        "until": _until(countdown.until, calendar, now),
    }


def over_words(countdown: Countdown) -> str:
    """How long a deadline is over, where there is little room: 超时 17 小时, whether or not its
    clock stands still just now. From ten hours on in whole hours, rounded down."""
    over = abs(countdown.left)
    if over >= TEN_HOURS:
        over -= over % HOUR
    return _("overdue by %(time)s") % {"time": time_words(over)}


def warnings(dues: Iterable[Due]) -> list[str]:
    """One sentence for each year whose days off are not known and that a deadline crosses."""
    years = sorted({year for due in dues for year in due.unknown_years})
    return [_unknown_year(year) for year in years]


def _sentence(step: Step, of: Due) -> str:
    calendar = of.calendar
    match step:
        case Step(kind=StepKind.START, at=datetime() as at):
            return _("Counted from %(moment)s.") % {"moment": _moment(at, calendar)}
        case Step(kind=StepKind.LIMIT, limit=Limit() as limit, time=timedelta() as time):
            return _limit(limit, time, calendar)
        case Step(kind=StepKind.EXTENSION, limit=Limit() as limit):
            return _("Extended by %(limit)s.") % {"limit": limit_words(limit)}
        case Step(kind=StepKind.WORKING_HOURS):
            return _("Only working time counts: %(hours)s.") % {
                "hours": _(", ").join(
                    f"{starts:%H:%M}–{ends:%H:%M}" for starts, ends in calendar.hours
                )
            }
        case Step(kind=StepKind.WEEKENDS, days=days):
            one, several = (
                _("Not counted: %(days)s weekend day."),
                _("Not counted: %(days)s weekend days."),
            )
            return (one if days == 1 else several) % {"days": days}
        case Step(kind=StepKind.HOLIDAY, name=name, days=days, first=date() as first):
            return _holiday(name or _("day off"), days, first, step.last or first)
        case Step(kind=StepKind.MAKE_UP_DAY, name=name, first=date() as day):
            if not name:
                return _("Counted as a make-up work day: %(day)s.") % {"day": _day(day)}
            return _("Counted as a make-up work day for %(name)s: %(day)s.") % {
                "name": name,
                "day": _day(day),
            }
        case Step(kind=StepKind.PAUSE, at=datetime() as at):
            return _pause(at, step.until, step.time, calendar)
        case Step(kind=StepKind.UNKNOWN_YEAR, year=int() as year):
            return _unknown_year(year)
        case Step(kind=StepKind.DUE, at=datetime() as at):
            return _("So it is due at %(moment)s.") % {"moment": _moment(at, calendar)}
        case Step(kind=StepKind.STANDS_STILL, time=timedelta() as time):
            return _(
                "The clock stands still; the deadline is set when it runs on, with %(time)s left."
            ) % {"time": time_words(time)}
    raise AssertionError(f"a step that has no words: {step}")


def _limit(limit: Limit, time: timedelta, calendar: WorkingCalendar) -> str:
    words = {"limit": limit_words(limit)}
    match limit.clock:
        case Clock.WORK_DAY:
            return _(
                "The limit is %(limit)s, at %(day)s of working time a day %(time)s together."
            ) % (words | {"day": time_words(calendar.day_length), "time": time_words(time)})
        case Clock.WORK_HOUR:
            return _("The limit is %(limit)s of working time.") % words
        case _:
            return _("The limit is %(limit)s, counted day and night, holidays included.") % words


def _holiday(name: str, days: int, first: date, last: date) -> str:
    if days == 1:
        return _("Not counted: %(name)s, %(days)s day (%(first)s).") % {
            "name": name,
            "days": days,
            "first": _day(first),
        }
    return _("Not counted: %(name)s, %(days)s days (%(first)s to %(last)s).") % {
        "name": name,
        "days": days,
        "first": _day(first),
        "last": _day(last),
    }


def _pause(
    at: datetime, until: datetime | None, lost: timedelta | None, calendar: WorkingCalendar
) -> str:
    start = _moment(at, calendar)
    if until is None or lost is None:
        return _("Paused from %(start)s until further notice.") % {"start": start}
    span = {"start": start, "end": _moment(until, calendar), "time": time_words(lost)}
    if not lost:
        return _("Paused from %(start)s to %(end)s; no counted time fell into it.") % span
    return _("Paused from %(start)s to %(end)s; the deadline moved by %(time)s.") % span


def _unknown_year(year: int) -> str:
    return _(
        "The days off of %(year)s are not entered yet: Monday to Friday were counted as work days."
    ) % {"year": year}


def _count(one_and_several: tuple[str, str], amount: int) -> str:
    one, several = one_and_several
    return _(one if amount == 1 else several) % {"amount": amount}


def _moment(at: datetime, calendar: WorkingCalendar) -> str:
    local = at.astimezone(calendar.tz)
    return _("%(day)s %(time)s") % {"day": _day(local.date()), "time": f"{local:%H:%M}"}


def _day(day: date) -> str:
    return _day_in(get_language() or "", day)


@lru_cache(maxsize=1024)
def _day_in(language: str, day: date) -> str:
    """Few days stand in many sentences: each is put together once in each language."""
    del language  # the active one
    return _("%(year)d-%(month)02d-%(day)02d (%(weekday)s)") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "weekday": _(_WEEKDAYS[day.weekday()]),
    }


def _until(until: datetime, calendar: WorkingCalendar, now: datetime) -> str:
    local = until.astimezone(calendar.tz)
    if local.date() == now.astimezone(calendar.tz).date():
        return f"{local.hour}:{local:%M}"
    return _("%(month)d-%(day)d %(time)s") % {
        "month": local.month,
        "day": local.day,
        "time": f"{local.hour}:{local:%M}",
    }
