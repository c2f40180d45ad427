"""为何在此: why a case lies on the desk where it lies, in sentences. From its events alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from huying.cases.first_desk import Why
from huying.cases.reasons import reason_words
from huying.cases.timeline import Entry
from huying.dispatch.moves import moves
from huying.dispatch.rulebook import rule_of
from huying.places import naming
from huying.places.models import Level


def why_here(entries: Sequence[Entry]) -> list[str]:
    """Why the report came to its first desk; and of a case that moved, what brought it here."""
    if not entries:
        return []
    found = why_first(entries[0].data)
    made = moves(entries)
    if not made:
        return found
    last = made[-1]
    entry = next(each for each in entries if each.seq == last.seq)
    values = {
        "step": entry.label,
        "by": entry.by,
        "desk": naming.own_name(last.from_holder),
        "reason": reason_words(last.verb, last.reason_code) if last.reason_code else "",
    }
    if last.reason_code:
        now = _("It came here from %(desk)s: %(step)s by %(by)s, since: %(reason)s.") % values
    else:
        now = _("It came here from %(desk)s: %(step)s by %(by)s.") % values
    return [now, *(_("At first: %(why)s") % {"why": each} for each in found)]


def why_first(data: dict[str, Any]) -> list[str]:
    """Why a report came to its first desk, by what its event holds; nothing of one that is older
    than these reasons."""
    why = [Why(each) for each in data.get("why", [])]
    if Why.ALARMING in why:
        # Whatever the level would have been, the words went before it.
        why = [each for each in why if each not in (Why.RULE, Why.ITEM, Why.NO_ITEM)]
    found = [_sentence(each, data) for each in why]
    if why and why[0] in (Why.RULE, Why.ITEM) and Level(data["level"]) is Level.GRID:
        found.insert(1, _("A grid has no desk of its own; the community's has its cases."))
    return found


def _sentence(why: Why, data: dict[str, Any]) -> str:
    level = Level(data["level"])
    values = {
        "level": str(level.label),
        "place": naming.names(data["area"]),
        "words": _(", ").join(data.get("emergency_words", ())),
    }
    match why:
        case Why.RULE:
            named = {"rule": rule_name(data), "version": data["rulebook"], **values}
            said = _(
                "Rule %(rule)s (version %(version)s) puts such a matter at the level “%(level)s”."
            )
            return said % named
        case Why.ITEM:
            return _("Its item is for the level “%(level)s”, and no rule names another.") % values
        case Why.NO_ITEM:
            return _("No item was chosen when it was reported: the town's desk finds out which.")
        case Why.ALARMING:
            return (
                _("The report says “%(words)s”, perhaps an emergency: the town sees it at once.")
                % values
            )
        case Why.PLACE:
            return _("The place is known only as %(place)s: the desk there has it.") % values
        case Why.MAIN_CASE:
            return _("It was split off from a case that this desk held.")


def rule_name(data: dict[str, Any]) -> str:
    """The rule that an event names, with its title as it was in that version."""
    return str(rule_of(data["area"][:6], data["rulebook"], data["rule"]) or data["rule"])
