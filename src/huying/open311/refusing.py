"""What this door says no with: the standard's codes, in the standard's form."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.errors import HuyingError, NotAllowed, NotFound, TooMany, Words

AS_THE_DOMAIN_SAYS = frozenset({403, 404, 409, 413, 429})
"""Codes that mean the same here; everything else that the domain refuses is a bad request."""


class Refused(Exception):
    """One request refused, with the code that is the answer's status too."""

    def __init__(self, code: int, description: Words) -> None:
        self.code, self.description = code, description
        super().__init__(description)

    def body(self) -> list[dict[str, Any]]:
        return [{"code": self.code, "description": str(self.description)}]


class KeyRefused(Refused):
    def __init__(self) -> None:
        super().__init__(403, _("The api_key is missing or not valid."))


class NotThere(Refused):
    def __init__(self, description: Words | None = None) -> None:
        super().__init__(404, description or _("There is nothing at this address."))


def refusal_of(error: HuyingError) -> Refused:
    """What the domain refuses, as the standard says it."""
    code = error.status if error.status in AS_THE_DOMAIN_SAYS else 400
    if isinstance(error, NotFound | NotAllowed | TooMany):
        return Refused(code, error.sentence)
    return Refused(code, error.detail)
