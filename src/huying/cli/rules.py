"""Routing rules: check them, hold them against past cases, publish them.

huying rules show [VERSION]
huying rules check [FILE|VERSION]
huying rules backtest FILE|VERSION --since DATE --until DATE
huying rules draft FILE --by NAME
huying rules publish VERSION --by NAME [--from DATE]

FILE holds rules in their written form (docs/rules.md); VERSION is a number of the rulebook. Without
either, the version in force is meant. `check --by NAME` marks a draft without findings as checked;
who publishes has neither edited nor checked it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huying.cli import CommandError, progress

if TYPE_CHECKING:
    from huying.dispatch.models import Rulebook
    from huying.dispatch.rules import Rule
    from huying.people.acting import Actor

HELP = "routing rules: check, backtest, publish"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and what each takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    verb = verbs.add_parser("show", help="print a version in its written form")
    verb.add_argument("what", nargs="?", metavar="VERSION", help="default: the one in force")

    verb = verbs.add_parser("check", help="say what speaks against publishing")
    verb.add_argument("what", nargs="?", metavar="FILE|VERSION", help="default: the one in force")
    verb.add_argument("--by", metavar="NAME", help="mark this draft as checked by this person")

    verb = verbs.add_parser("backtest", help="what would have become of the cases of a period")
    verb.add_argument("what", metavar="FILE|VERSION")
    verb.add_argument("--since", metavar="DATE", help="the first day (default: 90 days ago)")
    verb.add_argument("--until", metavar="DATE", help="the last day (default: today)")

    verb = verbs.add_parser("draft", help="begin a new version from a file")
    verb.add_argument("file", type=Path)
    verb.add_argument("--by", metavar="NAME", required=True, help="an administrator's user name")

    verb = verbs.add_parser("publish", help="let a checked version hold from a day on")
    verb.add_argument("version", type=int)
    verb.add_argument("--by", metavar="NAME", required=True, help="an administrator's user name")
    verb.add_argument("--from", dest="since", metavar="DATE", help="the first day (default: today)")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Do the verb."""
    return {
        "show": _show,
        "check": _check,
        "backtest": _backtest,
        "draft": _draft,
        "publish": _publish,
    }[options.verb](options)


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "text" in result:
        return str(result["text"]).rstrip()
    if "findings" in result:
        lines = [each["words"] for each in result["findings"]]
        return "\n".join([*lines, f"{result['rules']} rules, {len(lines)} findings"])
    if "moved" in result:
        lines = [
            f"{each['before']:>8} → {each['after']:>8}  {each['name']}"
            for each in result["units"]
            if each["before"] != each["after"]
        ]
        lines.append(
            f"{result['cases']} cases in {result['seconds']} s: {result['moved']} would have gone "
            "elsewhere"
        )
        return "\n".join(lines)
    return f"version {result['version']}: {result['state']}"


def _show(options: argparse.Namespace) -> dict[str, Any]:
    from huying.dispatch.grammar import text_of
    from huying.dispatch.rules import as_data

    rules, version = _rules(options.what)
    return {
        "ok": True,
        "version": version,
        "rules": [as_data(rule) for rule in rules],
        "text": text_of(rules),
    }


def _check(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.dispatch import publishing
    from huying.dispatch.proving import prove
    from huying.dispatch.rulebook import world_of
    from huying.dispatch.saying import finding_words

    now = timezone.now()
    rules, version = _rules(options.what)
    found = prove(rules, world_of(_district(), now))
    result: dict[str, Any] = {
        "ok": not found,
        "version": version,
        "rules": len(rules),
        "findings": [
            {
                "fault": str(each.fault),
                "rules": list(each.rules),
                "item": each.item,
                "town": each.town,
                "communities": each.communities,
                "what": each.what,
                "words": finding_words(each, rules, now),
            }
            for each in found
        ],
    }
    if options.by is not None:
        if version is None:
            raise CommandError("Only a version can be marked as checked, not a file.")
        row = publishing.check(_row(version), by=_who(options.by), now=now)
        result["state"] = row.state
    return result


def _backtest(options: argparse.Namespace) -> dict[str, Any]:
    from datetime import timedelta

    from django.utils import timezone

    from huying.clock.reading import calendar_for
    from huying.dispatch import backtest
    from huying.dispatch.rulebook import in_force
    from huying.dispatch.ruling import Book

    now, district = timezone.now(), _district()
    until = _day(options.until) or timezone.localdate(now)
    since = _day(options.since) or until - timedelta(days=90)
    rules, version = _rules(options.what)
    published = in_force(district, now)
    base = published.book if published else Book((), tuple(calendar_for(district).hours))
    total = backtest.cases_of(district, since, until).count()
    with progress("Replaying cases", total) as advance:

        def told(cases: int) -> bool:
            advance(cases)
            return True

        found = backtest.run(district, rules, base, since, until, advance=told)
    assert found is not None
    return {
        "ok": True,
        "version": version,
        "base": published.version if published else None,
        "since": since,
        "until": until,
        **found,
    }


def _draft(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from huying.dispatch import publishing

    now, by = timezone.now(), _who(options.by)
    words = options.file.read_text(encoding="utf-8")
    with transaction.atomic():
        row = publishing.begin(_district(), by=by, now=now)
        row = publishing.write_text(row, words, by=by, now=now)
    return {"ok": True, "version": row.version, "state": row.state, "rules": len(row.rules)}


def _publish(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying.dispatch import publishing

    row = publishing.publish(
        _row(options.version),
        by=_who(options.by),
        now=timezone.now(),
        since=_day(options.since),
    )
    return {
        "ok": True,
        "version": row.version,
        "state": row.state,
        "effective_from": row.effective_from,
    }


def _rules(what: str | None) -> tuple[Sequence[Rule], int | None]:
    """The rules that are meant, with their version's number if they have one."""
    from django.utils import timezone

    from huying.dispatch import grammar
    from huying.dispatch.rulebook import in_force, rules_of

    if what is None:
        published = in_force(_district(), timezone.now())
        return (published.book.rules, published.version) if published else ((), None)
    if what.isascii() and what.isdigit():
        row = _row(int(what))
        return rules_of(row), row.version
    return grammar.read(Path(what).read_text(encoding="utf-8")), None


def _row(version: int) -> Rulebook:
    from huying.dispatch.models import Rulebook

    found = Rulebook.objects.filter(district_code=_district(), version=version).first()
    if found is None:
        raise CommandError(f"There is no version {version} of the rules.")
    return found


def _district() -> str:
    from huying.intake.reporting import default_district

    return default_district()


def _who(name: str) -> Actor:
    """The person on their post as administrator."""
    from django.utils import timezone

    from huying.people.acting import actor_on, posts_of
    from huying.people.models import Account, Role

    account = Account.objects.filter(username=name).first()
    posts = posts_of(account, timezone.localdate()) if account is not None else []
    post = next((each for each in posts if each.role == Role.ADMINISTRATOR), None)
    if post is None:
        raise CommandError(f"{name} is no administrator.")
    return actor_on(post, posts)


def _day(words: str | None) -> date | None:
    if words is None:
        return None
    try:
        return datetime.fromisoformat(words).date()
    except ValueError as error:
        raise CommandError(f"{words}: write a day as 2026-03-01") from error
