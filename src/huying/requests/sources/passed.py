"""Tables that tell of people and that no request looks into, each with the reason."""

from __future__ import annotations

from typing import Final

_OTHERS = "free words about the work: no index finds a person in them; they go by their rule"
_SECRET = "a secret of signing in: it tells nothing, and is nobody's to see"  # noqa: S105 - a reason
_SIGN_IN = "of who signs in; the sign-in library keeps it for a time and it goes by itself"
_SYSTEM = "a secret shared with another system, of nobody"
_CASE = "part of a case: told and erased with the case where the law lets it"

PASSED: Final[dict[str, str]] = {
    "access_log": "says who looked; of who was looked at it holds a mark, and cannot change",
    "access_words": "why somebody looked: the auditor's, gone after a year",
    "account_emailaddress": "the sign-in library's; unused",
    "account_emailconfirmation": "the sign-in library's; unused",
    "mfa_authenticator": _SECRET,
    "browser": _SIGN_IN,
    "django_session": _SECRET,
    "axes_accessattempt": _SIGN_IN,
    "axes_accessfailurelog": _SIGN_IN,
    "axes_accesslog": _SIGN_IN,
    "case_address_words": _CASE,
    "attachment": "pictures: nobody can be found in them; those of a case go with it",
    "outside_ask": _CASE,
    "resident_link": _CASE,
    "watch_mark": _OTHERS,
    "case_import": "the name of a file; its rows become cases or records, which are looked into",
    "imported_record": "what a record was before a table was taken in; gone after thirty days",
    "source": _SYSTEM,
    "subscription": _SYSTEM,
    "retention_hold": "an administrator's reason; it names a record, not a person",
    "cadre_visit": _OTHERS,
    "shared_booking": _OTHERS,
    "joint_need": _OTHERS,
    "joint_project": _OTHERS,
    "joint_word": _OTHERS,
    "joint_meeting": _OTHERS,
    "joint_invitation": _OTHERS,
    "joint_minutes": _OTHERS,
    "joint_resolution": _OTHERS,
    "joint_follow_up": _OTHERS,
    "appeal": _OTHERS,
    "unusual": _OTHERS,
    "unit_rating": _OTHERS,
    "score_veto": _OTHERS,
    "measure_milestone": _OTHERS,
    "measure_report": _OTHERS,
    "admission_word": _OTHERS,
    "patrol_visit": _OTHERS,
    "grid_task": _OTHERS,
    "task": _OTHERS,
    "task_text": _OTHERS,
    "whistle": "where somebody was called to: a place",
    "whistle_text": _OTHERS,
    "survey_target": "names of places and units to be visited; what was answered is looked into",
    "survey_text": _OTHERS,
    "handover_text": _OTHERS,
}
