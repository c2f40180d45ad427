"""What was written in somebody's name is taken from nobody else.

A phone that several share sends what waits on it as whoever is signed in. It asks who that is
before; but a queue of photos takes minutes, in which another may sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse

from huying.errors import AnotherAccount

WRITTEN_BY = "HTTP_X_WRITTEN_BY"
"""By which account, on which post: "12/34". Says nothing that the session does not know better."""


class InOwnName:
    """Refuses what somebody else wrote than who is signed in. Stands behind `PresentPost`."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        by = request.META.get(WRITTEN_BY)
        actor = getattr(request, "actor", None)
        if by is None or actor is None or by == f"{actor.account_id}/{actor.post_id}":
            return self.get_response(request)
        return JsonResponse(
            AnotherAccount().problem(),
            status=AnotherAccount.status,
            content_type="application/problem+json",
        )
