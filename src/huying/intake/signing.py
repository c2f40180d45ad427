"""Messages that come signed: from whom, when, and never twice.

The scheme is that of our own webhooks (Standard Webhooks): HMAC-SHA256 under the shared secret over
``id.timestamp.body``. The id is the nonce: new for each transmission, also of the same message.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import NotSignedIn
from huying.intake.models import Source, UsedNonce
from huying.notices.signing import held, signature

SKEW_S: Final = 300
"""How far the sender's clock may be from ours, either way."""

KEPT: Final = timedelta(seconds=2 * SKEW_S + 60)
"""A nonce is forgotten when its message would be too old anyway."""

_NONCE: Final = re.compile(r"[\x21-\x7e]{8,80}")


class BadSignature(NotSignedIn):
    code = "bad_signature"
    sentence = _("The signature is missing or wrong.")


class WrongTime(NotSignedIn):
    code = "wrong_time"
    sentence = _("The message's timestamp is more than five minutes from our time.")


class Replayed(NotSignedIn):
    code = "replayed"
    sentence = _("This transmission came before; sign it anew under a new id to send it again.")


def verified(
    code: str, kind: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Source:
    """The source that a message is from; its nonce is used up by this.

    Raises:
        BadSignature: unknown or resting, of another kind, or not signed with its secret.
        WrongTime: too old, or from the future.
        Replayed: this very transmission came before.
    """
    nonce, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _NONCE.fullmatch(nonce) or not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise BadSignature
    source = Source.objects.filter(code=code, kind=kind, active=True).first()
    if source is None:
        raise BadSignature
    right = [signature(each, nonce, int(stamp), body).encode() for each in held(source, now)]
    given = headers.get("webhook-signature", "").encode(errors="replace").split()
    if not any(hmac.compare_digest(one, each) for one in right for each in given):
        raise BadSignature
    if abs(int(stamp) - now.timestamp()) > SKEW_S:
        raise WrongTime
    try:
        with transaction.atomic():
            UsedNonce.objects.create(source=source, nonce=nonce, used_at=now)
    except IntegrityError:
        raise Replayed from None
    return source


def forget_nonces(*, now: datetime) -> int:
    """Deletes those whose messages nobody would believe any more; how many."""
    return UsedNonce.objects.filter(used_at__lt=now - KEPT).delete()[0]
