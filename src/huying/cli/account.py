"""Accounts: make one, invite its holder, reset a password, link, list.

huying account create NAME --name 张三 --role dispatcher --area 440113120 [--from DATE] [--to DATE]
huying account create NAME --name 李四 --role handler --unit 440113120-cgzfd
huying account invite NAME      print a link, good once and for seven days
huying account reset NAME       take the password away, and print a link to set a new one
huying account end NAME|--all   sign an account, or everybody, out everywhere
huying account unlock NAME      after too many failed sign-ins
huying account link NAME ID     sign in through the outside provider as this account
huying account unlink NAME
huying account list [--role ROLE] [--area CODE]
"""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from huying.cli import CommandError

HELP = "accounts: create, invite, reset, unlock, end, link, unlink, list"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and what each takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    verb = verbs.add_parser("create", help="make an account with its first post, and invite")
    verb.add_argument("username", metavar="NAME")
    verb.add_argument("--name", required=True, help="the person's name")
    verb.add_argument("--role", required=True, help="as in `huying account list`")
    where = verb.add_mutually_exclusive_group(required=True)
    where.add_argument("--area", default="", metavar="CODE", help="division or grid code")
    where.add_argument("--unit", default="", metavar="CODE", help="unit code, for handlers")
    verb.add_argument("--duty", default="lead", choices=("lead", "second", "relief"))
    verb.add_argument("--from", dest="since", metavar="DATE", help="first day (default: today)")
    verb.add_argument("--to", dest="until", metavar="DATE", help="last day (default: none)")

    for name, words in (
        ("invite", "print a link by which the holder sets the first password"),
        ("reset", "take the password away, and print a link by which the holder sets a new one"),
        ("unlock", "let an account try again after too many failed sign-ins"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("username", metavar="NAME")

    verb = verbs.add_parser("end", help="sign an account, or everybody, out in every browser")
    whom = verb.add_mutually_exclusive_group(required=True)
    whom.add_argument("username", metavar="NAME", nargs="?")
    whom.add_argument("--all", action="store_true", help="everybody")

    verb = verbs.add_parser("link", help="link an account to an identity at the outside provider")
    verb.add_argument("username", metavar="NAME")
    verb.add_argument("identity", metavar="ID", help="the claim's value, as the provider writes it")
    verb = verbs.add_parser("unlink", help="let nobody from the outside provider be this account")
    verb.add_argument("username", metavar="NAME")

    verb = verbs.add_parser("list", help="accounts and the posts they hold today")
    verb.add_argument("--role", default="", help="only holders of this role")
    verb.add_argument("--area", default="", metavar="CODE", help="only posts in this area")
    verb.add_argument("--limit", type=int, default=200)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Do the verb."""
    verbs = {
        "create": _create,
        "invite": _invite,
        "reset": _reset,
        "unlock": _unlock,
        "end": _end,
        "link": _link_outside,
        "unlink": _link_outside,
        "list": _list,
    }
    return verbs[options.verb](options)


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "accounts" in result:
        lines = []
        for account in result["accounts"]:
            posts = ", ".join(f"{p['role']} {p['unit'] or p['area']}" for p in account["posts"])
            state = "" if account["usable"] else "  (not usable until invited)"
            lines.append(f"{account['username']:<24} {account['name']}  {posts}{state}")
        if result["more"]:
            lines.append(f"… and {result['more']} more")
        return "\n".join(lines)
    if "ended" in result:
        return f"{result['username'] or 'Everybody'}: signed out in {result['ended']} browsers"
    if "link" in result:
        return f"{result['username']}: {result['link']}\nGood once, until {result['until']}."
    return f"{result['username']}: done"


def _create(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from huying.people import accounts, granting
    from huying.people.acting import SYSTEM
    from huying.people.models import Post, Role, Unit

    try:
        role = Role(options.role.replace("-", "_"))
    except ValueError:
        known = ", ".join(Role.values)
        raise CommandError(f"There is no role {options.role!r}: {known}.") from None
    unit = None
    if options.unit:
        unit = Unit.objects.filter(code=options.unit).first()
        if unit is None:
            raise CommandError(f"There is no unit {options.unit!r}.")
    now = timezone.now()
    with transaction.atomic():
        account = accounts.create_account(options.username, options.name, by=SYSTEM, now=now)
        granting.grant_post(
            account,
            role,
            area_code=options.area,
            unit=unit,
            duty=Post.Duty(options.duty),
            starts_on=_day(options.since) or timezone.localdate(now),
            ends_on=_day(options.until),
            by=SYSTEM,
            now=now,
        )
    return _link(account)


def _invite(options: argparse.Namespace) -> dict[str, Any]:
    from huying.people import accounts

    return _link(accounts.find(options.username))


def _link(account: Any, *, anew: bool = False) -> dict[str, Any]:
    from django.urls import reverse
    from django.utils import timezone

    from huying.installation import config
    from huying.people import inviting
    from huying.people.acting import SYSTEM

    now = timezone.now()
    token = (inviting.reset if anew else inviting.invite)(account, by=SYSTEM, now=now)
    return {
        "ok": True,
        "username": account.username,
        "link": config.own_address + reverse("accept_invitation", args=[token]),
        "until": timezone.localtime(now + inviting.LASTS).isoformat(timespec="minutes"),
    }


def _reset(options: argparse.Namespace) -> dict[str, Any]:
    from huying.people import accounts

    return _link(accounts.find(options.username), anew=True)


def _end(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.people import accounts, browsers
    from huying.people.acting import SYSTEM

    account = None if options.all else accounts.find(options.username)
    ended = browsers.end_all(account, by=SYSTEM, now=timezone.now())
    return {"ok": True, "username": account.username if account else "", "ended": ended}


def _unlock(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.people import accounts
    from huying.people.acting import SYSTEM

    account = accounts.find(options.username)
    accounts.unlock(account, by=SYSTEM, now=timezone.now())
    return {"ok": True, "username": account.username}


def _link_outside(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.people import accounts
    from huying.people.acting import SYSTEM

    account = accounts.find(options.username)
    identity = getattr(options, "identity", "")
    accounts.link(account, identity, by=SYSTEM, now=timezone.now())
    return {"ok": True, "username": account.username, "identity": account.outside_id}


def _list(options: argparse.Namespace) -> dict[str, Any]:
    from django.db.models import Prefetch
    from django.utils import timezone

    from huying.people.acting import in_force
    from huying.people.models import Account, Post

    held = Post.objects.filter(in_force(timezone.localdate())).select_related("unit")
    if options.role:
        held = held.filter(role=options.role.replace("-", "_"))
    if options.area:
        held = held.filter(area_code__startswith=options.area)
    found = Account.objects.all()
    if options.role or options.area:
        found = found.filter(pk__in=held.values("account"))
    total = found.count()
    shown = found.prefetch_related(Prefetch("posts", held.order_by("id")))[: options.limit]
    return {
        "ok": True,
        "accounts": [
            {
                "username": account.username,
                "name": account.name,
                "active": account.is_active,
                "usable": account.has_usable_password(),
                "posts": [
                    {
                        "role": post.role,
                        "area": post.area_code,
                        "unit": post.unit.code if post.unit else None,
                        "starts_on": post.starts_on,
                        "ends_on": post.ends_on,
                    }
                    for post in account.posts.all()
                ],
            }
            for account in shown
        ],
        "more": max(0, total - options.limit),
    }


def _day(words: str | None) -> date | None:
    if words is None:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise CommandError(f"{words}: write a date as 2026-03-01") from error
