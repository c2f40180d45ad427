"""Choosing a post, ending sessions, accepting an invitation, setting up the second factor."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, LogoutView
from allauth.mfa.base.views import AuthenticateView, IndexView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huying.errors import NotFound
from huying.people import browsers, inviting, outside, passkeys, second_factor
from huying.people.acting import acting_as
from huying.people.forms import FirstPasswordForm
from huying.people.middleware import CHOSEN
from huying.people.models import Account
from huying.places.naming import own_name
from huying.unkept import unkept


@login_required
@require_POST
def choose_post(request: Any) -> HttpResponse:
    """Act on another of the posts that one holds today; next time begins with it."""
    wanted = request.POST.get("post", "")
    post = next((each for each in request.posts if str(each.pk) == wanted), None)
    if post is None:
        messages.error(request, _("You do not hold this post now."))
    else:
        request.session[CHOSEN] = post.pk
        Account.objects.filter(pk=request.user.pk).update(last_post=post.pk)
        where = post.unit.name if post.unit else own_name(post.area_code)
        said = {"post": f"{where} · {post}"}
        messages.success(request, _("You now act as: %(post)s") % said)
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = "/"
    return HttpResponseRedirect(onward)


@login_required
@require_POST
def end_sessions(request: Any) -> HttpResponse:
    """Sign oneself out elsewhere: of the browser that was named, or of all but this one."""
    by, now = acting_as(request), timezone.now()
    wanted = request.POST.get("browser", "")
    try:
        if wanted == "others":
            here = request.session.session_key
            count = browsers.end_others(request.user, but=here, by=by, now=now)
            said = ngettext(
                "Signed out of %(count)s other browser.",
                "Signed out of %(count)s other browsers.",
                count,
            )
            messages.success(request, said % {"count": count})
        else:
            pk = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19 else 0
            browsers.end(request.user, pk, by=by, now=now)
            messages.success(request, _("That browser is signed out."))
    except NotFound as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("me"))


@unkept
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: set the own password, then sign in."""
    now = timezone.now()
    try:
        account = inviting.invited(token, now)
        form = FirstPasswordForm(request.POST or None, account=account)
        if request.method == "POST" and form.is_valid():
            inviting.accept(token, form.cleaned_data["password1"], now=now)
            logout(request)  # whoever else sat at this computer
            messages.success(request, _("Your password is set. Please sign in with it."))
            return HttpResponseRedirect(reverse("account_login"))
    except inviting.BadInvitation as refusal:
        return render(request, "account/bad_invitation.html", {"refusal": refusal}, status=404)
    return render(request, "account/invitation.html", {"form": form, "account": account})


class SignIn(LoginView):
    """The one page on which everybody signs in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = request.user
        if isinstance(account, Account) and second_factor.is_required(
            account, timezone.localdate()
        ):
            # An app on the phone sends its holder here whenever it is refused.
            onward = get_next_redirect_url(request) or "/"
            if away := second_factor.still_due(request, account, onward):
                return HttpResponseRedirect(away)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "possible": passkeys.possible(self.request),
            "outside": outside.name(),
        }


class SignOut(LogoutView):
    """Sign out here; who came through the provider is then asked about signing out there."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        token = self.request.session.get(outside.KEPT)
        was_in = self.request.user.is_authenticated
        response: HttpResponse = super().post(*args, **kwargs)
        if token is None or not was_in:
            return response
        self.request.session[outside.KEPT] = token
        return HttpResponseRedirect(reverse("outside_signed_out"))


class SecondStep(AuthenticateView):
    """After the password: the app's code, a recovery code, or a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "options": json.dumps(context["js_data"]["request_options"]),
            "possible": passkeys.possible(self.request),
            "refused": passkeys.UNKNOWN if self.webauthn_form.errors else "",
            **_shown_by(self.stage.login.user),
        }


class ShowSecondFactor(ReauthenticateView):
    """Show a code in the midst of a session, or go on to showing a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | _shown_by(self.request.user)


def _shown_by(account: Any) -> dict[str, bool]:
    """What an account can show: the app's code, a recovery code, a passkey."""
    types = set(Authenticator.objects.filter(user_id=account.pk).values_list("type", flat=True))
    return {
        "has_app": Authenticator.Type.TOTP in types,
        "has_codes": bool(types - {Authenticator.Type.WEBAUTHN}),
        "has_passkey": Authenticator.Type.WEBAUTHN in types,
    }


class TwoSteps(IndexView):
    """The second factor of one's own account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        demanded = second_factor.is_demanded(self.request.user, timezone.localdate())
        return context | {"demanded": demanded, **_shown_by(self.request.user)}


class SetUpSecondFactor(ActivateTOTPView):
    """Setting up an authenticator app proves that it is in the holder's hand."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session[second_factor.SET_UP_HERE] = True
        return response


sign_in = SignIn.as_view()
sign_out = SignOut.as_view()
second_step = SecondStep.as_view()
show_second_factor = ShowSecondFactor.as_view()
two_steps = TwoSteps.as_view()
set_up_second_factor = SetUpSecondFactor.as_view()
