"""The gateways: WeCom's application messages, SMS over HTTP, and whatever Apprise knows."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings

from huying.notices.models import Channel
from huying.notices.posting import Answer, Unreachable, post

OVERLOADED = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try.

    Attributes:
        again: whether another try may help.
        down: whether the whole target is out of order, and not this message alone.
        wait: seconds that the target asks for.
    """

    sent: bool
    trouble: str = ""
    again: bool = True
    down: bool = False
    wait: int | None = None


SENT = Outcome(True)


def by_status(answer: Answer) -> Outcome | None:
    """None for 200 to 299; else what follows from the status."""
    if 200 <= answer.status < 300:
        return None
    busy = answer.status in OVERLOADED or answer.status >= 500
    return Outcome(False, f"HTTP {answer.status}", again=busy, down=busy, wait=answer.retry_after)


def send(channel: str, address: str, text: str, message: UUID, now: datetime) -> Outcome:
    """One try; never raises for what a gateway may do."""
    try:
        match channel:
            case Channel.WECOM:
                return _wecom(address, text, now)
            case Channel.SMS:
                return _sms(address, text, message)
            case _:
                return _apprise(address, text)
    except Unreachable as trouble:
        return Outcome(False, str(trouble), down=True)


# --- WeCom: a token for the application, then the message

_EXPIRED = frozenset({40014, 42001, 42007, 42009})
_BUSY = frozenset({-1, 45009, 45033})

_lock = threading.Lock()
_tokens: dict[tuple[str, str, str], tuple[str, datetime]] = {}
"""By installation. WeCom gives every process the same one while it holds."""


def forget_tokens() -> None:
    """Ask for a new one at the next message."""
    _tokens.clear()


def _token(now: datetime, *, renew: bool = False) -> str | Outcome:
    chosen = settings.HUYING
    whose = (chosen.wecom_url, chosen.wecom_corp_id, chosen.wecom_secret)
    with _lock:
        held, until = _tokens.get(whose, ("", now))
        if held and until > now and not renew:
            return held
        query = urlencode({"corpid": chosen.wecom_corp_id, "corpsecret": chosen.wecom_secret})
        answer = post(
            f"{chosen.wecom_url}/cgi-bin/gettoken?{query}",
            b"",
            {},
            timeout=chosen.outside_timeout_seconds,
            method="GET",
        )
        if (bad := by_status(answer)) is not None:
            return bad
        told = _json(answer)
        if told.get("errcode", 0) != 0 or not told.get("access_token"):
            return Outcome(False, f"WeCom gettoken {told.get('errcode')}", down=True)
        # Five minutes early: clocks differ, and a message takes its time.
        lasts = max(60, int(told.get("expires_in", 7200)) - 300)
        _tokens[whose] = (str(told["access_token"]), now + timedelta(seconds=lasts))
        return _tokens[whose][0]


def _wecom(member: str, text: str, now: datetime) -> Outcome:
    chosen = settings.HUYING
    body = {
        "touser": member,
        "msgtype": "text",
        "agentid": chosen.wecom_agent_id,
        "text": {"content": text},
        # The same words to the same member within half an hour are a try that came twice.
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }
    told: dict[str, Any] = {}
    for renew in (False, True):
        token = _token(now, renew=renew)
        if isinstance(token, Outcome):
            return token
        answer = post(
            f"{chosen.wecom_url}/cgi-bin/message/send?access_token={quote(token)}",
            json.dumps(body, ensure_ascii=False).encode(),
            {"Content-Type": "application/json"},
            timeout=chosen.outside_timeout_seconds,
        )
        if (bad := by_status(answer)) is not None:
            return bad
        told = _json(answer)
        if told.get("errcode") not in _EXPIRED:
            break
    code = told.get("errcode")
    if code == 0:
        unknown = str(told.get("invaliduser") or "")
        return Outcome(False, "WeCom: no such member", again=False) if unknown else SENT
    return Outcome(False, f"WeCom {code}", again=code in _BUSY, down=code in _BUSY)


# --- SMS: a request as the gateway wants it


def _sms(phone: str, text: str, message: UUID) -> Outcome:
    chosen = settings.HUYING
    headers = json.loads(chosen.sms_headers)
    as_json = "json" in {k.lower(): v for k, v in headers.items()}.get("content-type", "")
    body = chosen.sms_body
    for name, value in (("phone", phone), ("text", text), ("id", str(message))):
        filled = json.dumps(value, ensure_ascii=False)[1:-1] if as_json else quote(value)
        body = body.replace(f"{{{name}}}", filled)
    answer = post(chosen.sms_url, body.encode(), headers, timeout=chosen.outside_timeout_seconds)
    if (bad := by_status(answer)) is not None:
        return bad
    if not chosen.sms_success:
        return SENT
    path, _equals, wanted = chosen.sms_success.partition("=")
    found: Any = _json(answer)
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    said = json.dumps(found) if isinstance(found, bool) else str(found)
    # What the gateway says in words may quote the phone: only that it refused is kept.
    return SENT if said == wanted else Outcome(False, "SMS gateway: refused")


def _json(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


# --- Apprise


def _apprise(address: str, text: str) -> Outcome:
    import apprise  # heavy, and only where somebody is reached this way

    chosen = settings.HUYING
    url = chosen.apprise_url.replace("{address}", quote(address, safe="@"))
    seconds = chosen.outside_timeout_seconds
    url += f"{'&' if '?' in url else '?'}cto={seconds}&rto={seconds}"
    sender = apprise.Apprise()
    if not sender.add(url):
        return Outcome(False, "Apprise: not a service it knows", again=False)
    taken = sender.notify(body=text, title="呼应")
    return SENT if taken else Outcome(False, "Apprise: not taken", down=True)
