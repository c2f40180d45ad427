"""The own month on the phone: the score, why, and what can still be done."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from tests.desk.world import World


def test_a_worker_reads_why_their_score_is_what_it_is(
    world: World, as_: Callable[..., Client]
) -> None:
    missed = world.closed()  # a resident told of it, in the worker's grid
    waiting = world.held_by_town(world.reported(text="路口井盖破损。"))
    world.do(waiting, "ask_verify", "dispatcher", account=world.accounts["worker"].pk)
    told = as_("worker").get("/field/month/score").json()
    parts = {line["measure"]: line for line in told["lines"]}
    assert told["score"] == "0.00"
    assert parts["missed"]["low"]
    assert parts["missed"]["hint"]
    assert [case["number"] for case in parts["missed"]["cases"]] == [missed.number]
    assert parts["valid_reports"]["points"] == "—"  # no data, and neither 0 nor 100
    assert [case["number"] for case in told["to_do"]] == [waiting.number]
    # Of colleagues it says nothing.
    assert "邻格网格员" not in as_("worker").get("/field/month/score").content.decode()
    before = as_("worker").get("/field/month/score?before=1").json()
    assert before["score"] is None
    assert as_("handler").get("/field/month/score").status_code == 403
