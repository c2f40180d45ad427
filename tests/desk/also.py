"""Six more who open every address of the desk: each stands as another does, but for what is named.

Whoever adds an address decides for them by the row of the one that they are like, or here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIKE: Final = {
    "grid_head": "worker",
    "village_leader": "leader",
    "upper_leader": "leader",
    "far_leader": "far_dispatcher",
    "administrator": "auditor",
    "security_administrator": "auditor",
}
SEE: Final = ("grid_head", "village_leader", "upper_leader")
"""Those of the place, who see the case."""

# Heads walk a grid as its worker does, but ask for nobody's contact.
_GRID_HEAD: Final = """
403 case_words:POST case_answers:POST case_contact:POST
404 link_reveal:GET+POST link_step:POST
"""
# Sees the community's; the town's own is not for a village. Knows its party members.
_VILLAGE_LEADER: Final = """
200 party_member:GET
403 party_member:POST member_reveal:GET+POST party_member_step:POST link_reveal:GET+POST
    link_step:POST appeal:POST unusual:GET unusual_finding:GET+POST patrol_plan_step:POST
    patrol_place:POST duty_versions:POST admissions:GET admission:GET admission_step:POST
    new_survey:GET+POST survey_design:GET+POST survey_questions:GET+POST survey_preview:POST
    survey_targets:POST survey_step:POST new_task:GET+POST task_step:POST task_part_step:POST
404 whistle:GET whistle_step:GET+POST score:GET veto:GET veto_step:POST new_veto:GET+POST
    duty_version:GET duty_version_step:POST report:GET report_file:GET person_request:GET
    person_request_step:POST
"""
# The district's leader plans and rates where the town's only reads.
_UPPER_LEADER: Final = """
200 admission:GET new_measure_plan:GET new_measure:GET new_evaluation:GET
302 duty_versions:POST
403 score_ratings:GET+POST new_patrol_plan:GET+POST task_step:POST task_part_step:POST
404 duty_version:GET duty_version_step:POST
422 admission_step:POST new_measure_plan:POST new_measure:POST measure_step:POST
    new_evaluation:POST evaluation_cap:POST evaluation_step:POST
"""
# Leads another town; a leader enters nothing himself, wherever he is.
_FAR_LEADER: Final = """
200 exports_asked:GET
403 new_whistle:GET+POST handover:GET+POST handover_note:GET take_handover:POST
    erase_handover:POST cadres:POST new_branch:GET+POST neighbours_new_wish:GET+POST
    neighbours_new_suggestion:GET+POST neighbours_topics:POST neighbours_new_circle:GET+POST
    platforms_new_point:GET+POST platforms_new_activity:GET+POST platforms_guides:POST
    joint_new_meeting:GET+POST register_doubles:GET+POST new_register_record:GET+POST
    care_find:GET+POST my_care:GET care_visit:GET+POST care_shown:GET+POST new_call:GET+POST
    caller:POST call_hints:POST call_places:POST bulk:GET+POST bulk_run:POST imports:GET+POST
    import_template:GET import:GET import_reasons:GET import_change:POST
    new_person_request:GET+POST
404 exports_asked:POST
409 duty_versions:POST
"""
# Keeps rules, questions and surveys, and looks at nobody's work.
_ADMINISTRATOR: Final = """
200 surveys:GET new_survey:GET survey_design:GET survey_questions:GET survey_preview:POST
302 score_sheet_step:POST survey_questions:POST rules:POST item_questions:POST
403 unusual_reading:GET unusual_looks:GET scores:GET score:GET vetoes:GET veto:GET veto_step:POST
    veto_photo:GET veto_thumb:GET
409 survey_step:POST rulebook:POST rulebook_change:POST suggestions_charge:POST
422 new_survey:POST survey_design:POST start_backtest:POST
"""
# Keeps accounts and posts, on the admin site; here is next to nothing.
_SECURITY_ADMINISTRATOR: Final = """
403 unusual_reading:GET unusual_looks:GET scores:GET score:GET score_sheets:GET score_sheet:GET
    vetoes:GET veto:GET veto_step:POST veto_photo:GET veto_thumb:GET rules:GET rulebook:GET
    rules_text:GET new_rule:GET+POST rule:GET+POST start_backtest:POST backtest:GET+POST
    questions:GET item_questions:GET questions_preview:POST questions_version:GET
    retention:GET+POST suggestions:GET+POST
"""

_TOLD: Final = {
    "grid_head": _GRID_HEAD,
    "village_leader": _VILLAGE_LEADER,
    "upper_leader": _UPPER_LEADER,
    "far_leader": _FAR_LEADER,
    "administrator": _ADMINISTRATOR,
    "security_administrator": _SECURITY_ADMINISTRATOR,
}


def _read(told: str) -> dict[tuple[str, str], int]:
    found, answer = {}, 0
    for word in told.split():
        if word.isdigit():
            answer = int(word)
            continue
        name, methods = word.split(":")
        found |= {(name, method): answer for method in methods.split("+")}
    return found


OTHER_THAN: Final[Mapping[str, Mapping[tuple[str, str], int]]] = {
    person: _read(told) for person, told in _TOLD.items()
}
"""What each is answered otherwise than the one that it is like, by address and method."""


def also(address: tuple[str, str], row: Mapping[str, int]) -> dict[str, int]:
    """A row of the table for these six."""
    return {person: OTHER_THAN[person].get(address, row[like]) for person, like in LIKE.items()}
