"""Tokens by which connected systems use the interface: made, listed, rotated, revoked.

The secret is printed once, when it is made. Only its digest is kept, so a lost one is replaced
by a new one. Rotating makes a new secret with the same rights; the old one works for a day more,
or for as long as --grace-hours says, so that the other side has time to change it.
"""

from __future__ import annotations

import argparse
from typing import Any

from huying.cli import CommandError

HELP = "make, list, rotate and revoke tokens of connected systems"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="make a token; its secret is printed once")
    create.add_argument("name", help="the connected system's name; made if it is new")
    create.add_argument("--role", default="dispatcher", help="what it acts as (dispatcher)")
    create.add_argument("--area", default="", help="code of the place it acts in, 6 to 15 digits")
    create.add_argument(
        "--unit", default="", help="code of the unit it acts for; handlers need one"
    )
    create.add_argument(
        "--scopes",
        default="read,report,attach,locate",
        help="of read, report, verbs, attach, locate, separated by commas (all but verbs)",
    )
    create.add_argument("--days", type=int, default=365, help="how long it lives (365)")
    verbs.add_parser("list", help="list tokens; never their secrets")
    rotate = verbs.add_parser("rotate", help="replace a token by a new one, printed once")
    which = rotate.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", help="the connected system's name")
    which.add_argument("--id", type=int, help="the token's id, where a system has several")
    rotate.add_argument(
        "--grace-hours", type=int, default=24, help="how long the old one still works (24; 0: not)"
    )
    rotate.add_argument("--days", type=int, help="how long the new one lives (as the old one)")
    revoke = verbs.add_parser("revoke", help="end a token now")
    revoke.add_argument("id", type=int, help="the token's id, from the list")


def run(options: argparse.Namespace) -> dict[str, Any]:
    if options.verb == "create":
        return _create(options)
    if options.verb == "rotate":
        return _rotate(options)
    if options.verb == "revoke":
        return _revoke(options)
    return _list()


def _create(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from huying.api import tokens
    from huying.api.models import Integration
    from huying.people.acting import SYSTEM
    from huying.people.models import Unit
    from huying.places.models import Division

    now = timezone.now()
    unit = None
    if options.unit:
        unit = Unit.objects.filter(code=options.unit, active=True).first()
        if unit is None:
            raise CommandError(f"There is no unit with the code {options.unit}.")
    area = options.area
    if not area and unit is None:
        area = Division.objects.filter(level="district").values_list("code", flat=True).first()
    scopes = [scope.strip() for scope in options.scopes.split(",") if scope.strip()]
    with transaction.atomic():
        known = set(Integration.objects.values_list("pk", flat=True))
        integration = tokens.connect(
            options.name, role=options.role, area_code=area or "", unit=unit, now=now
        )
        if integration.pk not in known:
            tokens.record("admin_add", integration, by=SYSTEM, now=now, fields=[])
        token, secret = tokens.issue(integration, scopes=scopes, days=options.days, now=now)
        tokens.record("issue_token", token, by=SYSTEM, now=now, fields=scopes)
    return {"ok": True, **_told(token), "token": secret}


def _list() -> dict[str, Any]:
    from huying.api.models import Token

    found = Token.objects.select_related("integration__unit").order_by("integration__name", "id")
    return {"ok": True, "tokens": [_told(token) for token in found]}


def _rotate(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.api import rotating
    from huying.people.acting import SYSTEM

    now = timezone.now()
    token_id = options.id
    if token_id is None:
        found = list(rotating.works(now).filter(integration__name=options.name).order_by("pk"))
        if not found:
            raise CommandError(f"{options.name} has no token that works: make one with create.")
        if len(found) > 1:
            ids = ", ".join(f"{token.pk} ({token.hint}…)" for token in found)
            raise CommandError(f"{options.name} has several tokens, choose one with --id: {ids}.")
        token_id = found[0].pk
    token, secret = rotating.rotate(
        token_id, grace_hours=options.grace_hours, days=options.days, by=SYSTEM, now=now
    )
    return {"ok": True, **_told(token), "token": secret, "replaces": _told(token.replaces)}


def _revoke(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from huying.api import tokens
    from huying.people.acting import SYSTEM

    now = timezone.now()
    with transaction.atomic():
        token = tokens.revoke(options.id, now=now)
        tokens.record("revoke_token", token, by=SYSTEM, now=now, fields=[])
    return {"ok": True, **_told(token)}


def _told(token: Any) -> dict[str, Any]:
    from django.utils import timezone

    from huying.api import rotating

    integration = token.integration
    return {
        "id": token.pk,
        "name": integration.name,
        "role": integration.role,
        "area": integration.area_code,
        "unit": integration.unit.code if integration.unit is not None else None,
        "scopes": list(token.scopes),
        "begins_with": token.hint,
        "state": rotating.standing(token, timezone.now()).value,
        "replaced_by": token.replaced_by_id,
        "expires_at": token.expires_at.isoformat(timespec="seconds"),
        "revoked_at": token.revoked_at and token.revoked_at.isoformat(timespec="seconds"),
        "used_on": token.used_on and token.used_on.isoformat(),
    }


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "tokens" in result:
        return "\n".join(_line(token) for token in result["tokens"]) or "There are no tokens."
    lines = [_line(result["replaces"])] if "replaces" in result else []
    lines.append(_line(result))
    if "token" in result:
        lines += ["The token, shown this once:", result["token"]]
    return "\n".join(lines)


_STATES = {
    "live": "until {expires_at}",
    "ending": "ends soon, at {expires_at}: rotate it",
    "replaced": "replaced by {replaced_by}, works until {expires_at}",
    "expired": "ended at {expires_at}",
    "revoked": "revoked {revoked_at}",
}


def _line(token: dict[str, Any]) -> str:
    state = _STATES[token["state"]].format(**token)
    if token["state"] in ("expired", "revoked") and token["replaced_by"] is not None:
        state += f", replaced by {token['replaced_by']}"
    scopes = ",".join(token["scopes"])
    return (
        f"{token['id']:>4}  {token['begins_with']}…  {token['name']}  {token['role']} "
        f"{token['area']} {token['unit'] or ''}  {scopes}  {state}"
    )
