"""Who gets what answer at which address of the desk: one table, and no address without a row.

"there" is somebody of the case's own place, "far" the same role in another town. A case that one
may not see answers exactly as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from huying.cases import flow
from huying.desk.forms import FORMS
from huying.desk.urls import urlpatterns
from huying.notices.models import Notice
from tests.desk import methods
from tests.desk.also import LIKE, OTHER_THAN, SEE, also
from tests.desk.scored import vetoed, with_scores
from tests.desk.sealed import Looked, Sealed
from tests.desk.world import COMMUNITY, DISTRICT, ELSEWHERE, GRID, World, picture

OK, DONE, GONE, REFUSED, LOGIN, POSTLESS, BAD = 200, 204, 404, 409, 302, 403, 422

PEOPLE = (
    "nobody",
    "postless",
    "auditor",
    "worker",
    "dispatcher",
    "handler",
    "checker",
    "leader",
    "far_worker",
    "far_dispatcher",
    "far_handler",
    "far_checker",
    "member",
    "far_member",
)
INSIDE = ("worker", "dispatcher", "handler", "checker", "leader")
OUTSIDE = ("far_worker", "far_dispatcher", "far_handler", "far_checker")


TOLD, STOOD = "紫薇巷口的井盖翻了", "紫薇巷9号后门"
"""What a case says, which those of its place see and nobody else."""
SHOWN_ANYHOW = {"住户", "一个人在家，发高烧"}
"""A name that is a word of other pages too, and what a visit told and a case says now."""

MEMBERS = ("member", "far_member")
"""Members and volunteers see no cases: the desk's pages are not for them, but the inbox is."""


def everyone(inside: int, outside: int) -> dict[str, int]:
    """The same answer for all inside, and for all outside; nobody without a post gets in.

    Nor does a member, where a row does not say so.
    """
    return (
        {"nobody": LOGIN, "postless": POSTLESS, "auditor": POSTLESS}
        | dict.fromkeys(MEMBERS, POSTLESS)
        | dict.fromkeys(INSIDE, inside)
        | dict.fromkeys(OUTSIDE, outside)
    )


def told(answer: int) -> dict[str, int]:
    """Everybody who is told of things has an inbox."""
    return everyone(answer, answer) | dict.fromkeys(MEMBERS, answer)


def signed_in(answer: int) -> dict[str, int]:
    return dict.fromkeys(PEOPLE, answer) | {"nobody": LOGIN}


RULES_READ = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("auditor", "dispatcher", "leader", "far_dispatcher"), OK
)
"""Routing rules are read by those who live with them; the auditor watches."""
RULES_WRITE = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("auditor", "dispatcher", "leader", "far_dispatcher"), GONE
)
"""Drafts are there for administrators alone; tests/desk/test_rules.py is about them."""

RETENTION_READ = everyone(POSTLESS, POSTLESS) | {"auditor": OK}
"""How long things are kept is set by administrators; the auditor watches."""

REQUESTS_SEEN = everyone(POSTLESS, POSTLESS) | {
    "dispatcher": OK,
    "leader": OK,
    "far_dispatcher": OK,
}
"""Requests of people are taken at desks and decided by leaders; each sees those of the area."""

QUESTIONS_READ = everyone(POSTLESS, POSTLESS) | {"auditor": OK}
"""What items ask is written by administrators; the auditor watches."""

TASKS_SEEN = everyone(POSTLESS, POSTLESS) | {
    **dict.fromkeys(("dispatcher", "leader", "checker"), OK),
    **dict.fromkeys(("far_dispatcher", "far_checker"), GONE),
}
"""Tasks from above are seen to by desks, leaders and checkers of their area."""

PATROL_SEEN = everyone(POSTLESS, POSTLESS) | {
    **dict.fromkeys(("dispatcher", "leader"), OK),
    "far_dispatcher": GONE,
}
"""Patrols are planned and looked at by desks and leaders of their area."""
PATROL_PAGES = PATROL_SEEN | {"far_dispatcher": OK}

FINDINGS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), OK
)
"""What the guards noticed is decided on by the desks and leaders of towns and the district."""

APPEAL = everyone(GONE, GONE) | dict.fromkeys(("handler", "dispatcher", "leader"), OK)

BRANCHES = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), OK
)
"""Branches are seen by the desks and leaders of their area; their members, by their own level."""
BRANCH = BRANCHES | {"far_dispatcher": GONE}
OF_MEMBERS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), GONE
)
"""The town's people see no member of a community's branch."""
LINKS = OF_MEMBERS | dict.fromkeys(("handler", "far_handler", "far_member"), GONE)
"""A linked household is its member's alone."""
MINE = everyone(POSTLESS, POSTLESS) | dict.fromkeys(MEMBERS, OK)

REPORTS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), OK
)
"""Reports are read by the desks and leaders of their area."""
DUTIES = everyone(OK, OK) | {"auditor": OK}
"""The list of responsibilities tells of nobody: whoever works here reads it."""
DUTIES_WORKED = everyone(POSTLESS, POSTLESS) | dict.fromkeys(("dispatcher", "leader"), OK)
DUTIES_WORKED |= {"far_dispatcher": OK}
"""A draft is worked on at the desk whose list it is; to all others it is not there."""
DUTY_DRAFT = everyone(GONE, GONE) | {"auditor": GONE, "dispatcher": OK, "leader": OK}

ADMISSIONS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "handler", "far_dispatcher", "far_handler"), OK
)
"""New items are applied for by units; a town's office sees what is tried in it."""
APPLYING = everyone(POSTLESS, POSTLESS) | dict.fromkeys(("handler", "far_handler"), OK)
ADMISSION = ADMISSIONS | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher", "far_handler"), GONE
)

REGISTERS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("worker", "dispatcher", "far_worker", "far_dispatcher"), OK
)
"""Registers are kept by grid workers and desks, each of their own area; leaders look at them."""
RECORDS = REGISTERS | dict.fromkeys(("far_worker", "far_dispatcher"), GONE)

CARE_PAGES = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("worker", "dispatcher", "leader", "far_worker", "far_dispatcher"), OK
)
"""The care list is for desks, leaders and who walks a grid, each of their own area."""
CARE_SEEN = CARE_PAGES | dict.fromkeys(("far_worker", "far_dispatcher"), GONE)
CARE_KEPT = CARE_SEEN | dict.fromkeys(("worker", "leader"), POSTLESS)
VISITED = CARE_SEEN | {"leader": POSTLESS, "member": OK, "far_member": GONE}
"""Visits are written down by who walks the grid, the desk, and the member they were given to."""
SURVEYS = everyone(POSTLESS, POSTLESS) | {
    **dict.fromkeys(("worker", "dispatcher", "checker", "leader"), OK),
    **dict.fromkeys(("far_worker", "far_dispatcher", "far_checker"), GONE),
}
"""What was entered in registers and surveys is seen where it lies, by those who see to it."""
SURVEY_PAGES = SURVEYS | {"far_worker": OK}
"""The next grid of the village is asked as well, and sees its own part."""
SURVEYS_KEPT = SURVEYS | dict.fromkeys(("checker", "leader"), POSTLESS)
SURVEYS_DESIGNED = everyone(POSTLESS, POSTLESS) | {
    **dict.fromkeys(("dispatcher", "leader"), OK),
    "far_dispatcher": GONE,
}
"""Towns and the district design them; tests/desk/test_surveys.py tells of administrators."""


