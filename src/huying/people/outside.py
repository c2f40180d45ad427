"""Signing in through an outside identity provider, by OpenID Connect, where one is set.

The provider says who somebody is; what they may do here follows from their account and posts, as
always. Only an account that a security administrator has linked can be reached, none is made, and
a guardian shows the second factor here all the same. The library checks state, PKCE, nonce and
the token's signature; what it leaves to its user (issuer, audience, algorithms) is set below.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import Any, Final

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from joserfc.errors import JoseError
from requests import RequestException

from huying.installation import Settings
from huying.people.models import Account
from huying.unkept import unkept

log = logging.getLogger(__name__)

KEPT: Final = "outside_token"
"""Session key: the provider's token, which it wants to see when somebody signs out there too."""
_ONWARD: Final = "outside_next"
"""Session key: the page to go to after signing in."""
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                      "ES256", "ES384", "ES512", "EdDSA", "Ed25519")  # fmt: skip
"""Signatures that only the provider can make; never "none", never one made with our own secret."""
_TIMEOUT_S: Final = 8
_TRUSTED_S: Final = 3600
"""How long a process keeps what the provider says of itself, and its keys."""
_TROUBLE = (OAuthError, JoseError, RequestException, ValueError, KeyError, TypeError, RuntimeError)
"""What comes of a provider that is away, or that answers what it should not."""


def _config() -> Settings:
    config: Settings = settings.HUYING
    return config


def name() -> str:
    """What the provider is called; "" if there is none."""
    config = _config()
    return config.oidc_name if config.oidc_issuer else ""


@lru_cache(maxsize=4)
def _known(issuer: str, client_id: str, secret: str) -> Any:
    return OAuth().register(
        "outside",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT_S,
        },
    )


def _client() -> Any:
    """The provider's client, having read what the provider says of itself.

    Raises:
        Http404: no provider is set.
        OAuthError, RequestException, ValueError: the provider is away, or is another.
    """
    config = _config()
    if not config.oidc_issuer:
        raise Http404
    client = _known(config.oidc_issuer, config.oidc_client_id, config.oidc_secret)
    said = client.server_metadata
    if time.time() - said.get("_loaded_at", 0) > _TRUSTED_S:
        said.clear()
    client.load_server_metadata()
    if said.get("issuer") != config.oidc_issuer:
        other = said.get("issuer")
        said.clear()
        raise OAuthError("issuer", f"the provider calls itself {other!r}")
    offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
    said["id_token_signing_alg_values_supported"] = [a for a in offered if a in _ALGORITHMS]
    ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = "client_secret_basic"
    client.client_kwargs["token_endpoint_auth_method"] = (
        basic if basic in ways else "client_secret_post"
    )
    return client


@require_safe
@unkept
def start(request: HttpRequest) -> HttpResponse:
    """Off to the provider. A link and no form: the policy lets forms go nowhere else."""
    onward = get_next_redirect_url(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward or "/")
    try:
        back = request.build_absolute_uri(reverse("outside_callback"))
        response: HttpResponse = _client().authorize_redirect(request, back)
    except _TROUBLE as error:
        log.warning("The identity provider cannot be reached: %s", _kind(error))
        return _refused(request, _("%(name)s cannot be reached just now.") % {"name": name()})
    request.session[_ONWARD] = onward
    return response


@require_safe
@unkept
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider, with a code for a token that says who it is."""
    try:
        client = _client()
        config = _config()
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": config.oidc_issuer},
                "aud": {"essential": True, "value": config.oidc_client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
            },
        )
        identity = _identity(client, token)
    except _TROUBLE as error:
        log.warning("A sign-in through the identity provider is refused: %s", _kind(error))
        said = _("The answer of %(name)s could not be trusted. Please try again.")
        return _refused(request, said % {"name": name()})
    account = Account.objects.filter(outside_id=identity).first()
    if account is None:
        said = _(
            "No account here is linked to “%(identity)s” of %(name)s. "
            "The security administrator can link it."
        )
        return _refused(request, said % {"identity": identity, "name": name()})
    credentials = {"username": account.username}
    if not AxesProxyHandler.is_allowed(request, credentials):
        locked: HttpResponse = get_lockout_response(request, credentials=credentials)
        return locked
    onward = request.session.pop(_ONWARD, None)
    if client.server_metadata.get("end_session_endpoint"):
        request.session[KEPT] = token["id_token"]
    record_authentication(request, account, "outside")
    signed_in: HttpResponse = perform_login(request, Login(user=account, redirect_url=onward))
    return signed_in


def _identity(client: Any, token: Any) -> str:
    """The claim by which accounts are linked, from the token or else from the user's own page.

    Raises:
        ValueError: there is no checked token, or the page is somebody else's.
    """
    claims = token.get("userinfo")
    if not claims:
        raise ValueError("no id_token")
    claim = _config().oidc_claim
    if claim not in claims and client.server_metadata.get("userinfo_endpoint"):
        subject = claims["sub"]
        claims = client.userinfo(token=token)
        if claims.get("sub") != subject:
            raise ValueError("userinfo of another subject")
    found = claims.get(claim)
    if not isinstance(found, str | int) or not str(found).strip():
        raise ValueError("the provider gives no such claim")
    return str(found).strip()


def _kind(error: Exception) -> str:
    """The kind of trouble; the words of an error may hold a token."""
    detail = getattr(error, "error", "") or getattr(error, "claim", "")
    return f"{type(error).__name__} {detail}".strip()


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("account_login"))


@require_safe
@unkept
def signed_out(request: HttpRequest) -> HttpResponse:
    """Signed out here; one may still be signed in at the provider."""
    if request.user.is_authenticated or KEPT not in request.session:
        return HttpResponseRedirect(reverse("account_login"))
    return render(request, "account/signed_out.html", {"outside": name()})


@require_safe
@unkept
def sign_out_there(request: HttpRequest) -> HttpResponse:
    """Off to the provider's own sign-out."""
    token = request.session.pop(KEPT, None)
    if request.user.is_authenticated or token is None:
        return HttpResponseRedirect(reverse("account_login"))
    try:
        answer: HttpResponse = _client().logout_redirect(
            request,
            post_logout_redirect_uri=request.build_absolute_uri(reverse("account_login")),
            id_token_hint=token,
            client_id=_config().oidc_client_id,
        )
    except _TROUBLE as error:
        log.warning("The identity provider cannot be reached: %s", _kind(error))
        return _refused(request, _("%(name)s cannot be reached just now.") % {"name": name()})
    return answer
