"""逾期未落实: what was promised to those who watch over a case is told of once it is late, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.models import Case
from huying.errors import WrongState
from huying.notices.models import Notice
from huying.notices.telling import tell_later
from huying.supervision.lapsing import watch
from huying.supervision.models import Instruction, Meeting, Supervision

if TYPE_CHECKING:
    from tests.cases.town import Town

MINUTE = timedelta(minutes=1)
DESK, UNIT = {"dispatcher", "second_dispatcher"}, {"handler", "colleague"}


def told(kind: str) -> set[str]:
    """Who is told of one kind, when the worker has done its jobs."""
    for job in ProcrastinateJob.objects.filter(task_name="tell"):
        tell_later(**job.args)
    names = Notice.objects.filter(kind=kind).values_list("account__username", flat=True)
    return {name.removeprefix("town-") for name in names}


def noted(town: Town, case: Case, verb: str) -> list[datetime]:
    return [event.at for event in town.events(case) if event.verb == verb]


def test_a_supervision_that_is_late_too_is_told_to_its_leader_the_desk_and_the_unit(
    town: Town,
) -> None:
    case = town.bring_to("handling")
    leader, until = town.accounts["district_leader"], town.now + timedelta(hours=2)
    case = town.do("supervise", case, by="district_dispatcher", leader=leader.pk, until=until)
    assert watch(now=until) == 0  # the deadline itself is in time
    late = until + timedelta(days=1)  # the worker was away meanwhile
    assert watch(now=late) == 1
    assert watch(now=late + MINUTE) == 0
    assert noted(town, case, "supervision_overdue") == [late]
    assert Supervision.objects.get(case=case).overdue_at == late
    assert told("supervision_overdue") == {"district_leader", "town_leader"} | DESK | UNIT
    notice = Notice.objects.filter(kind="supervision_overdue").first()
    assert notice is not None
    assert "石碁镇督〔2019〕1号" in notice.body
    # Lifted and ordered again, the new deadline is one of its own.
    case = town.do("lift_supervision", case, now=late + MINUTE)
    case = town.do("supervise", case, now=late + 2 * MINUTE, until=late + 9 * MINUTE)
    assert watch(now=late + 10 * MINUTE) == 1


def test_an_instruction_that_nobody_answers_is_told_to_who_gave_it(town: Town) -> None:
    case = town.bring_to("handling")
    until = town.now + timedelta(hours=2)
    case = town.do("instruct", case, text="今天办结", until=until)
    case = town.do("instruct", case, by="district_leader", text="说明原因", until=until + MINUTE)
    case = town.do("instruct", case, text="不急")
    answered = town.do("instruct", town.bring_to("handling"), until=until)
    town.do("answer_instruction", answered)
    assert watch(now=until + 2 * MINUTE) == 2
    assert watch(now=until + timedelta(days=9)) == 0
    assert len(noted(town, case, "instruction_overdue")) == 2
    assert told("instruction_overdue") == {"town_leader", "district_leader"} | DESK
    assert Instruction.objects.filter(overdue_at=None).count() == 2


def test_what_a_meeting_decided_is_told_of_while_nobody_has_done_it(town: Town) -> None:
    done, first, again = (town.bring_to("handling") for _ in range(3))
    until = town.now + timedelta(hours=2)
    met = [town.do("meet", case, until=until) for case in (done, first, again)]
    town.do("handle", met[0])
    last = town.do("meet", met[2], until=until + timedelta(days=1))
    assert watch(now=until + MINUTE) == 1  # the third one has decided anew
    assert noted(town, first, "meeting_overdue") == [until + MINUTE]
    assert told("meeting_overdue") == DESK | UNIT | {"town_leader"}
    # A failed check brings back what was not done after all.
    case = town.do("check_fail", done, now=until + 2 * MINUTE)
    assert watch(now=until + 3 * MINUTE) == 1
    assert watch(now=until + 4 * MINUTE) == 0
    assert noted(town, case, "meeting_overdue") == [until + 3 * MINUTE]
    assert Meeting.objects.filter(case=last, ended_at=None).count() == 1


def test_a_case_that_has_ended_owes_nobody_a_decision(town: Town) -> None:
    case = town.do("meet", town.bring_to("reported"))
    until = Meeting.objects.get(case=case).due_at
    town.do("decline", case)
    assert watch(now=until + MINUTE) == 0
    assert Meeting.objects.get(case=case).ended_at == until + MINUTE


def test_the_clock_alone_says_so_and_not_before(town: Town) -> None:
    case = town.do("supervise", town.bring_to("handling"))
    with town.refused(WrongState):
        town.do("supervision_overdue", case)


def test_a_page_that_was_open_meanwhile_is_not_stale(town: Town) -> None:
    until = town.now + timedelta(hours=2)
    case = town.do("instruct", town.bring_to("handling"), until=until)
    watch(now=until + MINUTE)
    town.do("answer_instruction", case, now=until + 2 * MINUTE, expect_seq=case.last_seq)
