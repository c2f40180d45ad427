"""Screens that show the wall without anybody signed in: made, listed, revoked.

The secret is printed once, when it is made; only its digest is kept. It shows the wall of its area
and opens nothing else. On the screen it is typed in at /wall/enter, or the link is opened.
"""

from __future__ import annotations

import argparse
from typing import Any

HELP = "make, list and revoke the screens that may show the wall"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("make", help="make a screen; its secret is printed once")
    make.add_argument("name", help="where it stands, for whoever keeps the list")
    make.add_argument("--area", required=True, help="code of the district, town or community")
    make.add_argument("--days", type=int, default=365, help="how long its secret is good (365)")
    verbs.add_parser("list", help="list screens; never their secrets")
    revoke = verbs.add_parser("revoke", help="take a screen's secret back now")
    revoke.add_argument("id", type=int, help="the screen's id, from the list")


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.people.acting import SYSTEM
    from huying.wall import screens
    from huying.wall.models import WallScreen

    now = timezone.now()
    match options.verb:
        case "make":
            screen, secret = screens.make(
                options.name, area_code=options.area, days=options.days, by=SYSTEM, now=now
            )
            return {"ok": True, **_told(screen), "secret": secret, "path": f"/wall/enter#{secret}"}
        case "revoke":
            return {"ok": True, **_told(screens.revoke(options.id, by=SYSTEM, now=now))}
        case _:
            return {"ok": True, "screens": [_told(each) for each in WallScreen.objects.all()]}


def _told(screen: Any) -> dict[str, Any]:
    return {
        "id": screen.pk,
        "name": screen.name,
        "area": screen.area_code,
        "begins_with": screen.hint,
        "expires_at": screen.expires_at.isoformat(timespec="seconds"),
        "revoked_at": screen.revoked_at and screen.revoked_at.isoformat(timespec="seconds"),
        "seen_on": screen.seen_on and screen.seen_on.isoformat(),
    }


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "screens" in result:
        return "\n".join(map(_line, result["screens"])) or "There are no screens."
    lines = [_line(result)]
    if "secret" in result:
        lines += ["The secret, shown this once:", result["secret"]]
        lines += ["Or open on the screen, after the address of the server:", result["path"]]
    return "\n".join(lines)


def _line(screen: dict[str, Any]) -> str:
    until = screen["revoked_at"] and f"revoked {screen['revoked_at']}"
    until = until or f"until {screen['expires_at']}"
    return (
        f"{screen['id']:>4}  {screen['begins_with']}…  {screen['name']}  {screen['area']}  {until}"
    )
