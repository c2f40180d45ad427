"""Where people are reached outside: encrypted, shown masked, in clear for the sender alone."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huying.audit.crypto import decrypt_text, encrypt_text
from huying.errors import BadInput
from huying.notices.models import Channel, NoticeAddress
from huying.people.models import Account

FORMS = {
    Channel.WECOM: re.compile(r"[A-Za-z0-9_@.-]{1,64}"),
    Channel.SMS: re.compile(r"\+?\d{5,20}"),
    Channel.APPRISE: re.compile(r"[A-Za-z0-9_@.+-]{3,100}"),
}


def channels() -> list[Channel]:
    """The channels that this installation has."""
    chosen = settings.HUYING
    has = {
        Channel.WECOM: chosen.wecom_corp_id and chosen.wecom_secret,
        Channel.SMS: chosen.sms_url,
        Channel.APPRISE: chosen.apprise_url,
    }
    return [channel for channel in Channel if has[channel]]


def masked(value: str) -> str:
    """13800001111 → 138****1111; anything shorter shows its first letter and its last."""
    if len(value) >= 11 and value.lstrip("+").isdigit():
        return f"{value[:-8]}****{value[-4:]}"
    name, at, host = value.partition("@")
    hidden = f"{name[:1]}***{name[-1:]}" if len(name) > 2 else "***"
    return (hidden + at + host)[:40]


def put(account: Account, channel: Channel, value: str, *, now: datetime) -> None:
    """Keeps the address; an empty one takes it away.

    Raises:
        BadInput: this is no address of the channel.
    """
    value = re.sub(r"[\s()（）]", "", value)
    known = NoticeAddress.objects.filter(account=account, channel=channel)
    if not value:
        known.delete()
        return
    if not FORMS[channel].fullmatch(value):
        raise BadInput(_("This is no address of this channel."), field=f"address-{channel}")
    row = known.first() or NoticeAddress(account=account, channel=channel)
    row.value_enc = encrypt_text(value, context=_context(row))
    row.masked, row.changed_at = masked(value), now
    row.save()


def clear(row: NoticeAddress) -> str:
    """The address itself, for whoever sends."""
    return decrypt_text(row.value_enc, context=_context(row))


def _context(row: NoticeAddress) -> str:
    return f"notice_address.value_enc.{row.pk}"
