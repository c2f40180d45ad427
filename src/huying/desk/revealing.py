"""What a page asks before it shows what is sealed: see `huying.audit.revealing`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from huying.audit.revealing import NEED_WORDS, Purpose


def asked(request: HttpRequest, purposes: Iterable[Purpose]) -> dict[str, Any]:
    """What ``components/reveal.html`` needs, with what was sent already.

    ``chosen`` and ``given_words`` go to the function that reveals as its purpose and words.
    """
    return {
        "purposes": [(each.value, each.label, each in NEED_WORDS) for each in purposes],
        "chosen": request.POST.get("purpose", ""),
        "given_words": request.POST.get("words", ""),
    }