SCORES = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    (
        *("auditor", "worker", "dispatcher", "handler", "leader"),
        *("far_worker", "far_dispatcher", "far_handler"),
    ),
    OK,
)
"""Whoever has a score or sees those below; the checker has none."""
SCORE = SCORES | dict.fromkeys(("worker", "far_worker", "far_dispatcher", "far_handler"), GONE)
"""A unit's score is its own, and those above it see it."""
RATERS = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), OK
)
"""Towns and communities rate who worked for them."""


NEIGHBOURS = everyone(POSTLESS, POSTLESS) | {
    **dict.fromkeys(("dispatcher", "leader"), OK),
    "far_dispatcher": GONE,
}
"""What neighbours do is kept by desks of the area, and read by its leaders."""
NEIGHBOURS_LISTS = NEIGHBOURS | {"far_dispatcher": OK}
NEIGHBOURS_KEPT = everyone(POSTLESS, POSTLESS) | dict.fromkeys(("dispatcher", "far_dispatcher"), OK)
NEIGHBOURS_STEP = everyone(POSTLESS, POSTLESS) | {"dispatcher": BAD, "far_dispatcher": GONE}
FIGURES = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher"), OK
)
"""Desks and leaders look at the figures of their area."""
HELPING = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("handler", "far_handler", "member", "far_member"), OK
)
"""Members and volunteers help for themselves, handlers for their unit."""
HELPING_NEAR = HELPING | dict.fromkeys(("far_handler", "far_member"), GONE)
CIRCLES = HELPING_NEAR | dict.fromkeys(("dispatcher", "leader"), OK) | {"far_dispatcher": GONE}
CIRCLES_STEP = {
    who: POSTLESS if who in ("leader", "handler", "member") else said
    for who, said in CIRCLES.items()
}


JOINT = everyone(POSTLESS, POSTLESS) | dict.fromkeys(
    ("dispatcher", "leader", "far_dispatcher", "member", "far_member"), OK
)
"""What organisations share is seen by offices of the area, and by who books for a branch there."""
JOINT_SEEN = JOINT | dict.fromkeys(("far_dispatcher", "far_member"), GONE)
JOINT_KEPT = {who: POSTLESS if said == OK else said for who, said in JOINT_SEEN.items()}
"""The lists are kept by the community's own desk, which is none of these people."""


JOINT_MET = JOINT | dict.fromkeys(MEMBERS, POSTLESS)
"""Meetings are for offices, and for secretaries whose organisation is invited."""
JOINT_ANSWERED = JOINT_MET | dict.fromkeys(("handler", "far_handler"), OK)
"""A handler sees what their unit answers for."""
JOINT_FAR = dict.fromkeys(("far_dispatcher", "far_handler"), GONE)


def instead(row: dict[str, int], answer: int) -> dict[str, int]:
    """The same row with another answer where it is OK."""
    return {who: answer if said == OK else said for who, said in row.items()}


