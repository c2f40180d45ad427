"""Schemathesis against the interface's own description, in this process.

What comes out is what is described, whatever is sent in: every status, header and body; and what
does not fit the description is refused.
"""

from __future__ import annotations

from typing import Any

import pytest

EXAMPLES = 3
REFUSALS = ["2xx", "401", "403", "404", "409", "422"]
"""What a well-formed request may get: its form is right, and yet there may be no such case."""


def _application(environ: Any, start_response: Any) -> Any:
    """The server's own entry, without the end of the connection that holds the test's changes."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from huying.wsgi import application

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    return application(environ, start_response)


@pytest.fixture
def long_words_stay_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis writes the longest length into the pattern, and `.{0,20000}` is an automaton of
    fifty megabytes each time that it is compiled. As two conditions they say the same."""
    from schemathesis.core.jsonschema.patterns import update_quantifier
    from schemathesis.generation.jsonschema import strategy
    from schemathesis.specs.openapi import converter

    def short_only(pattern: str, least: int | None, most: int | None) -> str:
        return update_quantifier(pattern, least, most) if (most or 0) < 1000 else pattern

    for module in (strategy, converter):
        monkeypatch.setattr(module, "update_quantifier", short_only)


@pytest.fixture
def schema(db: None, long_words_stay_patterns: None) -> Any:
    import schemathesis

    checks = {"positive_data_acceptance": {"expected-statuses": REFUSALS}}
    config = schemathesis.Config.from_dict({"checks": checks})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", _application, config=config)


@pytest.mark.slow
def test_the_interface_keeps_to_its_description(schema: Any, caller: Any, grid: str) -> None:
    api = caller("dispatcher", "440113")
    number = api.report(area=grid, item="0211").json()["number"]
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        tried += 1
        _try(operation, "positive", number, api.headers)
        # Where nothing is asked for but what an address names, there is nothing to be wrong, and
        # hypothesis would look for it five hundred times.
        if operation.query or operation.body:
            _try(operation, "negative", number, api.headers)
    assert tried > 40


def _try(operation: Any, mode: str, number: str, headers: dict[str, str]) -> None:
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import GenerationMode
    from schemathesis.checks import negative_data_rejection

    # A batch with a wrong report is no wrong batch: that report gets its own answer.
    excluded = [negative_data_rejection] if operation.path.endswith("/batch") else []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode), headers=headers))
    def try_it(case: Any) -> None:
        if mode == "positive" and "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = number
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try_it()
