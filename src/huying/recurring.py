"""All periodic work, in one list.

Each row names a function `f(*, now: datetime) -> object` in the package that knows the work; the
worker calls it when its time has come, once for all workers (procrastinate keeps a unique row
for each task and time). A time that was missed by more than ten minutes is not made up for: the
next run looks at what is due, not at how often it was called. The functions log and return
counts, never personal data.
"""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec

import procrastinate

log = logging.getLogger(__name__)


EACH_MINUTE = "* * * * *"


@dataclass(frozen=True)
class Work:
    """One periodic piece of work: when (cron, in UTC), and which function."""

    name: str
    cron: str
    module: str
    function: str

    @property
    def can_wait(self) -> bool:
        """Whether pages go before it: what is looked at each minute tells people or helps them."""
        return self.cron != EACH_MINUTE


RECURRING: tuple[Work, ...] = (
    Work("wake", "* * * * *", "huying.supervision.climbing", "wake_all"),
    Work("watch_promises", "* * * * *", "huying.supervision.lapsing", "watch"),
    Work("climb", "* * * * *", "huying.response.unanswered", "climb_all"),
    Work("tell_of_calls", "* * * * *", "huying.response.neglected", "tell_all"),
    Work("watch_requests", "*/30 * * * *", "huying.requests.watching", "watch"),
    Work("follow_calendar", "* * * * *", "huying.cases.recomputing", "follow_calendar"),
    Work("follow_grids", "* * * * *", "huying.registry.deriving", "follow"),
    Work("climb_tasks", "* * * * *", "huying.tasks.climbing", "climb_all"),
    Work("climb_care", "*/10 * * * *", "huying.care.climbing", "climb_all"),
    Work("follow_care", "*/5 * * * *", "huying.care.following", "follow"),
    Work("climb_surveys", "* * * * *", "huying.surveys.climbing", "climb_all"),
    Work("follow_entries", "* * * * *", "huying.surveys.following", "follow"),
    Work("watch_parts", "* * * * *", "huying.dispatch.assisting", "watch"),
    Work("call_next_team", "* * * * *", "huying.response.alarming", "call_next_all"),
    Work("forget_positions", "* * * * *", "huying.response.rostering", "forget_positions"),
    # Midnight in China: the seal is for the day that has just ended.
    Work("seal", "5 16 * * *", "huying.audit.sealing", "seal_daily"),
    Work("keep_log", "* * * * *", "huying.backup.watching", "keep"),
    Work("make_base", "*/5 * * * *", "huying.backup.watching", "base_if_due"),
    # In the night in China.
    Work("drill_restore", "15 19 * * *", "huying.backup.watching", "drill_if_due"),
    # Of months that are over: mostly none.
    Work("copy_months", "45 19 * * *", "huying.audit.months", "copy_due"),
    Work("make_partitions", "5 17 * * *", "huying.cases.partitions", "make_partitions"),
    Work("sweep_photos", "35 * * * *", "huying.cases.attaching", "sweep"),
    Work("sweep_orphans", "37 * * * *", "huying.cases.attaching", "sweep_orphans"),
    Work("sweep_pieces", "36 * * * *", "huying.cases.arriving", "sweep"),
    Work("sweep_presence", "* * * * *", "huying.desk.presence", "sweep"),
    Work("sweep_exports", "40 * * * *", "huying.desk.writing", "sweep"),
    Work("sweep_imports", "45 * * * *", "huying.intake.excel.keeping", "sweep"),
    Work("forget_keys", "25 18 * * *", "huying.cases.idempotency", "forget_old"),
    # The start of a working day in China, when somebody reads the log.
    Work("warn_of_tokens", "30 0 * * *", "huying.api.rotating", "warn"),
    Work("tidy_sign_ins", "45 18 * * *", "huying.people.tidying", "tidy"),
    # Retries and digests; what is new is sent by a job of its own.
    Work("send_outgoing", "* * * * *", "huying.notices.sending", "send_due"),
    Work("publish_events", "* * * * *", "huying.cases.publishing", "publish"),
    Work("publish_hotline", "* * * * *", "huying.intake.hotline_pushing", "publish"),
    Work("tidy_device_alarms", "5 18 * * *", "huying.intake.device_alarms", "tidy"),
    Work("forget_nonces", "*/10 * * * *", "huying.intake.signing", "forget_nonces"),
    Work("tidy_tracks", "15 18 * * *", "huying.patrol.tracking", "tidy"),
    Work("tidy_outgoing", "55 18 * * *", "huying.notices.sending", "tidy"),
    Work("tidy_notices", "50 18 * * *", "huying.notices.telling", "tidy"),
    # Makes what is due and not there yet; before six in the morning in China it waits.
    Work("make_reports", "12 * * * *", "huying.reports.making", "make_due"),
    # Early in the morning in China.
    Work("look_at_photos", "*/15 * * * *", "huying.cases.looks", "look_back"),
    Work("watch_figures", "10 19 * * *", "huying.fairness.watching", "watch"),
    Work("publish_figures", "20 19 * * *", "huying.response.figures", "publish"),
    # After the day's first hour in China, for the moment is midnight.
    Work("close_periods", "20 17 * * *", "huying.assessment.closing", "close_due"),
    Work("build_topics", "*/10 * * * *", "huying.topics.building", "build"),
    # In the night before Monday in China.
    Work("learn_items", "35 19 * * 0", "huying.intake.learning", "learn"),
    # After the sweeps, and before the seal of the next day.
    Work("retention", "30 20 * * *", "huying.retention.running", "nightly"),
    Work("follow_claims", "25 * * * *", "huying.neighbours.stalling", "see_to"),
    # The start of a working day in China.
    Work("remind_of_resolutions", "15 0 * * *", "huying.joint.resolving", "remind"),
    Work("remind_of_measures", "20 0 * * *", "huying.measures.planning", "remind"),
    Work("see_to_admissions", "10 16 * * *", "huying.duties.admitting", "see_to"),
    Work("lapse_bookings", "*/5 * * * *", "huying.joint.booking", "lapse"),
    Work("follow_suggestions", "35 * * * *", "huying.neighbours.suggesting", "follow_cases"),
    Work("tidy_booked", "40 18 * * *", "huying.platforms.holding", "tidy"),
    Work("close_scores", "35 18 * * *", "huying.assessment.scores.closing", "close_due"),
    Work("tidy_looks", "20 18 * * *", "huying.audit.revealing", "tidy"),
    Work("keep_assets", "50 17 * * *", "huying.builds", "keep"),
    Work("tidy_jobs", "17 18 * * *", "huying.recurring", "tidy_jobs"),
)

