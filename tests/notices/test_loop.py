"""The closed loop tells those whom each step concerns, and a step that was undone tells nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.deferring import unless_undone
from huying.cases.models import Case
from huying.notices.models import Notice
from huying.notices.telling import tell_later

if TYPE_CHECKING:
    from tests.cases.town import Town


def run_jobs() -> None:
    """What the worker would do now, the waiting time over."""
    for job in ProcrastinateJob.objects.filter(task_name__in=("tell", "unless_undone")):
        if job.task_name == "tell":
            tell_later(**job.args)
        elif job.args["task"] == "tell":
            case_id, seq = job.args["case_id"], job.args["seq"]
            if unless_undone(**job.args):
                tell_later(**job.args["args"])
            assert Case.objects.filter(pk=case_id).exists(), seq


def told(kind: str) -> set[str]:
    names = Notice.objects.filter(kind=kind).values_list("account__username", flat=True)
    return {name.removeprefix("town-") for name in names}


def test_each_step_of_the_loop_tells_whom_it_concerns(town: Town) -> None:
    case = town.bring_to("accepted")
    town.do("dispatch", case)
    town.do("request_extension", case, by="handler")
    town.do("refuse_extension", case)
    town.do("return", case)
    town.do("dispatch", case, unit=town.safety.pk)
    town.do("request_extension", case, by="handler")
    town.do("grant_extension", case)
    town.do("sign_for", case)
    town.do("handle", case)
    town.do("ask_check", case)
    town.do("check_fail", case)
    town.do("handle", case)
    town.do("check_pass", case)
    town.do("close", case)
    town.do("reopen", case)
    run_jobs()
    unit, desk = {"handler", "colleague"}, {"dispatcher", "second_dispatcher"}
    assert told("dispatched") == unit
    assert told("extension_asked") == desk
    assert told("extension_granted") == told("extension_refused") == unit
    assert told("returned") == desk
    # Who checks in this town; not in the next one.
    assert "checker" in told("to_check")
    assert not told("to_check") & {"lingbian_checker", "other_town_checker"}
    assert told("check_failed") == unit
    assert told("reopened") == desk - {"dispatcher"}  # who did it knows
    notice = Notice.objects.filter(kind="returned").latest("id")
    assert notice.case_number == case.number
    assert notice.data["unit"] == town.safety.name


def test_a_case_that_changes_desks_is_told_to_the_one_that_gets_it(town: Town) -> None:
    case = town.town_case()
    town.do("escalate", case)
    town.do("send_down", case, by="district_dispatcher")
    run_jobs()
    assert told("came_up") == {"district_dispatcher"}
    assert told("came_down") == {"village_dispatcher"}


def test_a_merge_tells_those_who_have_the_case_that_goes_on(town: Town) -> None:
    main = town.bring_to("handling")
    twin = town.report(item="0107", by=town.worker)
    town.do("merge", twin, by=town.desk_of(twin), into=main.pk)
    run_jobs()
    assert {"handler", "colleague", "worker", "dispatcher"} <= told("merged")
    assert Notice.objects.filter(kind="merged").latest("id").case_id == main.pk


def test_a_step_that_was_undone_tells_nobody(town: Town) -> None:
    case = town.bring_to("accepted")
    town.do("dispatch", case)
    town.do("undo", case)
    run_jobs()
    assert not told("dispatched")
    assert "unless_undone" in app.tasks
