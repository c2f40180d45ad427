"""Everything that goes wrong, as problem+json (RFC 9457): a code, a sentence in two languages.

A domain error tells itself (`huying.errors`); here stands what can go wrong at the door alone, and
how what the framework and the parser raise is put into the same form.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as ParameterError
from pydantic import ValidationError
from pydantic_core import to_json

from huying.errors import (
    BadInput,
    HuyingError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    Words,
)
from huying.logs import discreet
from huying.outages import outage

log = logging.getLogger("huying.api")

PROBLEM_JSON = "application/problem+json"


class NoSuchPath(NotFound):
    code = "no_such_path"
    sentence = _("There is nothing at this address.")


class MethodNotAllowed(HuyingError):
    code = "method_not_allowed"
    status = 405
    sentence = _("This address does not take this method.")


class Malformed(HuyingError):
    code = "malformed"
    status = 400
    sentence = _("The request could not be read; a JSON object is expected.")


class KeyNeeded(HuyingError):
    code = "idempotency_key_missing"
    status = 400
    sentence = _("A write needs an idempotency key of 1 to 80 visible ASCII characters.")


class BadToken(NotSignedIn):
    code = "bad_token"
    sentence = _("The token is not valid.")


class ExpiredToken(NotSignedIn):
    code = "expired_token"
    sentence = _("The token has expired.")


class ScopeNeeded(NotAllowed):
    """``extra['scopes']`` names the scopes of which one would do."""

    code = "scope_needed"
    sentence = _("The token does not have the scope that this needs.")


class CsrfFailed(NotAllowed):
    code = "csrf_failed"
    sentence = _("The page's security token is missing or wrong; please load the page again.")


class Broken(HuyingError):
    code = "internal"
    status = 500
    sentence = _("Something went wrong on our side; it has been noted.")


class Invalid(BadInput):
    """One or several inputs are not of the right form; ``faults`` has one entry for each."""

    code = "invalid"

    def __init__(self, faults: list[tuple[str, Words]]) -> None:
        self.faults = faults
        field, words = faults[0] if faults else (None, self.sentence)
        super().__init__(words, field=field)

    def problem(self) -> dict[str, Any]:
        body = super().problem()
        with override("zh-hans"):
            chinese = [str(words) for _field, words in self.faults]
        with override("en"):
            english = [str(words) for _field, words in self.faults]
        body["errors"] = [
            {"field": field, "detail": detail, "detail_zh": detail_zh}
            for (field, _words), detail, detail_zh in zip(
                self.faults, english, chinese, strict=True
            )
        ]
        return body


_SAID: dict[str, Words] = {
    "missing": _("This is needed."),
    "extra_forbidden": _("There is no such input."),
    "string_type": _("This must be text."),
    "string_unicode": _("This text holds characters that cannot be kept."),
    "string_pattern_mismatch": _("This does not have the expected form."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "float_type": _("This must be a number."),
    "float_parsing": _("This must be a number."),
    "finite_number": _("This must be a number."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "datetime_type": _("This must be a time such as 2026-03-05T09:30:00+08:00."),
    "datetime_parsing": _("This must be a time such as 2026-03-05T09:30:00+08:00."),
    "datetime_from_date_parsing": _("This must be a time such as 2026-03-05T09:30:00+08:00."),
    "timezone_aware": _("This time needs its offset, such as +08:00."),
    "uuid_type": _("This must be an id (a UUID)."),
    "uuid_parsing": _("This must be an id (a UUID)."),
    "list_type": _("This must be a list."),
    "model_type": _("This must be an object."),
    "model_attributes_type": _("This must be an object."),
    "dict_type": _("This must be an object."),
}
_NOT_RIGHT = _("This is not right.")


def _said(error: Mapping[str, Any]) -> Words:
    """A parser's error as a sentence; the value that was sent is never in it."""
    context = error.get("ctx", {})
    kind = str(error["type"])
    if kind in ("enum", "literal_error"):
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return format_lazy(_("This must be one of: {expected}."), expected=expected)
    most, least = context.get("max_length"), context.get("min_length")
    if kind == "string_too_long":
        return format_lazy(_("This may have {most} characters at most."), most=most)
    if kind == "too_long":
        return format_lazy(_("This may have {most} entries at most."), most=most)
    if kind == "string_too_short":
        return format_lazy(_("This must have {least} characters at least."), least=least)
    if kind in ("greater_than_equal", "greater_than"):
        least = context.get("ge", context.get("gt"))
        return format_lazy(_("This must not be below {least}."), least=least)
    if kind in ("less_than_equal", "less_than"):
        most = context.get("le", context.get("lt"))
        return format_lazy(_("This must not be above {most}."), most=most)
    return _SAID.get(kind, _NOT_RIGHT)


_SOURCES = frozenset({"body", "query", "path", "header", "form", "file"})


def invalid(errors: Iterable[Mapping[str, Any]], *, wrapped: bool = False) -> HuyingError:
    """Parser errors as one. ``wrapped``: each place begins with its source and argument."""
    faults = []
    for error in errors:
        place = list(error["loc"])
        if error["type"] == "json_invalid":
            return Malformed()
        if wrapped and place and place[0] in _SOURCES:
            # ("body", "body", "lon") names the argument of our own function in its second part.
            place = place[2:] if place[0] == "body" or place[1:2] == ["filters"] else place[1:]
        faults.append((".".join(str(part) for part in place), _said(error)))
    return Invalid(faults)


def translated(error: Exception | type[Exception]) -> HuyingError:
    """Any exception as a domain error. What is not known becomes `Broken`, and is logged."""
    match error:
        case HuyingError():
            return error
        case ParameterError():
            return invalid(error.errors, wrapped=True)
        case ValidationError():
            return invalid(error.errors(include_url=False, include_input=False))
        case Http404():
            return NotFound()
        case AuthenticationError():
            return NotSignedIn()
        case RequestDataTooBig():
            return TooLarge()
        case (
            HttpError(status_code=400)
            | MultiPartParserError()
            | SuspiciousOperation()
            | UnreadablePostError()
        ):
            return Malformed()
    if (passing := outage(error)) is not None:
        log.warning("%s: %s", passing.code, discreet(error) if isinstance(error, Exception) else "")
        return passing
    # Only the kind of the error and where it was: a database's message may quote a row.
    frames = "".join(traceback.format_tb(getattr(error, "__traceback__", None)))
    log.error("unexpected %s\n%s", type(error).__name__, frames)
    return Broken()


def plain(error: HuyingError) -> dict[str, Any]:
    """The error as plain values; every part of the form is there."""
    return {"field": None, "extra": None, "errors": None} | error.problem()


def answer(error: HuyingError) -> HttpResponse:
    """The error as a response."""
    response = HttpResponse(
        to_json(plain(error), fallback=str), status=error.status, content_type=PROBLEM_JSON
    )
    response["Cache-Control"] = "no-store"
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="huying"'
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def respond(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """An exception handler: whatever was raised, told as a problem."""
    return answer(translated(error))


View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """A view whose every refusal is a problem, also the framework's own 405 and surprises."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:
            return respond(request, error)
        if response.status_code == 405 and response.get("Content-Type") != PROBLEM_JSON:
            problem = answer(MethodNotAllowed())
            problem["Allow"] = response.get("Allow", "")
            return problem
        return response

    wrapper.csrf_exempt = getattr(view, "csrf_exempt", False)  # type: ignore[attr-defined]
    return wrapper


def no_such_path(request: HttpRequest, path: str = "") -> HttpResponse:
    """Whatever lies under /api and is no address of it."""
    return answer(NoSuchPath())
