"""Binding the secrets of second factors to whose they are.

The sign-in library gives its adapter a secret and does not say of which row. So its few methods
that seal or open one are entered with the row named; elsewhere nothing is sealed or opened at all.
An account has one row of a type, which the database sees to.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, NamedTuple

from huying.audit.crypto import CryptoError, decrypt_text, encrypt_text
from huying.audit.keys import KeyFileError

log = logging.getLogger(__name__)


class _Row(NamedTuple):
    kind: str
    account_id: int


_ROW: Final[ContextVar[_Row | None]] = ContextVar("factor", default=None)

SEALING: Final = {
    "totp": ("validate_code",),
    "recovery_codes": (
        "generate_codes",
        "get_unused_codes",
        "validate_code",
    ),
}
"""Methods of the library's classes, besides ``activate``, in which a secret is opened."""


@contextmanager
def row_of(kind: str, account_id: int) -> Iterator[None]:
    """Within it, secrets are sealed and opened for this account's row of this type alone."""
    token = _ROW.set(_Row(str(kind), account_id))
    try:
        yield
    finally:
        _ROW.reset(token)


def _context() -> str:
    row = _ROW.get()
    if row is None:
        raise CryptoError("a second factor is sealed or opened, and nobody says whose")
    return f"mfa_authenticator.data.{row.kind}.{row.account_id}"


def seal(text: str) -> str:
    """``text`` as the row named keeps it."""
    return base64.b64encode(encrypt_text(text, context=_context())).decode()


def opened(sealed: str) -> str:
    """What `seal` was given for the row named. Raises `CryptoError` for another's."""
    return decrypt_text(base64.b64decode(sealed), context=_context())


def install() -> None:
    """Names the row around the library's methods; once, when the program starts."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    for kind, owner in (("totp", TOTP), ("recovery_codes", RecoveryCodes)):
        if getattr(owner.activate, "_names_its_row", False):
            continue
        owner.activate = classmethod(_activating(kind, owner.activate.__func__))
        for name in SEALING[kind]:
            setattr(owner, name, _opening(kind, getattr(owner, name)))


def _activating(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def bound(cls: type, user: Any, *args: Any, **kwargs: Any) -> Any:
        with row_of(kind, user.pk):
            return method(cls, user, *args, **kwargs)

    bound._names_its_row = True  # type: ignore[attr-defined]
    return bound


def _opening(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def bound(self: Any, *args: Any, **kwargs: Any) -> Any:
        with row_of(kind, self.instance.user_id):
            try:
                return method(self, *args, **kwargs)
            except (CryptoError, KeyFileError):
                if method.__name__ != "validate_code":
                    raise
                # A row that was tampered with lets nobody in; that is no fault of who signs in.
                log.exception("the %s of account %s cannot be read", kind, self.instance.user_id)
                return False

    return bound
