"""Each verb at its own address, with its own body: both are made from the registry of verbs.

A verb that is added to the flow table is here without a line of code; what the system alone does
is left out.
"""

import enum
import inspect
import types
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Union

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import override
from ninja import Router
from pydantic import BaseModel, Field, create_model

from huying.api.cases import checked_number
from huying.api.doors import actor_of, writes
from huying.api.keyed import digest_of, do_once, key_of, respond
from huying.api.reporting import receipt
from huying.api.schemas import AREA, WITHOUT_NUL, Number, Receipt, Taken, TimeIn
from huying.api.tokens import Scope
from huying.cases import flow
from huying.cases.verbs import Numbered
from huying.intake.verbs import VERBS, Verb

router = Router(tags=["verbs 操作"])

LARGEST_ID: Final = 2**53 - 1

_SCALARS: Final[Mapping[Any, Any]] = {
    str: Annotated[str, Field(max_length=20_000, pattern=WITHOUT_NUL)],
    int: Annotated[int, Field(strict=True, ge=0, le=LARGEST_ID)],
    float: Number,
    bool: Annotated[bool, Field(strict=True)],
    datetime: TimeIn,
}
_NAMED: Final[Mapping[str, Any]] = {
    "item": Annotated[str, Field(pattern=r"^[0-9]{4}$")],
    "to": Annotated[str, Field(pattern=AREA)],
    "area": Annotated[str, Field(pattern=AREA)],
    "datum": typing.Literal["wgs84", "cgcs2000", "gcj02", "bd09"],
}
"""Inputs whose form is narrower than their type says."""


class VerbBody(Taken):
    """What every verb takes besides its own inputs."""

    expect_seq: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] | None = Field(
        None, description="last_seq as the caller knows it; 409 `stale` if somebody acted since"
    )


def offered() -> list[Verb]:
    """The verbs that somebody outside may do, in the flow table's order."""
    return [
        VERBS[row.verb]
        for row in flow.TABLE
        if row.verb in VERBS and row.by_people and not row.page_only
    ]


def form_of(annotation: Any) -> Any:
    """A verb's own annotation, as strict as JSON allows."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        known = [each for each in inner if isinstance(each, type) and issubclass(each, enum.Enum)]
        # ``DeclineReason | str`` is for callers in Python; here the list says what there is.
        kept = [each for each in inner if not (known and each is str)]
        return Union[tuple(form_of(each) for each in kept)]  # noqa: UP007
    if origin in (list, Sequence):
        return Annotated[list[form_of(inner[0])], Field(max_length=50)]  # type: ignore[misc]
    return annotation


def body_of(verb: Verb) -> type[BaseModel]:
    """The model of a verb's body. What is not sent is left to the verb's own default."""
    fields: dict[str, Any] = {}
    for name, parameter in verb.inputs.items():
        form = _NAMED.get(name) or form_of(parameter.annotation)
        if parameter.default is inspect.Parameter.empty:
            fields[name] = (form, ...)
        else:
            # A factory, so that the description does not show a default that is our own matter.
            fields[name] = (form, Field(default_factory=lambda value=parameter.default: value))
    title = "".join(part.title() for part in verb.name.split("_"))
    return create_model(f"{title}Body", __base__=VerbBody, **fields)


def inputs_of(body: BaseModel) -> dict[str, Any]:
    """What was sent, as the verb takes it."""
    return {
        name: getattr(body, name)
        for name in type(body).model_fields
        if name in body.model_fields_set and name != "expect_seq"
    }


def view_of(verb: Verb, model: type[BaseModel]) -> Callable[..., HttpResponse]:
    """The view of one verb."""

    def view(request: HttpRequest, number: str, body: model) -> HttpResponse:  # type: ignore[valid-type]
        actor, key, now = actor_of(request), key_of(request), timezone.now()

        def do() -> tuple[int, BaseModel, uuid.UUID]:
            # Looked up only now: a verb may have taken the case out of the caller's sight, and
            # the same request sent again still gets its answer.
            case = Numbered(checked_number(number))
            expect_seq = body.expect_seq  # type: ignore[attr-defined]
            after = verb.within(case, by=actor, now=now, expect_seq=expect_seq, **inputs_of(body))
            return 200, receipt(after), after.pk

        digest = digest_of(number.encode(), body.model_dump_json(exclude_unset=True).encode())  # type: ignore[attr-defined]
        return respond(do_once(actor, verb.name, key, digest, now, Receipt, do))

    view.__name__ = f"do_{verb.name}"
    view.__doc__ = inspect.cleandoc(verb.do.__doc__ or "").split("\n\nRaises:")[0]
    return view


def register() -> None:
    """Puts every verb on offer at its address."""
    for verb in offered():
        with override("zh-hans"):
            chinese = str(verb.row.label)
        with override("en"):
            english = str(verb.row.label)
        router.post(
            f"/{{number}}/verbs/{verb.name}",
            response=Receipt,
            auth=writes(Scope.VERBS),
            summary=chinese if chinese == english else f"{chinese} {english}",
            operation_id=f"do_{verb.name}",
        )(view_of(verb, body_of(verb)))


register()

__all__ = ["body_of", "form_of", "inputs_of", "offered", "router"]
