"""Everything that can go wrong in the domain, and how each tells itself.

A class's ``sentence`` is what a person reads (an English msgid, translated); ``status`` is what
HTTP says; ``code`` is what a program reads. This is the one table that maps one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

Words = str | Promise


class HuyingError(Exception):
    """Something the domain refuses.

    Attributes:
        field: the input at fault, if one is.
        detail: a sentence that says more, already translatable; defaults to ``sentence``.
        extra: facts a program may use (never personal data).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    sentence: ClassVar[Words] = _("This could not be done.")

    def __init__(
        self, detail: Words | None = None, *, field: str | None = None, **extra: Any
    ) -> None:
        self.detail: Words = self.sentence if detail is None else detail
        self.field = field
        self.extra: Mapping[str, Any] = extra
        super().__init__(detail)

    def __str__(self) -> str:
        return str(self.detail)

    def problem(self) -> dict[str, Any]:
        """The error as RFC 9457 problem details, with a Chinese and an English sentence."""
        with override("zh-hans"):
            chinese = str(self.detail)
        with override("en"):
            english = str(self.detail)
            title = str(self.sentence)
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "code": self.code,
            "detail": english,
            "detail_zh": chinese,
        }
        if self.field is not None:
            body["field"] = self.field
        if self.extra:
            body["extra"] = dict(self.extra)
        return body


class BadInput(HuyingError):
    code = "bad_input"
    status = 422
    sentence = _("Something in what was sent is not right.")


class NotFound(HuyingError):
    code = "not_found"
    status = 404
    sentence = _("There is no such thing, or it is not yours to see.")


class NotSignedIn(HuyingError):
    code = "not_signed_in"
    status = 401
    sentence = _("Please sign in first.")


class AnotherAccount(HuyingError):
    """What somebody wrote comes while somebody else is signed in."""

    code = "another_account"
    status = 409
    sentence = _("Somebody else is signed in here now. Nothing was kept of what was sent.")


class NotAllowed(HuyingError):
    code = "not_allowed"
    status = 403
    sentence = _("Your present post may not do this.")


class WrongState(HuyingError):
    code = "wrong_state"
    status = 409
    sentence = _("The case is in a state that does not allow this.")


class StalePage(HuyingError):
    """Someone acted meanwhile. ``extra['since']`` lists what: verb, at, by (a display name)."""

    code = "stale"
    status = 409
    sentence = _("Someone else acted on this case in the meantime.")


class Missing(HuyingError):
    """Something the verb needs was not given: a reason, a unit, evidence."""

    code = "missing"
    status = 422
    sentence = _("Something that is needed is missing.")


class KeyReused(HuyingError):
    code = "idempotency_key_reused"
    status = 409
    sentence = _("This idempotency key was used before with other content.")


class TooMany(HuyingError):
    code = "too_many"
    status = 429
    sentence = _("Too many requests; please wait a little.")


class TooLarge(HuyingError):
    code = "too_large"
    status = 413
    sentence = _("This is larger than what is accepted.")


class OnHold(HuyingError):
    code = "on_hold"
    status = 409
    sentence = _("Something still holds this case open.")
