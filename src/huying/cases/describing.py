"""A case as plain values: for the command line, for programs, and for whoever asks why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases.deadlines import Past, dues_of, limit_by_rule
from huying.cases.models import Case
from huying.cases.states import State
from huying.cases.timeline import timeline
from huying.clock.explaining import explain as explain_due
from huying.clock.explaining import limit_words
from huying.clock.stages import Stage
from huying.places.naming import names


def explain(case: Case, past: Past | None = None) -> list[str]:
    """Why the case is due when it is due, in sentences of the reader's language.

    Its ``past`` is read unless it is given.
    """
    dues = dues_of(case, past)
    found = dues.current
    if found is None:
        return []
    return explain_due(found) + (why_by_rule(case) if dues.stage is Stage.HANDLE else [])


def why_by_rule(case: Case) -> list[str]:
    """That the limit of handling is a rule's and not the catalogue's; nothing where it is not."""
    limit = limit_by_rule(case)
    if limit is None:
        return []
    sentence = _("The limit of %(limit)s was set by rule %(rule)s, version %(version)s.")
    return [sentence % {"limit": limit_words(limit), "rule": case.rule, "version": case.rulebook}]


def shown(moment: datetime | None) -> str | None:
    """A moment in the zone that people live in, to the second."""
    if moment is None:
        return None
    return timezone.localtime(moment).isoformat(timespec="seconds")


def describe(case: Case) -> dict[str, Any]:
    """Everything that who may see the case may see. Contacts are masked."""
    version = case.item_version
    return {
        "number": case.number,
        "id": str(case.pk),
        "state": case.state,
        "state_label": str(State(case.state).label),
        "channel": case.channel,
        "kind": case.kind,
        "emergency": case.emergency,
        "level": case.level,
        "priority": case.priority,
        "rule": case.rule,
        "rulebook": case.rulebook,
        "item": case.item_code,
        "item_name": version.name if version is not None else "",
        "item_version": version.version if version is not None else None,
        "suggested_item": case.suggested_item,
        "area": case.area_code,
        "place": names(case.area_code),
        "address": case.address,
        "holder": case.holder_code,
        "unit": case.lead_unit.name if case.lead_unit is not None else None,
        "occurred_at": shown(case.occurred_at),
        "received_at": shown(case.received_at),
        "due_at": shown(case.due_at),
        "deadlines": {
            "accept": shown(case.accept_due),
            "sign": shown(case.sign_due),
            "handle": shown(case.handle_due),
            "check": shown(case.check_due),
            "total": shown(case.total_due),
        },
        "suspended_until": shown(case.suspended_until),
        "why_due": explain(case),
        "returns": case.returns,
        "reworks": case.reworks,
        "extensions": case.extensions,
        "self_handled": case.self_handled,
        "contacts": [
            {"name": contact.name_masked, "phone": contact.phone_masked}
            for contact in case.contacts.filter(party=False)
        ],
        "last_seq": case.last_seq,
        "last_hash": bytes(case.last_hash).hex(),
        "events": [
            {
                "seq": entry.seq,
                "verb": entry.verb,
                "label": entry.label,
                "at": shown(entry.at),
                "by": entry.by,
                "role": entry.role,
                "to_state": entry.to_state,
                "undone": entry.undone,
                "texts": [{"kind": kind, "body": body} for kind, body in entry.texts],
                "facts": dict(entry.facts),
                "photos": len(entry.attachments),
            }
            for entry in timeline(case)
        ],
    }
