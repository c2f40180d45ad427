"""How a phone comes to trust the house's own authority: a page with a code, and the file."""

from __future__ import annotations

import io
import ipaddress

import qrcode
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from qrcode.image.svg import SvgPathImage

from huying import tls


def _local() -> tls.Pair:
    """Our own authority, while it is what signs for this server.

    Raises:
        Http404: there is none, or the server has a certificate of somebody else.
    """
    config = settings.HUYING
    if config.tls_cert is None or config.tls_cert != tls.server_of(config.home).cert:
        raise Http404
    return tls.authority_of(config.home)


@require_safe
def trust(request: HttpRequest) -> HttpResponseBase:
    """What to scan and what to touch on the phone; whoever asks, since nobody signs in before."""
    authority = _local()
    here = request.build_absolute_uri(reverse("field_trust"))
    context = {
        "address": here,
        "code": _code(here),
        "only_here": _only_here(request.get_host()),
        "fingerprint": tls.fingerprint(authority.cert),
    }
    return render(request, "field/trust.html", context)


@require_safe
def authority(request: HttpRequest) -> HttpResponseBase:
    """The authority's certificate, as phones install it. It is public; its key never leaves."""
    return HttpResponse(
        tls.der(_local().cert),
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": 'attachment; filename="huying-authority.crt"'},
    )


def _code(text: str) -> SafeString:
    """The text as a QR code, an SVG without a word of style in it."""
    target = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(target)
    drawn = target.getvalue().decode()
    return mark_safe(drawn[drawn.index("<svg") :])  # noqa: S308 - of our own making


def _only_here(host: str) -> bool:
    """Whether a phone that scanned this address would look for us on itself."""
    name = host.rsplit(":", 1)[0].strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
