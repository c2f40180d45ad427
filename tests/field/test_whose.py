"""What waits on a phone that several share is taken from whoever wrote it, and from nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from huying.cases.models import Case
from tests.desk.world import World


def sent(client: Client, by: str, path: str = "/api/v1/cases", **body: Any) -> tuple[int, str]:
    answer = client.post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": "k" * 20, "X-Written-By": by},
    )
    return answer.status_code, json.loads(answer.content or b"{}").get("code", "")


def test_a_report_of_somebody_else_is_not_taken(world: World, as_: Callable[..., Client]) -> None:
    handler, worker = world.posts["handler"], world.posts["worker"]
    whose = f"{handler.account_id}/{handler.pk}"
    assert sent(as_("worker"), whose, text="路灯不亮") == (409, "another_account")
    assert not Case.objects.exists()
    # On another post of one's own it waits, too, as it does on the phone.
    own = f"{worker.account_id}/{handler.pk}"
    assert sent(as_("worker"), own, text="路灯不亮") == (409, "another_account")
    # Under the same key, as nothing was kept.
    assert sent(as_("handler"), whose, text="路灯不亮")[0] == 201
    assert Case.objects.get().events.get(seq=1).actor_id == handler.account_id


def test_nor_are_positions(world: World, as_: Callable[..., Client]) -> None:
    handler, worker = world.posts["handler"], world.posts["worker"]
    track: dict[str, Any] = {"path": "/field/track", "points": []}
    assert sent(as_("worker"), f"{handler.account_id}/{handler.pk}", **track)[0] == 409
    assert sent(as_("worker"), f"{worker.account_id}/{worker.pk}", **track)[0] != 409
