"""Writes under an idempotency key: done once, answered the same however often they are sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from huying.api.doors import caller_of
from huying.api.problems import KeyNeeded
from huying.cases.idempotency import answer_to, digest_of, once
from huying.people.acting import Actor

__all__ = ["HEADER", "Done", "checked", "digest_of", "do_once", "done_before", "key_of", "respond"]

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class Done:
    """What a write answers. ``body`` holds no personal data: it is kept for 90 days."""

    status: int
    body: BaseModel
    replayed: bool = False


def key_of(request: HttpRequest) -> str:
    """The request's key.

    Raises:
        KeyNeeded: there is none, or it is of the wrong form.
    """
    return checked(request.META.get("HTTP_IDEMPOTENCY_KEY"))


def checked(key: object) -> str:
    """A key of the right form.

    Raises:
        KeyNeeded: it is not.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise KeyNeeded(field=HEADER)
    return key


def do_once(
    actor: Actor,
    verb: str,
    key: str,
    digest: bytes,
    now: datetime,
    answer: type[BaseModel],
    do: Callable[[], tuple[int, BaseModel, uuid.UUID | None]],
) -> Done:
    """Does a write under a key in one transaction, or gives the answer it got before.

    Raises:
        KeyReused: the key was used with another body.
        HuyingError: as ``do``; the key is free again then.
    """
    with once(caller_of(actor), verb, key, digest, now) as slot:
        if slot.replayed:
            return _again(slot.answer, answer)
        status, made, case_id = do()
        slot.answer = {"status": status, "body": made.model_dump(mode="json")}
        slot.case_id = case_id
    return Done(status, made)


def done_before(actor: Actor, verb: str, key: str, answer: type[BaseModel]) -> Done | None:
    """What a write under a key was answered; None where none was done. Does nothing."""
    found = answer_to(caller_of(actor), verb, key)
    return _again(found, answer) if found is not None else None


def _again(found: Any, answer: type[BaseModel]) -> Done:
    # Through the model again, so that the same answer is the same byte for byte.
    return Done(found["status"], answer.model_validate(found["body"]), replayed=True)


def respond(done: Done) -> HttpResponse:
    """The answer as a response; a repeated one says so."""
    response = HttpResponse(
        done.body.model_dump_json(), status=done.status, content_type="application/json"
    )
    if done.replayed:
        response["Idempotency-Replayed"] = "true"
    return response
