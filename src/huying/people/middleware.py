"""What every request knows before it reaches a page: who acts, on which post, and since when.

It sets ``request.actor`` (None when signed out, or without a post) and ``request.posts`` (those
that hold today). Posts are read at each request, so one that has ended stops at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from huying import ticks
from huying.errors import NotSignedIn
from huying.people import browsers, second_factor
from huying.people.acting import actor_on, posts_of
from huying.people.models import Account, Post

CHOSEN = "post"
"""Session key: the id of the post that was chosen."""
LAST_SEEN = "last_seen"
"""Session key: when the last click was, in seconds since 1970."""

LAST_TICK = "last_tick"
"""Session key: the same on a clock that nobody sets (`ticks`)."""

_NOTED_EVERY = 1 / 15
"""A click is written down, in the session and for the list of browsers, when the last that was lies
back so much of the limit, but two minutes at most. So one is signed out for being idle two minutes
early at worst, of thirty; and a phone on duty, which tells where it is twice a minute, does not
write each time."""
_NOTED_AT_LEAST_EVERY_S = 120


_WAYS_OUT: Final = frozenset({"account_login", "account_logout"})
TO_SHOW_IT: Final = _WAYS_OUT | {
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}
"""What is open to a session that has still to show its account's second factor."""
TO_SET_IT_UP: Final = _WAYS_OUT | {
    "account_reauthenticate",  # once more the password, where that was typed a while ago
    "mfa_activate_totp",
    "mfa_add_webauthn",
}
"""What is open to whoever has still to set up a second factor."""


class PresentPost:
    """Finds the actor of a request; signs out the idle; keeps guardians to the second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.open_to_all = (settings.STATIC_URL, "/healthz", "/i18n/")
        self.about_it = "/accounts/2fa/"

    def __call__(self, request: Any) -> HttpResponse:
        request.actor, request.posts = None, []
        # Without a session nobody is signed in: no query is spent on finding out.
        if request.path.startswith(self.open_to_all) or SESSION_KEY not in request.session:
            return self._whole_page(request, self.get_response(request))
        holder = request.session.signed_in()
        if holder is not None:
            request.user = request._cached_user = holder.account
        account = request.user
        if not account.is_authenticated:
            return self._whole_page(request, self.get_response(request))
        if self._is_idle(request, account):
            logout(request)
            return self._sign_in_again(request)
        if holder is not None:
            request.posts = holder.posts
        else:  # before the first click that is noted
            request.posts = posts_of(account, timezone.localdate())
        post = self._chosen(request, account)
        if stop := self._second_factor(request, account):
            request.posts = []
            return stop
        if post is not None:
            request.actor = actor_on(post, request.posts)
        response = self.get_response(request)
        # What somebody sees who is signed in stays in no cache, whatever page forgot to say so.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _is_idle(self, request: HttpRequest, account: Account) -> bool:
        """Whether the last click is too long ago; notes this one if it is one."""
        at = timezone.now()
        now = at.timestamp()
        seen = request.session.get(LAST_SEEN)
        limit = settings.HUYING.idle_minutes * 60
        if seen is not None and now - seen > limit:
            passed = ticks.since(request.session.get(LAST_TICK))
            if passed is None or passed > limit:
                return True
        # A page that looks for news by itself does not keep its reader signed in.
        by_itself = request.META.get("HTTP_X_BACKGROUND") == "1"
        every = min(limit * _NOTED_EVERY, _NOTED_AT_LEAST_EVERY_S)
        if seen is None or (not by_itself and abs(now - seen) >= every):
            request.session[LAST_SEEN] = now
            request.session[LAST_TICK] = ticks.now()
            browsers.note(request, account, at)
        return False

    def _sign_in_again(self, request: HttpRequest) -> HttpResponse:
        if _wants_data(request):
            return _refused()
        page = _page(request)
        query = {"idle": "1"} | ({"next": page} if page else {})
        return _go(request, f"{reverse('account_login')}?{urlencode(query)}")

    def _whole_page(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Let the sign-in page take the whole window where only a part of a page was asked for."""
        if response.status_code == 302 and request.headers.get("HX-Request") == "true":
            login, page = reverse("account_login"), _page(request)
            if urlsplit(response.headers["Location"]).path == login:
                return _go(request, f"{login}?{urlencode({'next': page})}" if page else login)
        return response

    def _chosen(self, request: Any, account: Account) -> Post | None:
        """The post chosen in this session, else the one of last time, else the first."""
        held: dict[int, Post] = {post.pk: post for post in request.posts}
        wanted = request.session.get(CHOSEN)
        if wanted in held:
            return held[wanted]
        post = held.get(account.last_post or 0) or next(iter(held.values()), None)
        if wanted is not None:
            messages.warning(request, _("The post you were acting on has ended."))
        if post is not None:
            request.session[CHOSEN] = post.pk
        elif wanted is not None:
            del request.session[CHOSEN]
        return post

    def _second_factor(self, request: Any, account: Account) -> HttpResponse | None:
        """Where a guardian must go first; None once the second factor was shown.

        To the pages about the second factor itself everybody shows it who has one: a session from
        before it was set up must not read the codes that stand for it, nor set up another.
        """
        if second_factor.is_asked_of(request.posts):
            away = second_factor.still_due(request, account, request.get_full_path())
        elif request.path.startswith(self.about_it):
            away = second_factor.where_to_show_it(request, account, request.get_full_path())
        else:
            return None
        if away is None:
            return None
        there = second_factor.is_set_up(account)
        if _name(request) in (TO_SHOW_IT if there else TO_SET_IT_UP):
            return None
        if _wants_data(request):
            return _refused()
        if not there:
            messages.info(request, _("You sign in with a second factor. Please set it up first."))
        return _go(request, away)


def _name(request: HttpRequest) -> str | None:
    """The name of the page that is asked for."""
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def _wants_data(request: HttpRequest) -> bool:
    """Whether a program asks, for which a page to sign in would be no answer."""
    return request.META.get("HTTP_X_BACKGROUND") == "1" or request.path.startswith("/api/")


def _page(request: HttpRequest) -> str:
    """The page to come back to; "" if there is none to be had again."""
    if request.headers.get("HX-Request") == "true":
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return request.get_full_path() if request.method == "GET" else ""


def _refused() -> HttpResponse:
    problem, status = NotSignedIn().problem(), NotSignedIn.status
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the whole page there, also when only a part of it was asked for."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
