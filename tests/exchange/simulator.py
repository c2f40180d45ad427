"""A hotline as bad as they come: it repeats, mixes up and loses what is said both ways."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.notices.stub import Stub


def sign(secret: str, nonce: str, stamp: int, body: bytes) -> str:
    """Written anew from docs/hotline.md, so that a fault of ours is not a fault of both."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{nonce}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, body: bytes, *, nonce: str = "", at: datetime | None = None) -> Any:
    nonce = nonce or uuid.uuid4().hex
    stamp = int((at or timezone.now()).timestamp())
    return {
        "webhook-id": nonce,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, nonce, stamp, body),
    }


class Hotline:
    """One hotline: what it has to say, until it has heard that each was taken."""

    def __init__(self, code: str, secret: str, seed: int = 0) -> None:
        self.code, self.secret, self.dice = code, secret, random.Random(seed)
        self.client = Client()

    def post(self, message: Any, **more: Any) -> Any:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.client.post(
            f"/exchange/hotline/{self.code}",
            body,
            content_type="application/json",
            headers=headers(self.secret, body, **more),
        )

    def get(self, path: str) -> Any:
        path = f"/exchange/hotline/{self.code}/{path}"
        return self.client.get(path, headers=headers(self.secret, path.encode()))

    def say_all(self, messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Says everything in any order until all is taken; the last answer to each message."""
        waiting, heard = list(messages), {}
        while waiting:
            message = self.dice.choice(waiting)
            fate = self.dice.random()
            if fate < 0.2:
                continue  # lost on the way
            answer = self.post(message)
            assert answer.status_code in (200, 409), answer.content
            if answer.status_code == 409:
                assert answer.json()["code"] == "order_unknown"
                continue
            before = heard.setdefault(message["id"], answer.json())
            assert before == answer.json()
            if fate > 0.5:  # else the answer was lost, or it is said once more for no reason
                waiting.remove(message)
        return heard


def applied(stub: Stub, secret: str) -> dict[str, list[str]]:
    """What a receiver made of all that arrived: each step of an order once, by its ``seq``."""
    steps: dict[str, dict[int, str]] = {}
    for _path, sent, body in stub.sent():
        right = sign(secret, sent["webhook-id"], int(sent["webhook-timestamp"]), body)
        assert right in sent["webhook-signature"].split()
        told = json.loads(body)["data"]
        known = steps.setdefault(told["order"], {})
        assert known.setdefault(told["seq"], told["what"]) == told["what"]
    return {order: [known[seq] for seq in sorted(known)] for order, known in steps.items()}
