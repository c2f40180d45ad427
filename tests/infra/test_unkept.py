"""What is seen by who is signed in stays in no cache."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from huying.unkept import unkept


@pytest.mark.parametrize(
    "said", [{}, {"Cache-Control": "private, max-age=60"}, {"Expires": "Mon, 30 Nov 2026 00:00:00"}]
)
def test_it_says_what_django_says(rf: Any, said: dict[str, str]) -> None:
    def view(_request: Any) -> HttpResponse:
        return HttpResponse(headers=said)

    ours, djangos = (
        {
            name: set(value.split(", ")) if name == "Cache-Control" else value[:16]
            for name, value in guard(view)(rf.get("/")).headers.items()
        }
        for guard in (unkept, never_cache)
    )
    assert ours == djangos
    assert "no-store" in ours["Cache-Control"]
