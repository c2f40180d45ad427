"""Chinese first: the language is what the person chose here, else the installation's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import trans_real

# Each request, job and command is one thread's from its beginning to its end. Django keeps the
# language so that coroutines could have each their own, and looks it up in ten calls: for every
# word that is said, and a list of cards has hundreds.
_words = cast("Any", trans_real)
_words._active = threading.local()

MOST_WORDS = 20_000
_looked_up = trans_real.gettext


def _gettext(message: str) -> str:
    """Django's own, which asks up to four lists for a word: each is asked for it once.

    What was found is kept with the list, and goes with it. A text that is marked as safe, and one
    for which no language was chosen, is Django's.
    """
    chosen = getattr(_words._active, "value", None)
    if chosen is None or type(message) is not str:
        return _looked_up(message)
    try:
        kept = chosen.huying_words
    except AttributeError:
        kept = chosen.huying_words = {}
    said: str | None = kept.get(message)
    if said is None:
        said = _looked_up(message)
        if len(kept) >= MOST_WORDS:
            kept.clear()
        kept[message] = said
    return said


_words.gettext = _gettext
cast("Any", translation)._trans.gettext = _gettext

KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


def of_cookie(chosen: str) -> str:
    """The language that the cookie names; the installation's where it names none that there is."""
    return chosen if chosen in KNOWN else settings.LANGUAGE_CODE


class ChosenLanguage:
    """Activates the language of the cookie that the switch sets; ignores Accept-Language.

    Office browsers are often installed in English, and their owners did not choose that for us.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = of_cookie(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