KEEP_JOBS_HOURS = 72

PRIORITY = 10
"""What the clock calls for goes before what a flood of reports has left to do."""


def tidy_jobs(*, now: datetime) -> int:
    """Removes finished jobs after three days; failed ones stay to be looked at."""
    from datetime import timedelta

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs job
            WHERE job.status IN ('succeeded', 'aborted', 'cancelled') AND NOT EXISTS (
                SELECT FROM procrastinate_events event
                WHERE event.job_id = job.id AND event.at >= %s
            )
            """,
            [now - timedelta(hours=KEEP_JOBS_HOURS)],
        )
        return cursor.rowcount


def run(work: Work, *, now: datetime) -> object:
    """Does one piece of work."""
    function = getattr(importlib.import_module(work.module), work.function)
    result = function(now=now)
    log.log(logging.INFO if result else logging.DEBUG, "%s: %s", work.name, result)
    return result


def on_app_ready(app: procrastinate.App) -> None:
    """Registers the list with procrastinate, once Django has loaded the models."""
    from huying.telemetry import carrying

    carrying.install(app)
    for work in RECURRING:
        _register(app, work)


def _register(app: procrastinate.App, work: Work) -> None:
    from huying.jobs import LATER

    def task(timestamp: int) -> None:
        run(work, now=datetime.now(UTC))

    registered = app.task(
        name=f"recurring.{work.name}",
        queueing_lock=f"recurring.{work.name}",
        queue=LATER if work.can_wait else "default",
        priority=PRIORITY,
        pass_context=False,
    )(task)
    app.periodic(cron=work.cron, periodic_id=work.name)(registered)


def missing() -> list[str]:
    """Rows whose module does not exist."""
    return [work.name for work in RECURRING if find_spec(work.module) is None]