# Of a dispatched case: the lead unit's handler and those of its place see it.
TABLE: dict[tuple[str, str], dict[str, int]] = {
    ("home", "GET"): dict.fromkeys(PEOPLE, LOGIN),
    ("me", "GET"): signed_in(OK),
    ("desk", "GET"): everyone(OK, OK),
    ("find", "POST"): everyone(LOGIN, LOGIN),
    ("jump", "POST"): everyone(OK, OK),
    ("views", "GET"): everyone(OK, OK),
    ("views", "POST"): everyone(GONE, GONE),
    ("new_view", "GET"): everyone(OK, OK),
    ("new_view", "POST"): everyone(BAD, BAD),
    ("view_counts", "GET"): everyone(OK, OK),
    ("whistles", "GET"): everyone(OK, OK)
    | dict.fromkeys(("worker", "checker", "far_worker", "far_checker"), POSTLESS),
    ("new_whistle", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("new_whistle", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": BAD, "far_dispatcher": BAD},
    ("whistle", "GET"): everyone(GONE, GONE) | {"dispatcher": OK, "leader": OK},
    ("whistle_step", "GET"): everyone(GONE, GONE) | {"dispatcher": OK, "leader": POSTLESS},
    ("whistle_step", "POST"): everyone(GONE, GONE) | {"dispatcher": LOGIN, "leader": POSTLESS},
    ("exports_asked", "GET"): everyone(POSTLESS, POSTLESS) | {"leader": OK},
    ("exports_asked", "POST"): everyone(POSTLESS, POSTLESS) | {"leader": GONE},
    ("export_contacts", "GET"): everyone(GONE, GONE),
    ("export_contacts", "POST"): everyone(GONE, GONE),
    ("unusual_reading", "GET"): everyone(POSTLESS, POSTLESS) | {"auditor": OK},
    ("unusual_looks", "GET"): everyone(POSTLESS, POSTLESS) | {"auditor": GONE},
    ("levels", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": OK},
    ("device_alarms", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": OK},
    ("device_alarm", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": GONE},
    # The picture is not there: who may see the alarm is told so too.
    ("device_alarm_shot", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": GONE, "leader": GONE, "far_dispatcher": GONE},
    ("device_alarm", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": BAD, "leader": POSTLESS, "far_dispatcher": GONE},
    ("handover", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("handover", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": REFUSED, "far_dispatcher": BAD},
    ("handover_note", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "far_dispatcher": GONE},
    ("take_handover", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": LOGIN, "far_dispatcher": GONE},
    ("erase_handover", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": LOGIN, "far_dispatcher": GONE},
    ("watch", "GET"): everyone(POSTLESS, GONE) | {"dispatcher": OK},
    ("watch", "POST"): everyone(POSTLESS, GONE) | {"dispatcher": BAD},
    ("callbacks", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": OK},
    ("today", "GET"): everyone(OK, OK),
    ("scores", "GET"): SCORES,
    ("score", "GET"): SCORE,
    ("score_sheets", "GET"): SCORES,
    ("score_sheet", "GET"): SCORES,
    # Written by administrators; tests/desk/test_scores.py is about them.
    ("score_sheet_step", "POST"): everyone(POSTLESS, POSTLESS),
    ("score_ratings", "GET"): RATERS,
    ("score_ratings", "POST"): instead(RATERS, GONE),
    ("vetoes", "GET"): SCORES,
    ("veto", "GET"): SCORE,
    # It is not in force: there is nothing to lift.
    ("veto_step", "POST"): instead(SCORE, REFUSED),
    ("veto_photo", "GET"): instead(SCORES, GONE),
    ("veto_thumb", "GET"): instead(SCORES, GONE),
    ("new_veto", "GET"): RATERS | {"far_dispatcher": GONE},
    ("new_veto", "POST"): instead(RATERS, BAD) | {"far_dispatcher": GONE},
    # Nobody has handled it yet, and the page says so.
    ("rate_report", "POST"): everyone(LOGIN, GONE),
    ("mine", "GET"): MINE,
    ("mine_answer", "POST"): MINE | dict.fromkeys(MEMBERS, GONE),
    ("branches", "GET"): BRANCHES,
    ("branches", "POST"): BRANCHES,
    ("branch_coverage", "GET"): BRANCHES,
    ("together", "GET"): BRANCHES,
    # Written by the community's own desk.
    ("new_together", "GET"): instead(BRANCHES, POSTLESS),
    ("new_together", "POST"): instead(BRANCHES, POSTLESS),
    ("one_together", "GET"): instead(BRANCH, POSTLESS),
    ("one_together", "POST"): instead(BRANCH, POSTLESS),
    ("organisation_reveal", "GET"): instead(BRANCH, POSTLESS),
    ("organisation_reveal", "POST"): instead(BRANCH, POSTLESS),
    # The handler is a cadre of the grid, and the checker's colleague is not.
    ("cadres", "GET"): BRANCHES | {"handler": OK},
    ("cadres", "POST"): instead(BRANCHES, BAD) | {"leader": POSTLESS},
    ("cadre", "GET"): everyone(GONE, GONE) | dict.fromkeys(("dispatcher", "leader", "handler"), OK),
    ("cadre", "POST"): everyone(GONE, GONE)
    | {"dispatcher": POSTLESS, "leader": POSTLESS, "handler": BAD},
    ("reported_members", "GET"): BRANCHES,
    ("map_branches", "GET"): everyone(OK, OK),
    ("new_branch", "GET"): BRANCHES | {"leader": POSTLESS},
    ("new_branch", "POST"): BRANCHES
    | {"leader": POSTLESS, "dispatcher": BAD, "far_dispatcher": BAD},
    ("branch", "GET"): BRANCH,
    ("branch_plate", "GET"): BRANCH,
    ("edit_branch", "GET"): BRANCH | {"leader": POSTLESS},
    ("edit_branch", "POST"): BRANCH | {"leader": POSTLESS, "dispatcher": BAD},
    # It has members: the page says so.
    ("branch_step", "POST"): BRANCH | {"leader": POSTLESS, "dispatcher": LOGIN},
    **dict.fromkeys(
        [
            (name, method)
            for name in ("branch_linking", "new_party_member")
            for method in ("GET", "POST")
        ],
        BRANCH | {"leader": POSTLESS, "dispatcher": POSTLESS},
    ),
    **dict.fromkeys(
        [
            (name, method)
            for name in ("party_member", "member_reveal")
            for method in ("GET", "POST")
        ],
        OF_MEMBERS,
    ),
    ("party_member_step", "POST"): OF_MEMBERS,
    ("link_reveal", "GET"): LINKS | {"member": OK},
    ("link_reveal", "POST"): LINKS | {"member": BAD},
    ("link_step", "POST"): LINKS | {"member": LOGIN},
    # Everybody on a case's way sees figures: their area's, or their own alone.
    ("figures", "GET"): everyone(OK, OK),
    ("figures_table", "GET"): everyone(OK, OK),
    # Of the town's own, in all: who is assessed opens their own figures by their own name only.
    ("figure_cases", "GET"): everyone(GONE, GONE)
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), OK),
    ("appeals", "GET"): everyone(OK, OK),
    # Of a case that one sees; where nothing counts against one there is nothing to choose.
    ("new_appeal", "GET"): everyone(OK, GONE),
    ("new_appeal", "POST"): everyone(BAD, GONE),
    # The unit's own, and who decides.
    # Whose month was put to zero, and nobody else.
    ("appeal_against", "GET"): everyone(GONE, GONE) | {"handler": OK},
    ("appeal_against", "POST"): everyone(GONE, GONE) | {"handler": BAD},
    ("appeal", "GET"): APPEAL,
    # The page of a moment before is too old.
    ("appeal", "POST"): APPEAL | {"handler": POSTLESS, "dispatcher": REFUSED, "leader": REFUSED},
    ("appeal_photo", "GET"): APPEAL,
    ("unusual", "GET"): FINDINGS,
    ("unusual_finding", "GET"): FINDINGS | {"far_dispatcher": GONE},
    ("unusual_finding", "POST"): FINDINGS
    | {"dispatcher": REFUSED, "leader": REFUSED, "far_dispatcher": GONE},
    ("patrol", "GET"): PATROL_PAGES,
    ("patrol_coverage", "GET"): PATROL_PAGES,
    ("patrol_tracks", "GET"): PATROL_PAGES,
    ("patrol_tracks", "POST"): PATROL_PAGES
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), BAD),
    ("new_patrol_plan", "GET"): PATROL_PAGES,
    ("new_patrol_plan", "POST"): PATROL_PAGES
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), BAD),
    ("patrol_plan", "GET"): PATROL_SEEN,
    ("patrol_labels", "GET"): PATROL_SEEN,
    ("patrol_visits", "GET"): PATROL_SEEN,
    ("patrol_plan_step", "POST"): PATROL_SEEN | {"dispatcher": BAD, "leader": BAD},
    ("patrol_place", "GET"): PATROL_SEEN,
    ("patrol_place", "POST"): PATROL_SEEN | {"dispatcher": BAD, "leader": BAD},
    ("map_patrol", "GET"): everyone(OK, OK),
    ("neighbours", "GET"): NEIGHBOURS_LISTS,
    ("neighbours_figures", "GET"): NEIGHBOURS_LISTS,
    ("neighbours_photo", "GET"): instead(HELPING, GONE)
    | dict.fromkeys(("member", "dispatcher", "leader"), OK)
    | {"far_dispatcher": GONE},
    ("neighbours_new_wish", "GET"): NEIGHBOURS_KEPT,
    ("neighbours_new_wish", "POST"): instead(NEIGHBOURS_KEPT, BAD),
    ("neighbours_wish", "GET"): NEIGHBOURS,
    ("neighbours_wish_step", "POST"): NEIGHBOURS_STEP,
    ("neighbours_suggestions", "GET"): NEIGHBOURS_LISTS,
    ("neighbours_new_suggestion", "GET"): HELPING
    | dict.fromkeys(("dispatcher", "far_dispatcher"), OK),
    ("neighbours_new_suggestion", "POST"): instead(
        HELPING | dict.fromkeys(("dispatcher", "far_dispatcher"), OK), BAD
    ),
    ("neighbours_suggestion", "GET"): NEIGHBOURS,
    ("neighbours_suggestion_step", "POST"): NEIGHBOURS_STEP,
    ("neighbours_topics", "GET"): NEIGHBOURS_LISTS,
    ("neighbours_topics", "POST"): instead(NEIGHBOURS_KEPT, BAD),
    ("neighbours_circles", "GET"): HELPING
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), OK),
    ("neighbours_new_circle", "GET"): NEIGHBOURS_KEPT,
    ("neighbours_new_circle", "POST"): instead(NEIGHBOURS_KEPT, BAD),
    ("neighbours_circle", "GET"): CIRCLES,
    # The member leads the team.
    ("neighbours_circle_step", "POST"): CIRCLES_STEP | {"dispatcher": BAD, "member": BAD},
    ("neighbours_certificate", "POST"): instead(HELPING, GONE),
    ("neighbours_activity", "GET"): CIRCLES,
    # It has not begun: who was there cannot be said yet.
    ("neighbours_activity_step", "POST"): CIRCLES_STEP | {"dispatcher": REFUSED, "member": REFUSED},
    ("platforms", "GET"): NEIGHBOURS_LISTS,
    ("platforms_new_point", "GET"): NEIGHBOURS_KEPT,
    ("platforms_new_point", "POST"): instead(NEIGHBOURS_KEPT, BAD),
    ("platforms_point", "GET"): NEIGHBOURS,
    ("platforms_day", "GET"): NEIGHBOURS,
    ("platforms_take", "POST"): NEIGHBOURS_STEP,
    ("platforms_point_step", "POST"): NEIGHBOURS_STEP,
    ("platforms_appointment_step", "POST"): NEIGHBOURS_STEP,
    ("platforms_activities", "GET"): NEIGHBOURS_LISTS,
    ("platforms_new_activity", "GET"): NEIGHBOURS_KEPT,
    ("platforms_new_activity", "POST"): instead(NEIGHBOURS_KEPT, BAD),
    ("platforms_activity", "GET"): NEIGHBOURS,
    ("platforms_activity_step", "POST"): NEIGHBOURS_STEP,
    ("platforms_canteen", "GET"): NEIGHBOURS_LISTS,
    # The other town has no canteen to print.
    ("platforms_canteen_print", "GET"): NEIGHBOURS,
    ("platforms_canteen_put", "POST"): NEIGHBOURS_STEP,
    ("platforms_canteen_day", "GET"): NEIGHBOURS,
    ("platforms_canteen_step", "POST"): NEIGHBOURS_STEP,
    ("platforms_guides", "GET"): NEIGHBOURS_LISTS,
    ("platforms_guides", "POST"): instead(NEIGHBOURS_KEPT, GONE),
    ("neighbours_mine", "GET"): HELPING,
    ("neighbours_my_wish", "GET"): HELPING_NEAR,
    # What is told waits for the desk already.
    ("neighbours_my_step", "POST"): instead(HELPING, GONE) | {"member": REFUSED},
    ("duties", "GET"): DUTIES,
    ("duty_declined", "GET"): everyone(OK, OK),
    ("duty_versions", "GET"): DUTIES,
    # There is a draft of the town already.
    ("duty_versions", "POST"): DUTIES_WORKED
    | {"auditor": POSTLESS, "dispatcher": REFUSED, "leader": REFUSED, "far_dispatcher": LOGIN},
    ("duty_version", "GET"): DUTY_DRAFT,
    ("duty_version_step", "POST"): DUTY_DRAFT | {"dispatcher": BAD, "leader": BAD},
    ("old_items", "GET"): DUTIES,
    ("old_items_table", "GET"): DUTIES,
    # The map is the district's to keep.
    ("old_items_step", "POST"): everyone(POSTLESS, POSTLESS),
    ("admissions", "GET"): ADMISSIONS,
    ("new_admission", "GET"): APPLYING,
    ("new_admission", "POST"): instead(APPLYING, BAD),
    ("admission", "GET"): ADMISSION,
    ("admission_step", "POST"): instead(ADMISSION, BAD),
    ("measures", "GET"): DUTIES,
    # The plan is the district's to keep; units say how theirs go.
    ("new_measure_plan", "GET"): everyone(POSTLESS, POSTLESS),
    ("new_measure_plan", "POST"): everyone(POSTLESS, POSTLESS),
    ("new_measure", "GET"): everyone(POSTLESS, POSTLESS),
    ("new_measure", "POST"): everyone(POSTLESS, POSTLESS),
    ("measure", "GET"): DUTIES,
    ("measure_file", "GET"): DUTIES,
    ("measure_step", "POST"): everyone(POSTLESS, POSTLESS) | {"handler": BAD},
    ("evaluations", "GET"): DUTIES,
    ("new_evaluation", "GET"): APPLYING,
    ("new_evaluation", "POST"): instead(APPLYING, BAD),
    ("evaluation_cap", "POST"): everyone(POSTLESS, POSTLESS),
    ("evaluation_step", "POST"): everyone(POSTLESS, POSTLESS),
    ("joint", "GET"): JOINT,
    ("joint_new_resource", "GET"): instead(JOINT, POSTLESS),
    ("joint_new_resource", "POST"): instead(JOINT, POSTLESS),
    ("joint_resource", "GET"): JOINT_SEEN,
    ("joint_edit_resource", "GET"): JOINT_KEPT,
    ("joint_edit_resource", "POST"): JOINT_KEPT,
    # A member books for their branch; this one says no time.
    ("joint_book", "POST"): JOINT_KEPT | {"member": BAD},
    ("joint_bookings", "GET"): JOINT,
    ("joint_booking", "GET"): JOINT_SEEN,
    # It has not begun: nothing can be handed back yet.
    ("joint_booking_step", "POST"): JOINT_KEPT | {"member": REFUSED},
    ("joint_needs", "GET"): JOINT,
    ("joint_new_need", "GET"): instead(JOINT, POSTLESS),
    ("joint_new_need", "POST"): instead(JOINT, POSTLESS),
    ("joint_need", "GET"): JOINT_SEEN,
    ("joint_need_step", "POST"): JOINT_KEPT,
    ("joint_projects", "GET"): JOINT,
    ("joint_new_project", "GET"): instead(JOINT, POSTLESS),
    ("joint_new_project", "POST"): instead(JOINT, POSTLESS),
    ("joint_project", "GET"): JOINT_SEEN,
    ("joint_project_step", "POST"): JOINT_KEPT,
    ("joint_meetings", "GET"): JOINT_MET,
    # The town's own desk calls the town's meetings.
    ("joint_new_meeting", "GET"): JOINT_MET | {"leader": POSTLESS},
    ("joint_new_meeting", "POST"): instead(JOINT_MET, BAD) | {"leader": POSTLESS},
    ("joint_meeting", "GET"): JOINT_MET | {"far_dispatcher": GONE},
    ("joint_meeting_print", "GET"): JOINT_MET | {"far_dispatcher": GONE},
    # A community's meeting is its own desk's to keep.
    ("joint_meeting_step", "POST"): instead(JOINT_MET, POSTLESS) | {"far_dispatcher": GONE},
    ("joint_resolutions", "GET"): JOINT_ANSWERED,
    # The town's department answers for it.
    ("joint_resolution", "GET"): JOINT_ANSWERED | JOINT_FAR,
    ("joint_resolution_step", "POST"): instead(JOINT_ANSWERED, POSTLESS)
    | JOINT_FAR
    | {"handler": BAD},
    ("registers", "GET"): REGISTERS | {"leader": OK},
    ("registers", "POST"): instead(REGISTERS | {"leader": OK}, BAD),
    ("register_doubles", "GET"): REGISTERS,
    ("register_doubles", "POST"): instead(REGISTERS, BAD),
    ("new_register_record", "GET"): REGISTERS,
    ("new_register_record", "POST"): instead(REGISTERS, BAD),
    ("register_record", "GET"): RECORDS | {"leader": OK},
    ("edit_register_record", "GET"): RECORDS,
    ("edit_register_record", "POST"): instead(RECORDS, BAD),
    ("register_reveal", "GET"): RECORDS,
    ("register_reveal", "POST"): instead(RECORDS, BAD),
    ("register_step", "POST"): instead(RECORDS, LOGIN),
    **{(name, "GET"): CARE_PAGES for name in ("care", "care_plan", "care_figures", "care_file")},
    ("care_find", "GET"): CARE_PAGES | dict.fromkeys(("worker", "leader", "far_worker"), POSTLESS),
    ("care_find", "POST"): instead(
        CARE_PAGES | dict.fromkeys(("worker", "leader", "far_worker"), POSTLESS), BAD
    ),
    ("new_care", "GET"): CARE_KEPT,
    ("new_care", "POST"): instead(CARE_KEPT, BAD),
    ("care_person", "GET"): CARE_SEEN,
    ("care_step", "POST"): instead(CARE_KEPT, BAD),
    ("my_care", "GET"): CARE_PAGES | {"leader": POSTLESS} | dict.fromkeys(MEMBERS, OK),
    ("care_visit", "GET"): VISITED,
    ("care_visit", "POST"): instead(VISITED, BAD),
    ("care_shown", "GET"): VISITED,
    ("care_shown", "POST"): instead(VISITED, BAD),
    ("care_photo", "GET"): CARE_SEEN,
    ("care_thumb", "GET"): CARE_SEEN,
    ("surveys", "GET"): SURVEYS
    | dict.fromkeys(("far_worker", "far_dispatcher", "far_checker"), OK),
    ("new_survey", "GET"): SURVEYS_DESIGNED | {"far_dispatcher": OK},
    ("new_survey", "POST"): instead(SURVEYS_DESIGNED | {"far_dispatcher": OK}, BAD),
    ("survey", "GET"): SURVEY_PAGES,
    ("survey_design", "GET"): SURVEYS_DESIGNED,
    ("survey_design", "POST"): instead(SURVEYS_DESIGNED, BAD),
    ("survey_questions", "GET"): SURVEYS_DESIGNED,
    ("survey_questions", "POST"): instead(SURVEYS_DESIGNED, LOGIN),
    ("survey_preview", "POST"): SURVEYS_DESIGNED,
    ("survey_targets", "GET"): SURVEY_PAGES,
    ("survey_targets", "POST"): instead(SURVEYS, BAD)
    | dict.fromkeys(("worker", "checker", "far_worker"), POSTLESS),
    ("survey_step", "POST"): instead(SURVEYS_DESIGNED, REFUSED),
    ("survey_entries", "GET"): SURVEY_PAGES,
    ("survey_entries", "POST"): SURVEY_PAGES,
    ("new_survey_entry", "GET"): SURVEYS
    | dict.fromkeys(("worker", "checker", "leader", "far_worker"), POSTLESS),
    ("new_survey_entry", "POST"): instead(SURVEYS, BAD)
    | dict.fromkeys(("worker", "checker", "leader", "far_worker"), POSTLESS),
    ("survey_look", "GET"): SURVEY_PAGES,
    # Who writes in the area says what is one.
    ("survey_doubles", "GET"): SURVEY_PAGES | dict.fromkeys(("checker", "leader"), POSTLESS),
    ("survey_doubles", "POST"): instead(
        SURVEY_PAGES | dict.fromkeys(("checker", "leader"), POSTLESS), BAD
    ),
    ("survey_file", "GET"): SURVEY_PAGES,
    ("survey_entry", "GET"): SURVEYS,
    ("edit_survey_entry", "GET"): SURVEYS_KEPT,
    ("edit_survey_entry", "POST"): instead(SURVEYS_KEPT, BAD),
    ("survey_entry_reveal", "GET"): SURVEYS_KEPT,
    ("survey_entry_reveal", "POST"): instead(SURVEYS_KEPT, BAD),
    # Who entered it does not look at it.
    ("survey_entry_step", "POST"): instead(SURVEYS, BAD) | {"worker": POSTLESS},
    ("survey_photo", "GET"): everyone(GONE, GONE)
    | dict.fromkeys(("worker", "dispatcher", "checker", "leader"), OK),
    ("survey_thumb", "GET"): everyone(GONE, GONE)
    | dict.fromkeys(("worker", "dispatcher", "checker", "leader"), OK),
    ("tasks", "GET"): TASKS_SEEN | dict.fromkeys(("far_dispatcher", "far_checker"), OK),
    ("new_task", "GET"): everyone(POSTLESS, POSTLESS)
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), OK),
    ("new_task", "POST"): everyone(POSTLESS, POSTLESS)
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), BAD),
    ("task", "GET"): TASKS_SEEN,
    ("task_file", "GET"): TASKS_SEEN,
    ("task_step", "POST"): TASKS_SEEN | {"dispatcher": BAD, "leader": BAD, "checker": POSTLESS},
    ("task_part", "GET"): TASKS_SEEN,
    ("task_part_step", "POST"): TASKS_SEEN
    | {"dispatcher": BAD, "leader": BAD, "checker": POSTLESS},
    # Who walks the grid sees the photos of its part, on the phone.
    ("task_photo", "GET"): everyone(GONE, GONE)
    | dict.fromkeys(("worker", "dispatcher", "leader", "checker"), OK),
    ("task_thumb", "GET"): everyone(GONE, GONE)
    | dict.fromkeys(("worker", "dispatcher", "leader", "checker"), OK),
    ("new_call", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("new_call", "POST"): everyone(POSTLESS, POSTLESS) | {"dispatcher": BAD, "far_dispatcher": BAD},
    ("caller", "POST"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("call_hints", "POST"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("call_places", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "far_dispatcher": OK},
    ("inbox", "GET"): told(OK),
    ("my_notices", "GET"): told(OK),
    ("my_notices", "POST"): told(BAD),
    ("news", "GET"): told(DONE),
    ("read_notices", "POST"): told(LOGIN),
    ("notice", "GET"): told(GONE),
    ("supervision", "GET"): everyone(OK, OK),
    ("leading", "GET"): FIGURES,
    ("process", "GET"): FIGURES,
    # No way is named: tests/desk/test_process.py names some.
    ("process_cases", "GET"): instead(FIGURES, GONE),
    ("tour_seen", "POST"): signed_in(DONE),
    ("map", "GET"): everyone(OK, OK),
    ("map_cases", "GET"): everyone(OK, OK),
    ("map_list", "GET"): everyone(OK, OK),
    ("map_teams", "GET"): everyone(OK, OK),
    ("map_whistles", "GET"): everyone(OK, OK),
    ("emergencies", "GET"): everyone(DONE, DONE),
    ("answer_alarm", "POST"): everyone(GONE, GONE),
    ("teams", "GET"): everyone(OK, OK),
    ("team", "GET"): everyone(GONE, GONE) | {"dispatcher": OK, "leader": OK},
    ("roster", "GET"): everyone(GONE, GONE) | {"dispatcher": OK, "leader": POSTLESS},
    ("roster", "POST"): everyone(GONE, GONE) | {"dispatcher": BAD, "leader": POSTLESS},
    ("team_shift", "POST"): everyone(GONE, GONE) | {"dispatcher": LOGIN, "leader": POSTLESS},
    ("team_member", "POST"): everyone(GONE, GONE) | {"dispatcher": LOGIN, "leader": POSTLESS},
    ("turn", "POST"): everyone(GONE, GONE),
    ("new_case", "GET"): everyone(OK, OK),
    ("new_case", "POST"): everyone(BAD, BAD),
    ("new_case_hints", "GET"): everyone(OK, OK),
    ("case", "GET"): everyone(OK, GONE),
    ("case_pulse", "GET"): everyone(OK, GONE),
    ("new_case_questions", "GET"): everyone(OK, OK),
    ("case_answers", "GET"): everyone(OK, GONE),
    ("case_words", "GET"): everyone(OK, GONE),
    ("case_words", "POST"): everyone(BAD, GONE) | {"leader": POSTLESS},
    ("case_answers", "POST"): everyone(BAD, GONE) | {"leader": POSTLESS},
    ("case_contact", "GET"): everyone(OK, GONE),
    ("case_contact", "POST"): everyone(BAD, GONE) | {"leader": POSTLESS},
    ("act", "GET"): everyone(REFUSED, GONE) | {"handler": OK},
    ("act", "POST"): everyone(POSTLESS, GONE) | {"handler": BAD},
    ("undo", "POST"): everyone(POSTLESS, GONE) | {"dispatcher": REFUSED},
    ("sheet", "GET"): everyone(OK, GONE),
    ("bulk", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": LOGIN, "far_dispatcher": LOGIN},
    ("bulk", "POST"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("bulk_run", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": LOGIN, "far_dispatcher": LOGIN},
    ("bulk_results", "GET"): everyone(GONE, GONE),
    ("bulk_undo", "POST"): everyone(GONE, GONE),
    ("reports", "GET"): REPORTS,
    ("reports", "POST"): everyone(POSTLESS, POSTLESS)
    | dict.fromkeys(("dispatcher", "leader", "far_dispatcher"), BAD),
    ("report", "GET"): REPORTS | {"far_dispatcher": GONE},
    ("report_file", "GET"): REPORTS | {"far_dispatcher": GONE},
    ("exports", "GET"): everyone(OK, OK),
    ("exports", "POST"): everyone(LOGIN, LOGIN),
    ("export_file", "GET"): everyone(GONE, GONE),
    ("export_change", "POST"): everyone(GONE, GONE),
    ("imports", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": OK},
    ("imports", "POST"): everyone(POSTLESS, POSTLESS) | {"dispatcher": BAD, "far_dispatcher": BAD},
    ("import_template", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "far_dispatcher": OK},
    ("import", "GET"): everyone(POSTLESS, POSTLESS) | {"dispatcher": OK, "far_dispatcher": GONE},
    # There is nothing to mend; who sent it is told so as well.
    ("import_reasons", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": GONE, "far_dispatcher": GONE},
    ("import_change", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": LOGIN, "far_dispatcher": GONE},
    ("rules", "GET"): RULES_READ,
    ("rules", "POST"): everyone(POSTLESS, POSTLESS),
    ("rulebook", "GET"): RULES_READ,
    ("rulebook", "POST"): everyone(POSTLESS, POSTLESS),
    ("rules_text", "GET"): RULES_READ,
    ("new_rule", "GET"): RULES_WRITE,
    ("new_rule", "POST"): RULES_WRITE,
    ("rule", "GET"): RULES_WRITE,
    ("rule", "POST"): RULES_WRITE,
    ("rulebook_change", "POST"): everyone(POSTLESS, POSTLESS),
    ("start_backtest", "POST"): RULES_WRITE,
    ("backtest", "GET"): RULES_WRITE,
    ("backtest", "POST"): RULES_WRITE,
    ("questions", "GET"): QUESTIONS_READ,
    ("item_questions", "GET"): QUESTIONS_READ,
    ("item_questions", "POST"): everyone(POSTLESS, POSTLESS),
    ("questions_preview", "POST"): QUESTIONS_READ,
    ("questions_version", "GET"): everyone(POSTLESS, POSTLESS) | {"auditor": GONE},
    ("topics", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": OK},
    ("topic", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "leader": OK, "far_dispatcher": GONE},
    ("topic_change", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": BAD, "far_dispatcher": GONE},
    ("retention", "GET"): RETENTION_READ,
    # What the auditor may not do is refused on the page itself.
    ("retention", "POST"): everyone(POSTLESS, POSTLESS) | {"auditor": GONE},
    ("person_requests", "GET"): REQUESTS_SEEN,
    ("new_person_request", "GET"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": OK, "far_dispatcher": OK},
    ("new_person_request", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": BAD, "far_dispatcher": BAD},
    ("person_request", "GET"): REQUESTS_SEEN | {"far_dispatcher": GONE},
    ("person_request_answer", "GET"): REQUESTS_SEEN
    | {"dispatcher": GONE, "leader": GONE, "far_dispatcher": GONE},
    ("person_request_step", "POST"): everyone(POSTLESS, POSTLESS)
    | {"dispatcher": REFUSED, "leader": REFUSED, "far_dispatcher": GONE},
    ("suggestions", "GET"): QUESTIONS_READ,
    ("suggestions", "POST"): QUESTIONS_READ,
    ("suggestions_charge", "POST"): everyone(POSTLESS, POSTLESS),
    ("upload", "POST"): everyone(BAD, BAD),
    ("photo", "GET"): everyone(OK, GONE),
    ("thumb", "GET"): everyone(OK, GONE),
    ("grids", "GET"): everyone(OK, OK),
}


def test_every_address_has_its_rows() -> None:
    assert set(TABLE) == methods.of(urlpatterns)
    assert all(set(row) == set(PEOPLE) for row in TABLE.values())
    assert all(set(others) <= set(TABLE) for others in OTHER_THAN.values())


def test_every_verb_that_people_do_has_a_form() -> None:
    by_people = {
        row.verb for row in flow.TABLE if row.by_people and row.verb != "report" and not row.passing
    }
    assert set(FORMS) == by_people


def alarm_of(area: str) -> Any:
    """An alarm that waits."""
    from django.utils import timezone

    from huying.intake import device_alarms
    from huying.intake.models import DeviceAlarm

    now = timezone.now()
    source, _secret = device_alarms.connect("cams", "村口摄像头", now=now)
    return DeviceAlarm.objects.create(
        source=source, device="cam-1", kind="垃圾堆积", first_at=now, last_at=now,
        received_at=now, area_code=area, lon=113.421, lat=22.955, confidence=0.87,
    )  # fmt: skip


def with_request(world: World) -> Any:
    """A person's request of the town's desk, of which one record was found."""
    from huying.notices.models import Notice
    from tests.browser.everywhere import with_request as made

    wish = made(world)
    # The leaders have read that there is one: of news other tests tell.
    Notice.objects.filter(kind="person_request").delete()
    return wish


def with_appeal(world: World) -> Any:
    """A unit's appeal against a failed check, with a photo."""
    from tests.browser.everywhere import with_appeal as made

    return made(world)


def with_finding(world: World) -> Any:
    """Something that a guard noticed about a case of the unit's."""
    from tests.browser.everywhere import with_finding as made

    return made(world)


def with_patrol(world: World) -> Any:
    """A place that the town has had visited, with a visit to it."""
    from tests.browser.everywhere import with_patrol as made

    return made(world)


def entered(world: World) -> Any:
    """What the grid's worker entered of a survey of the town, with a photo."""
    from tests.browser.everywhere import with_survey

    return with_survey(world).entry


def with_party(world: World) -> Any:
    """A branch, its member, and a household that is linked to them."""
    from tests.browser.everywhere import with_branches

    return with_branches(world)


def with_platforms(world: World) -> Any:
    """A service point with an appointment."""
    from tests.browser.everywhere import with_platforms as made

    return made(world)


def with_neighbours(world: World) -> Any:
    """A wish whose result waits, a suggestion, a team with an activity."""
    from tests.browser.everywhere import with_neighbours as made

    return made(world)


def with_report(world: World) -> Any:
    """A month's report of the town."""
    from tests.reports.shown import with_report as made

    return made(world)


def with_duties(world: World) -> Any:
    """A draft of the town's list of responsibilities, and an application of its unit."""
    from tests.duties.shown import with_duties as made

    return made(world)


def with_measures(world: World) -> Any:
    """A plan of the district with a measure of the town's unit."""
    from tests.measures.shown import with_measures as made

    return made(world)


def with_joint(world: World) -> Any:
    """A hall that an organisation shares, and a confirmed booking of the member's branch."""
    from tests.joint.shown import with_joint as made

    return made(world)


def registered(world: World) -> Any:
    """Somebody who is registered in the grid."""
    from tests.browser.everywhere import with_registers

    return with_registers(world).grown


def with_care(world: World) -> Any:
    """Somebody on the care list, given to a member, with a visit and its photo."""
    from tests.browser.everywhere import with_care as made

    return made(world)


def done_task(world: World) -> Any:
    """A grid's part of a task that its worker has done, and the photo that shows it."""
    from tests.browser.everywhere import with_task

    part = with_task(world)
    return part, part.files.get().attachment_id


@pytest.fixture
def postless(world: World) -> None:
    """More of them: one whose only post has ended, one who audits, and the six of `also`."""
    from datetime import timedelta

    from django.utils import timezone

    from huying.people.models import Account, Post, Role

    yesterday = timezone.localdate() - timedelta(days=1)
    for key, role, area, ends in (
        ("postless", Role.CHECKER, DISTRICT, yesterday),
        ("auditor", Role.AUDITOR, DISTRICT, None),
        ("grid_head", Role.GRID_HEAD, GRID, None),
        ("village_leader", Role.COMMUNITY_LEADER, COMMUNITY, None),
        ("upper_leader", Role.DISTRICT_LEADER, DISTRICT, None),
        ("far_leader", Role.TOWN_LEADER, ELSEWHERE, None),
        ("administrator", Role.ADMINISTRATOR, DISTRICT, None),
        ("security_administrator", Role.SECURITY_ADMINISTRATOR, DISTRICT, None),
    ):
        world.accounts[key] = Account.objects.create(username=f"t-{key}", name=key)
        world.posts[key] = Post.objects.create(
            account=world.accounts[key],
            role=role,
            area_code=area,
            district_code=DISTRICT,
            starts_on=yesterday,
            ends_on=ends,
        )


def table_of(world: World) -> Any:
    """A table that the dispatcher sent, and that came to nothing."""
    from django.utils import timezone

    from huying.intake.models import CaseImport

    now = timezone.now()
    return CaseImport.objects.create(
        account=world.accounts["dispatcher"], post=world.posts["dispatcher"], name="台账.xlsx",
        size=1, digest=bytes(32), state="failed", trouble="headings", sent_at=now, touched_at=now,
    )  # fmt: skip


@pytest.fixture
def refused_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that keeps somebody out is drawn once for each of them, not four thousand times."""
    from django import shortcuts
    from django.http import HttpResponse
    from django.views import defaults

    drawn: dict[tuple[Any, ...], bytes] = {}

    def once(request: Any, page: Any, status: int, draw: Callable[[], HttpResponse]) -> Any:
        key = (page, request.user.pk)
        if key not in drawn:
            drawn[key] = draw().content
        return HttpResponse(drawn[key], status=status)

    def refuse(request: Any, page: str, context: Any, status: int) -> HttpResponse:
        shown = partial(shortcuts.render, request, page, context, status=status)
        return once(request, page, status, shown)

    def raised(status: int, draw: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return lambda request, exception: once(
            request, status, status, partial(draw, request, exception)
        )

    monkeypatch.setattr("huying.desk.here.render", refuse)
    for status, draw in ((403, defaults.permission_denied), (404, defaults.page_not_found)):
        monkeypatch.setattr(f"huying.urls.handler{status}", raised(status, draw), raising=False)


@pytest.mark.slow
def test_every_address_for_everyone(
    world: World,
    postless: None,
    refused_in_the_same_words: None,
    as_: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    sealed: Sealed,
) -> None:
    """What was sealed is on no page of anybody, and of a case nothing is on a page of others."""
    from datetime import timedelta

    from django.urls import reverse
    from django.utils import timezone

    from huying.desk.models import Handover
    from huying.response import standing
    from huying.topics.models import Topic

    # Of the auditor's second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    case = world.dispatched(
        text=TOLD,
        address=STOOD,
        contact_name="张三",
        contact_phone="13800001111",
        photos=[world.photo("dispatcher", "photo_before")],
    )
    # Something has happened since the dispatch: its undoing is refused to the desk too.
    world.do(case, "comment", "checker", text="已到现场")
    attachment, team = case.attachments.get().pk, world.team()
    blown = standing.blow(
        by=world.actor("dispatcher"),
        now=timezone.now(),
        title="旧市场消防通道被占",
        sort="joint",
        units=[world.units["second"].pk],
        text="联合清理",
    ).pk
    noticed, table = alarm_of("440113120213001").pk, table_of(world).pk
    left = Handover.objects.create(
        district_code="440113",
        area_code="440113120",
        serial=1,
        written_by=world.accounts["district_dispatcher"],
        to=world.accounts["dispatcher"],
        written_at=timezone.now(),
        next_ends_at=timezone.now() + timedelta(hours=8),
    ).pk
    part, shot = done_task(world)
    hot = Topic.objects.create(
        district_code="440113",
        area_code=case.area_code[:12],
        title="东街口",
        made_at=timezone.now(),
    ).pk
    to_visit, appeal = with_patrol(world), with_appeal(world)
    somebody = registered(world).pk
    wish = with_request(world)
    cared = with_care(world)
    shed = entered(world)
    shed_shot = shed.photos.get().attachment_id
    party = with_party(world)
    helped = with_neighbours(world)
    lent = with_joint(world)
    served = with_platforms(world)
    reported = with_report(world)
    veto = with_scores(world)
    drafted, planned = with_duties(world), with_measures(world)
    # Whom the making of all this was told of has no news of it.
    Notice.objects.all().delete()
    strange = "00000000-0000-4000-8000-000000000000"  # and another's looks the same
    arguments: dict[str, list[Any]] = {
        "person_request": [wish.pk],
        "score": ["unit", world.units["lead"].pk],
        "new_veto": ["unit", world.units["lead"].pk],
        "score_sheet": ["unit"],
        "score_sheet_step": ["unit", "begin"],
        "veto": [veto.pk],
        "veto_step": [veto.pk, "lift"],
        **{name: [strange] for name in ("veto_photo", "veto_thumb")},
        "rate_report": [case.number],
        "person_request_answer": [wish.pk],
        "person_request_step": [wish.pk, "nothing"],
        "case": [case.number],
        "case_pulse": [case.number],
        "case_answers": [case.number],
        "case_words": [case.number],
        "topic": [hot],
        "topic_change": [hot, "dismiss"],
        "item_questions": ["0203"],
        "questions_preview": ["0203"],
        "questions_version": ["0203", 1],
        "case_contact": [case.number],
        "act": [case.number, "return"],
        "undo": [case.number],
        "bulk": ["accept"],
        "bulk_run": ["accept"],
        "bulk_results": [strange],
        "bulk_undo": [strange],
        "report": [reported.pk],
        "report_file": [reported.pk, "pdf"],
        "export_file": [strange],
        "export_contacts": [strange],
        "rulebook": [1],
        "rules_text": [1],
        "new_rule": [1],
        "rule": [1, "shops"],
        "rulebook_change": [1, "check"],
        "start_backtest": [1],
        "backtest": [strange],
        "export_change": [strange, "cancel"],
        "sheet": [case.number, "order"],
        "import": [table],
        "import_reasons": [table],
        "import_change": [table, "cancel"],
        **{key: [left] for key in ("handover_note", "take_handover", "erase_handover")},
        **{key: [noticed] for key in ("device_alarm", "device_alarm_shot")},
        "watch": [case.number],
        "new_register_record": ["person"],
        **{
            name: ["person", somebody]
            for name in ("register_record", "edit_register_record", "register_reveal")
        },
        "register_step": ["person", somebody, "check"],
        "new_care": [somebody],
        **{name: [cared.care.pk] for name in ("care_person", "care_visit", "care_shown")},
        "care_step": [cared.care.pk, "end"],
        **{name: [cared.photo] for name in ("care_photo", "care_thumb")},
        **{
            name: [party.branch.pk]
            for name in (
                *("branch", "branch_plate", "edit_branch", "branch_linking"),
                *("new_party_member",),
            )
        },
        "branch_step": [party.branch.pk, "end"],
        "new_together": ["organisation"],
        "one_together": ["organisation", party.organisation.pk],
        "organisation_reveal": [party.organisation.pk],
        "cadre": [party.cadre.pk],
        **{name: [party.member.pk] for name in ("party_member", "member_reveal")},
        "party_member_step": [party.member.pk, "leave"],
        "link_reveal": [party.link.pk],
        "link_step": [party.link.pk, "agree"],
        "mine_answer": [strange, "come"],
        "neighbours_photo": [helped.photo],
        "neighbours_wish": [helped.wish.pk],
        "neighbours_wish_step": [helped.wish.pk, "save"],
        "neighbours_suggestion": [helped.suggestion.pk],
        "neighbours_suggestion_step": [helped.suggestion.pk, "answer"],
        "neighbours_circle": [helped.circle.pk],
        "neighbours_circle_step": [helped.circle.pk, "plan"],
        "neighbours_certificate": [helped.circle.pk, 2019],
        "neighbours_activity": [helped.activity.pk],
        "neighbours_activity_step": [helped.activity.pk, "confirm"],
        "platforms_point": [served.point.pk],
        "platforms_day": [served.point.pk],
        "platforms_take": [served.point.pk],
        "platforms_point_step": [served.point.pk, "close"],
        "platforms_appointment_step": [served.appointment.pk, "call-off"],
        "platforms_canteen_put": [served.kitchen.pk],
        "platforms_canteen_day": [served.meals.pk],
        "platforms_canteen_step": [served.meals.pk, "call-off"],
        "platforms_activity": [served.activity.pk],
        "platforms_activity_step": [served.activity.pk, "call-off"],
        "neighbours_my_wish": [helped.wish.pk],
        "neighbours_my_step": [helped.wish.pk, "progress"],
        **{
            name: [lent.hall.pk] for name in ("joint_resource", "joint_edit_resource", "joint_book")
        },
        "joint_booking": [lent.confirmed.pk],
        **{name: [lent.meeting.pk] for name in ("joint_meeting", "joint_meeting_print")},
        "joint_meeting_step": [lent.meeting.pk, "correct"],
        "joint_need": [lent.need.pk],
        "joint_need_step": [lent.need.pk, "met"],
        "joint_project": [lent.project.pk],
        "joint_project_step": [lent.project.pk, "tell"],
        "joint_resolution": [lent.resolution.pk],
        "joint_resolution_step": [lent.resolution.pk, "tell"],
        "joint_booking_step": [lent.confirmed.pk, "hand_back"],
        "new_appeal": [case.number],
        "appeal": [appeal.pk],
        "appeal_against": ["veto", vetoed(world, veto).pk],
        "appeal_photo": [appeal.photos.get().pk],
        "unusual_finding": [with_finding(world).pk],
        "duty_version": [drafted.draft.pk],
        "duty_version_step": [drafted.draft.pk, "put"],
        "admission": [drafted.applied.pk],
        "admission_step": [drafted.applied.pk, "comment"],
        "old_items_step": ["put"],
        "new_measure": [planned.plan.pk],
        "measure": [planned.measure.pk],
        "measure_file": [planned.file],
        "measure_step": [planned.measure.pk, "say"],
        "evaluation_step": [planned.evaluation.pk, "approve"],
        "patrol_plan": [to_visit.plan_id],
        "patrol_labels": [to_visit.plan_id],
        "patrol_visits": [to_visit.plan_id],
        "patrol_plan_step": [to_visit.plan_id, "save"],
        "patrol_place": [to_visit.pk],
        **{
            name: [shed.survey_id]
            for name in (
                *("survey", "survey_design", "survey_questions", "survey_preview"),
                *("survey_targets", "survey_entries", "new_survey_entry", "survey_look"),
                *("survey_file", "survey_doubles"),
            )
        },
        "survey_step": [shed.survey_id, "open"],
        **{
            name: [shed.pk] for name in ("survey_entry", "edit_survey_entry", "survey_entry_reveal")
        },
        "survey_entry_step": [shed.pk, "back"],
        **{key: [shed_shot] for key in ("survey_photo", "survey_thumb")},
        "task": [part.task_id],
        "task_file": [part.task_id],
        "task_step": [part.task_id, "recall"],
        "task_part": [part.pk],
        "task_part_step": [part.pk, "recall"],
        **{key: [shot] for key in ("task_photo", "task_thumb")},
        "whistle": [blown],
        "whistle_step": [blown, "release"],
        "notice": [strange],
        "answer_alarm": [strange],
        **{key: [team.code] for key in ("team", "roster", "team_shift", "team_member")},
        "turn": [strange, "come"],
        "photo": [attachment],
        "thumb": [attachment],
    }
    box = "?box=113.4,22.9,113.5,23.0"
    queries = {"grids": box, "map": "?tab=area", "map_cases": f"{box}&zoom=12"}
    queries["new_view"] = "?light=red"
    queries["figure_cases"] = "?by=all&indicator=closed"
    bodies = {
        "views": {"view": strange},
        "bulk": {"number": case.number},
        "bulk_run": {"row": case.number, "token": strange.replace("4", "5")},
    }
    hidden = sealed.hidden(but=SHOWN_ANYHOW)
    assert {"张三", "13800001111", "13711112222", "440113198001020018"} <= {*hidden.forms.values()}
    of_case = Looked([case.number, TOLD, STOOD])
    seen = of_case.found(as_("dispatcher").get(f"/desk/cases/{case.number}"))
    assert seen == sorted([case.number, TOLD, STOOD])
    wrong: list[Any] = []
    shown: list[Any] = []
    for person in (*PEOPLE, *LIKE):
        client = Client() if person == "nobody" else as_(person)
        for (name, method), of_most in TABLE.items():
            row = of_most | also((name, method), of_most)
            url = reverse(name, args=arguments.get(name, [])) + queries.get(name, "")
            answer = client.get(url) if method == "GET" else client.post(url, bodies.get(name, {}))
            if name == "desk" and answer.status_code == 302 and "/desk/?" in answer.url:
                answer = client.get(answer.url)
            if answer.status_code != row[person]:
                wrong.append((person, method, name, answer.status_code, row[person]))
            # The empty table has somebody in it who shows how it is filled in.
            found = hidden.found(answer) if name != "import_template" else []
            says_what_one_sent = (name, method) == ("bulk", "POST")
            if person not in (*INSIDE, *SEE) and not says_what_one_sent:
                found += [each for each in of_case.found(answer) if each not in url]
            shown += [(person, method, name, each) for each in found]
    assert not wrong
    assert not shown


def test_what_one_may_not_see_one_may_not_touch(world: World, as_: Callable[..., Client]) -> None:
    case = world.dispatched()
    before = case.last_seq
    for person in OUTSIDE:
        client = as_(person)
        for verb in sorted(FORMS):
            url = f"/desk/cases/{case.number}/{verb}"
            assert client.get(url).status_code == GONE, (person, verb)
            answer = client.post(url, {"text": "x", "reason": "x"})
            assert answer.status_code == GONE, (person, verb)
    case.refresh_from_db()
    assert case.last_seq == before


def test_a_staged_photo_is_its_uploaders_alone(world: World, as_: Callable[..., Client]) -> None:
    sender = as_("worker")
    answer = sender.post("/desk/photos", {"photo": picture(), "kind": "photo_before"})
    assert answer.status_code == 201
    url = f"/desk/attachments/{answer.json()['id']}"
    assert sender.get(url).status_code == OK
    assert as_("dispatcher").get(url).status_code == GONE
    assert as_("checker").get(f"{url}/thumb").status_code == GONE
