"""Who gets what answer at which address of the phone: one table, and no address without a row.

The app itself is for everybody and says nothing about anybody; what it asks for is not.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from huying.field.urls import urlpatterns
from tests.browser.everywhere import with_care
from tests.desk import methods
from tests.desk.also import LIKE, SEE
from tests.desk.sealed import Looked, Sealed
from tests.desk.test_permissions import INSIDE, PEOPLE, SHOWN_ANYHOW, STOOD, TOLD, postless
from tests.desk.world import World

OK, MOVED, LOGIN, REFUSED, GONE, KEYLESS = 200, 302, 401, 403, 404, 422

__all__ = ["postless"]


def everybody(answer: int) -> dict[str, int]:
    return dict.fromkeys(PEOPLE, answer)


NO_FIELD = {"nobody": LOGIN} | dict.fromkeys(
    ("postless", "auditor", "member", "far_member"), REFUSED
)
WORKING = everybody(OK) | NO_FIELD

TABLE: dict[tuple[str, str], dict[str, int]] = {
    ("field_home", "GET"): everybody(MOVED),
    ("field", "GET"): everybody(OK),
    ("field_tasks", "GET"): everybody(OK),
    ("field_case", "GET"): everybody(OK),
    ("field_act", "GET"): everybody(OK),
    ("field_assigned", "GET"): everybody(OK),
    ("field_assignment", "GET"): everybody(OK),
    # Without a key nobody's sending is taken; tests/field/test_assigned.py is about the rest.
    ("field_assigned_step", "POST"): everybody(KEYLESS) | NO_FIELD,
    **{
        (name, "GET"): everybody(OK)
        for name in ("field_patrol", "field_patrol_place", "field_patrol_code")
    },
    **{
        (name, "GET"): everybody(OK)
        for name in (
            *("field_surveys", "field_survey", "field_survey_new"),
            *("field_survey_target", "field_survey_entry"),
        )
    },
    # tests/field/test_surveys.py is about what is taken.
    ("field_survey_step", "POST"): everybody(KEYLESS) | NO_FIELD,
    # tests/field/test_patrol.py is about what is taken.
    **{
        (name, "POST"): everybody(KEYLESS) | NO_FIELD
        for name in ("field_patrol_step", "field_duty", "field_track")
    },
    ("field_care", "GET"): everybody(OK),
    ("field_care_person", "GET"): everybody(OK),
    # tests/field/test_care.py is about what is taken.
    ("field_care_step", "POST"): everybody(KEYLESS) | NO_FIELD,
    ("field_report", "GET"): everybody(OK),
    ("field_settle", "GET"): everybody(OK),
    ("field_outbox", "GET"): everybody(OK),
    ("field_grid", "GET"): everybody(OK),
    ("field_inbox", "GET"): everybody(OK),
    ("field_month", "GET"): everybody(OK),
    # Only who walks a grid has a score here.
    ("field_month_score", "GET"): everybody(REFUSED)
    | {"nobody": LOGIN, "worker": OK, "far_worker": OK},
    ("field_me", "GET"): everybody(OK),
    ("field_worker", "GET"): everybody(OK),
    ("field_manifest", "GET"): everybody(OK),
    # Only where the house has an authority of its own; tests/infra/test_tls.py tells of that.
    ("field_trust", "GET"): everybody(GONE),
    ("field_authority", "GET"): everybody(GONE),
    ("field_who", "GET"): WORKING,
    ("field_data", "GET"): WORKING,
    ("field_hints", "POST"): WORKING,
}


def test_every_address_has_its_rows() -> None:
    assert set(TABLE) == methods.of(urlpatterns)


def test_every_address_for_everyone(
    world: World,
    postless: None,
    as_: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    sealed: Sealed,
) -> None:
    """What was sealed goes to nobody's phone by itself, and of a case nothing to others' phones."""
    # Of the auditor's second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    who = {"contact_name": "张三", "contact_phone": "13800001111"}
    case = world.dispatched(text=TOLD, address=STOOD, **who)
    with_care(world)
    hidden, of_case = sealed.hidden(but=SHOWN_ANYHOW), Looked([case.number, TOLD, STOOD])
    assert {"张三", "13800001111", "13822223333", "高血压，每天服药"} <= {*hidden.forms.values()}
    strange = "00000000-0000-4000-8000-000000000000"
    arguments = {
        "field_case": [case.number],
        "field_act": [case.number, "sign_for"],
        "field_patrol_place": [strange],
        "field_patrol_code": ["ABCDEFGH"],
        "field_patrol_step": [strange, "visit"],
        "field_care_person": [strange],
        "field_care_step": [strange, "visit"],
        "field_duty": ["on"],
        **{name: [strange] for name in ("field_survey", "field_survey_new")},
        **{name: [strange, strange] for name in ("field_survey_target", "field_survey_entry")},
        "field_survey_step": [strange, "entry"],
        "field_assignment": [strange],
        "field_assigned_step": [strange, "done"],
    }
    wrong, shown, of_worker, app = [], [], set(), set()
    for person in (*PEOPLE, *LIKE):
        client = Client() if person == "nobody" else as_(person)
        for (name, method), row in TABLE.items():
            expected = row[LIKE.get(person, person)]
            url = reverse(name, args=arguments.get(name, []))
            answer = client.get(url) if method == "GET" else client.post(url, {"text": "垃圾"})
            if answer.status_code != expected:
                wrong.append((person, method, name, answer.status_code, expected))
            found, about = hidden.found(answer), of_case.found(answer)
            if person in (*INSIDE, *SEE):
                of_worker.update(about)
            else:
                found += [each for each in about if each not in url]
            shown += [(person, method, name, each) for each in found]
            if row is TABLE["field", "GET"] and name not in ("field_worker", "field_manifest"):
                app.add(answer.content)
    assert not wrong
    assert not shown
    assert {TOLD, STOOD} <= of_worker
    # One page for all, whoever asks for whichever case: nothing personal can stay in its cache.
    assert len(app) == 1
    assert case.number.encode() not in app.pop()
