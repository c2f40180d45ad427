"""Pages that stay in no cache: of what is seen by who is signed in, and by nobody after them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date

V = TypeVar("V", bound=Callable[..., Any])

NOWHERE: Final = "max-age=0, no-cache, no-store, must-revalidate, private"


def unkept(view: V) -> V:
    """Says what Django's ``never_cache`` says, without putting the words together for each."""

    @wraps(view)
    def said(*args: Any, **kwargs: Any) -> Any:
        response = view(*args, **kwargs)
        headers = response.headers
        if "Cache-Control" in headers or "Expires" in headers:
            add_never_cache_headers(response)
        else:
            headers["Expires"] = http_date()
            headers["Cache-Control"] = NOWHERE
        return response

    return cast(V, said)
