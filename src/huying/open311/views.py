"""The addresses: each reads its request, asks the module that knows, and answers in a form."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from huying import limiting
from huying.errors import HuyingError, TooLarge
from huying.intake.reporting import default_district
from huying.open311 import keys, offering, showing, taking, writing
from huying.open311.refusing import NotThere, Refused, refusal_of
from huying.people.adapters import counted_address
from huying.places.naming import own_name

log = logging.getLogger(__name__)

READS: Final = 300
"""Requests from one address a minute, over all web processes."""
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGESET: Final = "2026-11-28T00:00:00+08:00"
DISCOVERY: Final = "http://api.open311.org/discovery"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer before it is written: what the whole is called in XML, and what it says."""

    root: str
    body: Any
    status: int = 200
    namespace: str = ""
    preferred: bool = False


View = Callable[..., Given]


def door(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Makes of a view one that answers in the form asked for, also when it refuses."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, form: str = "", **more: str) -> HttpResponse:
            written = writing.form_of(form, request.headers.get("Accept", ""))
            try:
                given = _given(view, request, methods, written, more)
            except Refused as refused:
                given = Given("errors", refused.body(), refused.code)
            return _respond(written or writing.Form.XML, given, methods)

        return answered

    return decorate


def _given(
    view: View,
    request: HttpRequest,
    methods: tuple[str, ...],
    form: writing.Form | None,
    more: dict[str, str],
) -> Given:
    if form is None:
        raise NotThere
    if request.method not in (*methods, "HEAD", "OPTIONS"):
        raise Refused(405, _("This address does not take this method."))
    if request.method == "OPTIONS":
        return Given("errors", [])
    try:
        bucket = limiting.bucket_of(counted_address(request))
        limiting.of("limits-open311").take(bucket, 1, READS)
        return view(request, **more)
    except HuyingError as error:
        raise refusal_of(error) from error
    except RequestDataTooBig as error:
        raise refusal_of(TooLarge()) from error
    except (SuspiciousOperation, MultiPartParserError, UnicodeError) as error:
        raise Refused(400, _("The request could not be read.")) from error


def _respond(form: writing.Form, given: Given, methods: tuple[str, ...]) -> HttpResponse:
    response = HttpResponse(
        writing.write(form, given.root, given.body, namespace=given.namespace),
        status=given.status,
        content_type=form.content_type,
    )
    # Apps run in browsers too. Nothing here knows a session, so any site may ask.
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
    response["Access-Control-Allow-Headers"] = "Idempotency-Key, Prefer"
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept"
    if given.preferred:
        response["Preference-Applied"] = "respond-async"
    return response


def _in_this_district(said: str) -> None:
    """A jurisdiction may be left out; there is one here, named by its division code."""
    if said.strip() not in ("", default_district()):
        raise NotThere(_("The jurisdiction_id was not found."))


@door("GET")
def discovery(request: HttpRequest) -> Given:
    """Where everything is."""
    site = settings.HUYING.site_url or request.build_absolute_uri("/").rstrip("/")
    district = own_name(default_district())
    body = {
        "changeset": CHANGESET,
        "contact": _("The command centre of %s.") % district,
        "key_service": _("The security administrator of %s gives out keys.") % district,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{site}/open311/v2",
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return Given("discovery", body, namespace=DISCOVERY)


@door("GET")
def services(request: HttpRequest) -> Given:
    _in_this_district(request.GET.get("jurisdiction_id", ""))
    return Given("services", offering.services(timezone.now()))


@door("GET")
def service(request: HttpRequest, code: str) -> Given:
    _in_this_district(request.GET.get("jurisdiction_id", ""))
    return Given("service_definition", offering.definition(code, timezone.now()))


@door("GET", "POST")
def requests(request: HttpRequest) -> Given:
    if request.method == "POST":
        return _post(request)
    _in_this_district(request.GET.get("jurisdiction_id", ""))
    query = {name: ",".join(request.GET.getlist(name)) for name in request.GET}
    wanted = showing.read_filter(query, timezone.now())
    return Given("service_requests", showing.requests(wanted))


def _post(request: HttpRequest) -> Given:
    """Takes a request. Who prefers to be answered later gets a token instead of the number."""
    now = timezone.now()
    sent = {name: request.POST.getlist(name) for name in request.POST}
    key = keys.key_for(request.POST.get("api_key", "") or request.GET.get("api_key", ""), now)
    said = request.POST.get("jurisdiction_id", "") or request.GET.get("jurisdiction_id", "")
    _in_this_district(said)
    once = taking.key_of(request.headers.get("Idempotency-Key", ""), key, sent, now)
    row = taking.take_request(taking.read(sent), by=key, key=once, now=now)
    later = "respond-async" in request.headers.get("Prefer", "").lower()
    told = {"token": str(row.token)} if later else {"service_request_id": row.case.number}
    body = [{**told, "service_notice": None, "account_id": None}]
    return Given("service_requests", body, 202 if later else 201, preferred=later)


@door("GET")
def request_(request: HttpRequest, number: str) -> Given:
    _in_this_district(request.GET.get("jurisdiction_id", ""))
    return Given("service_requests", showing.request_of(number))


@door("GET")
def token(request: HttpRequest, token_id: str) -> Given:
    _in_this_district(request.GET.get("jurisdiction_id", ""))
    return Given("service_requests", showing.number_of(token_id))


@door("GET", "POST")
def elsewhere(request: HttpRequest, rest: str = "") -> Given:
    raise NotThere
