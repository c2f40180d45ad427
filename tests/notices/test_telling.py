"""Telling people: who is told, that nobody is told twice, and that a step undone tells nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.verbs import begin, finish
from huying.notices.kinds import kind
from huying.notices.models import Notice
from huying.notices.telling import Whom, tell, tell_later
from tests.cases.town import DISTRICT, TOWN, XIAOLONG

if TYPE_CHECKING:
    from tests.cases.town import Town

SENT = kind("tests_sent", _("Dispatch"), _("{unit}"))
FIRE = kind("tests_fire", _("Emergency"), _("{unit}"), alarm=True)


def told(town: Town, whom: Whom, *, key: str = "1") -> set[str]:
    """The user names told of one occasion."""
    tell(SENT, whom, key=key, district_code=DISTRICT, now=town.now, data={"unit": "应急办"})
    names = Notice.objects.filter(key=key).values_list("account__username", flat=True)
    return {name.removeprefix("town-") for name in names}


def test_whom_it_concerns_is_found_by_post(town: Town) -> None:
    assert told(town, Whom(units=(town.safety.pk,)), key="unit") == {"handler", "colleague"}
    assert told(town, Whom(desks=(TOWN,)), key="desk") == {"dispatcher", "second_dispatcher"}
    assert told(town, Whom(leaders=(XIAOLONG,)), key="leader") == {"community_leader"}
    both = Whom(accounts=(town.accounts["worker"].pk,), desks=(XIAOLONG,))
    assert told(town, both, key="both") == {"worker", "village_dispatcher"}


def test_a_post_that_has_ended_and_a_blocked_account_are_told_nothing(town: Town) -> None:
    ended, blocked = town.posts["dispatcher"], town.accounts["second_dispatcher"]
    ended.ends_on = town.now.date().replace(day=1)
    ended.save()
    blocked.is_active = False
    blocked.save()
    assert told(town, Whom(desks=(TOWN,))) == set()


def test_the_same_occasion_is_told_once(town: Town) -> None:
    whom, given = Whom(desks=(TOWN,)), {"unit": "应急办"}
    first = tell(SENT, whom, key="k", district_code=DISTRICT, now=town.now, data=given)
    again = tell(SENT, whom, key="k", district_code=DISTRICT, now=town.now, data=given)
    assert (first, again, Notice.objects.count()) == (2, 0, 2)
    # Another kind of notice about the same step is another notice.
    assert tell(FIRE, whom, key="k", district_code=DISTRICT, now=town.now, data=given) == 2


def test_what_lacks_a_word_is_refused_before_anybody_is_told(town: Town) -> None:
    with pytest.raises(KeyError):
        tell(SENT, Whom(desks=(TOWN,)), key="k", district_code=DISTRICT, now=town.now)
    assert not Notice.objects.exists()


def test_a_notice_is_read_in_the_readers_language(town: Town) -> None:
    notice = Notice(kind=SENT.name, data={"unit": "应急办"})
    with override("zh-hans"):
        assert (notice.title, notice.body) == ("派遣", "应急办")
    with override("en"):
        assert notice.title == "Dispatch"


def test_two_kinds_cannot_have_one_name() -> None:
    assert kind("tests_sent", SENT.title, SENT.body) == SENT
    with pytest.raises(ValueError, match="tests_sent"):
        kind("tests_sent", "other", "")


def test_a_step_tells_when_it_can_no_longer_be_undone_and_an_alarm_at_once(town: Town) -> None:
    case = town.town_case()
    act = begin("decline", case, by=town.dispatcher, now=town.now, expect_seq=None)
    act.tell(SENT, Whom(units=(town.safety.pk,)), unit="应急办")
    act.tell(FIRE, Whom(desks=(TOWN,)), unit="应急办")
    finish(act)
    jobs = {
        job.task_name: job
        for job in ProcrastinateJob.objects.exclude(task_name="look_for_duplicates")
    }
    assert set(jobs) == {"tell", "unless_undone"}
    assert jobs["unless_undone"].args["task"] == "tell"
    # However many reports wait to be looked at: the alarm goes first, then the clock.
    app.tasks["recurring.wake"].configure(queueing_lock=None).defer(timestamp=0)
    waiting = ProcrastinateJob.objects.order_by("-priority").values_list("task_name", flat=True)
    assert list(waiting) == ["tell", "recurring.wake", "unless_undone", "look_for_duplicates"]
    assert tell_later(**jobs["tell"].args) == 2
    notice = Notice.objects.first()
    assert notice is not None
    assert (notice.kind, notice.case_id, notice.case_number) == ("tests_fire", case.pk, case.number)
    assert tell_later(**jobs["unless_undone"].args["args"]) == 2
    assert tell_later(**jobs["tell"].args) == 0  # a job that is run again tells nobody again


WORKER = """
import django, json, pkgutil
from importlib import import_module
django.setup()
from django.conf import settings
import huying
from huying.notices.kinds import KINDS
for path in settings.PROCRASTINATE_IMPORT_PATHS:
    import_module(path)
known = set(KINDS)
for module in pkgutil.walk_packages(huying.__path__, "huying."):
    if not module.name.startswith(("huying.__main__", "huying.benchmarks", "huying.migrations")):
        import_module(module.name)
print(json.dumps(sorted(set(KINDS) - known)))
"""


def test_the_worker_knows_every_kind_that_is_declared_anywhere() -> None:
    told = subprocess.run(
        [sys.executable, "-c", WORKER], capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(told) == []
