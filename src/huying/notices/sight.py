"""Which cases of a reader's notices the reader may still see, on any post that is held now."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.apps import apps

from huying.people.acting import actor_on, posts_of
from huying.people.models import Account, Post


def cases_seen(account: Account, posts: Iterable[Post], ids: Iterable[uuid.UUID]) -> dict[Any, Any]:
    """The cases by their id, each with the post that sees it; ``posts`` in order of preference."""
    # Cases are a layer above: asked for by name, as the database has them.
    cases: Any = apps.get_model("huying", "Case").objects
    held, left = list(posts), set(ids)
    found: dict[Any, Any] = {}
    for post in held:
        if not left:
            break
        actor = actor_on(post, held)
        for case in cases.visible_to(actor).for_pages().filter(pk__in=left):
            found[case.pk] = (case, post)
        left -= set(found)
    return found


def sees(account: Account, case_id: uuid.UUID | None, today: date) -> bool:
    """Whether a notice of this case may be told to the account in full."""
    return case_id is None or bool(cases_seen(account, posts_of(account, today), [case_id]))
