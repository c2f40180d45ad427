"""Who gets what answer at the addresses that no package's own table is about, for every role.

Signing in, the guardians' site, other systems, the wall and the machine's own addresses have their
rows here; tests/desk, tests/field, tests/public and tests/api have the others. Together they are
the whole resolver: an address in none of them fails. GET and POST have a row or are refused as
methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import huying.api.urls
import huying.desk.urls
import huying.field.urls
import huying.public.urls
from huying import limiting
from huying.admin import site
from huying.people.models import Role
from tests.api.test_permissions import COLUMNS, ROWS
from tests.desk.also import LIKE
from tests.desk.test_permissions import PEOPLE, postless
from tests.desk.test_permissions import TABLE as DESK
from tests.desk.world import World
from tests.field.test_permissions import TABLE as FIELD
from tests.public.test_permissions import TABLE as PUBLIC
from tests.security.test_doors import VALUES

__all__ = ["postless"]

EVERYBODY = (*PEOPLE, *LIKE)
METHODS = ("GET", "POST")
GUARDIANS = {"a": "administrator", "s": "security_administrator", "u": "auditor"}
GROUPS = {
    "guardians": tuple(GUARDIANS.values()),
    "wall": (
        *("dispatcher", "far_dispatcher"),
        *("leader", "village_leader", "upper_leader", "far_leader"),
    ),
}

# What all are answered, and who is answered otherwise; `login` is the way to the sign-in, `again`
# to showing once more who one is.
REST = r"""
healthz                                    GET+POST 200
metrics                                    GET      401
i18n/setlang/                              GET+POST 302
api/docs                                   GET      200
api/^(?P<path>.*)$                         GET+POST 404

accounts/login/                            GET+POST 302   nobody=200
accounts/logout/                           GET      200   nobody=login
accounts/logout/                           POST     login
accounts/inactive/                         GET      200
accounts/outside/                          GET      302   nobody=404
accounts/outside/callback/                 GET      404
accounts/outside/signed-out/               GET      login
accounts/outside/sign-out/                 GET      login
accounts/reauthenticate/                   GET+POST 200   nobody=login
accounts/password/change/                  GET+POST 200   nobody=login
accounts/invitation/<str:token>/           GET+POST 404
accounts/2fa/                              GET      200   nobody=login
accounts/2fa/                              POST     405   nobody=login
accounts/2fa/authenticate/                 GET+POST 302   nobody=login
accounts/2fa/reauthenticate/               GET+POST again nobody=login
accounts/2fa/totp/activate/                GET+POST again nobody=login
accounts/2fa/totp/deactivate/              GET+POST 404   nobody=login
accounts/2fa/recovery-codes/               GET      404   nobody=login
accounts/2fa/recovery-codes/               POST     405   nobody=login
accounts/2fa/recovery-codes/generate/      GET+POST again nobody=login
accounts/2fa/recovery-codes/download/      GET+POST 404   nobody=login
accounts/2fa/webauthn/                     GET+POST 302
accounts/2fa/webauthn/add/                 GET+POST again nobody=login
accounts/2fa/webauthn/login/               GET+POST 302   nobody=login
accounts/2fa/webauthn/reauthenticate/      GET+POST again nobody=login
accounts/2fa/webauthn/keys/<int:pk>/edit/  GET+POST again nobody=login
accounts/2fa/webauthn/keys/<int:pk>/remove/ GET+POST again nobody=login
me/post                                    GET      405   nobody=login
me/post                                    POST     302   nobody=login
me/browsers/end                            GET      405   nobody=login
me/browsers/end                            POST     302   nobody=login

wall                                       GET      302   wall=200
wall/now                                   GET      401   wall=200
wall/shapes                                GET      401   wall=200
wall/enter                                 GET      200   wall=302
wall/enter                                 POST     422

open311/discovery.<str:form>               GET+POST 404
open311/v2/services.<str:form>             GET+POST 404
open311/v2/services                        GET      200
open311/v2/services/<str:code>.<str:form>  GET+POST 404
open311/v2/services/<str:code>             GET      404
open311/v2/requests.<str:form>             GET+POST 404
open311/v2/requests                        GET      200
open311/v2/requests                        POST     403
open311/v2/requests/<str:number>.<str:form> GET+POST 404
open311/v2/requests/<str:number>           GET      404
open311/v2/tokens/<str:token_id>.<str:form> GET+POST 404
open311/v2/tokens/<str:token_id>           GET      404
open311/<path:rest>                        GET+POST 404

exchange/alarms/<slug:source>              POST     401
exchange/hotline/<slug:source>             POST     401
exchange/hotline/<slug:source>/orders/<str:number> GET 401
exchange/hotline/<slug:source>/orders/<str:number>/replay POST 401
exchange/hotline/<slug:source>/attachments/<uuid:pk> GET 401

admin/                                     GET+POST login guardians=200
admin/login/                               GET+POST 403   guardians=302 nobody=login
admin/logout/                              GET+POST 302   guardians=302
admin/password_change/                     GET+POST login guardians=302
admin/password_change/done/                GET      login guardians=200
admin/password_change/done/                POST     login guardians=405
admin/autocomplete/                        GET      login guardians=403
admin/autocomplete/                        POST     login guardians=405
admin/jsi18n/                              GET      login guardians=200
admin/jsi18n/                              POST     login guardians=405
admin/r/<path:content_type_id>/<path:object_id>/ GET+POST login guardians=404
admin/^(?P<app_label>axes|huying|procrastinate)/$ GET+POST login guardians=200
admin/(?P<url>.*)$                         GET+POST login guardians=404
admin/events/                              GET+POST login guardians=403 auditor=200
admin/volunteers/                          GET      login guardians=200 administrator=403
admin/volunteers/                          POST     login guardians=404 administrator=403
admin/huying/item/import/                  GET+POST login guardians=403 administrator=200
admin/huying/item/export/<str:form>/       GET+POST login guardians=404 security_administrator=403
admin/huying/item/<str:code>/version/      GET+POST login guardians=403 administrator=404
admin/huying/outgoing/drop/                GET+POST login guardians=403 administrator=200
admin/huying/source/<uuid:pk>/rotate/      GET+POST login guardians=403 security_administrator=404
admin/huying/subscription/<uuid:pk>/rotate/ GET+POST login guardians=403 administrator=404
admin/huying/token/<int:pk>/rotate/        GET+POST login guardians=403 security_administrator=404
"""

# Who looks, adds, changes, deletes: a(dministrator), s(ecurity administrator), (a)u(ditor).
SITE = """
axes/accessattempt             su    -     -     -
axes/accessfailurelog          su    -     -     -
axes/accesslog                 su    -     -     -
huying/accesslog               u     -     -     -
huying/account                 su    s     s     -
huying/alarmlimit              asu   a     a     -
huying/calendarday             au    a     a     a
huying/calendaryear            au    a     a     a
huying/carekind                au    a     a     -
huying/carelevel               au    a     a     -
huying/category                au    -     a     -
huying/division                asu   -     a     -
huying/duplicatelimits         au    a     a     a
huying/integration             s     s     s     -
huying/item                    au    a     a     -
huying/laddersetting           au    a     a     a
huying/noticetemplate          au    a     a     a
huying/open311key              s     s     s     -
huying/outgoing                au    -     -     -
huying/post                    su    s     s     -
huying/seal                    u     -     -     -
huying/skill                   asu   a     a     -
huying/source                  s     s     s     -
huying/subscription            au    a     a     -
huying/token                   s     s     -     -
huying/unit                    asu   a     a     -
huying/wallscreen              s     s     -     -
huying/whistlelimit            asu   a     a     -
huying/workinghours            au    a     a     a
procrastinate/procrastinatejob au    -     -     -
"""


def rest() -> dict[tuple[str, str], dict[str, str]]:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for line in filter(None, REST.splitlines()):
        route, methods, of_most, *others = line.split()
        row = dict.fromkeys(EVERYBODY, of_most)
        for each in others:
            who, answer = each.split("=")
            row |= dict.fromkeys(GROUPS.get(who, (who,)), answer)
        rows |= {(route, method): row for method in methods.split("+")}
    return rows


def of_site() -> dict[tuple[str, str], dict[str, str]]:
    """The rows of the site's models: who may is let in, another guardian is refused."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for line in filter(None, SITE.splitlines()):
        model, *cells = line.split()
        look, add, change, delete = ({GUARDIANS[one] for one in each.strip("-")} for each in cells)

        def row(may: set[str], yes: str = "in") -> dict[str, str]:
            guardians = {each: yes if each in may else "403" for each in GUARDIANS.values()}
            return dict.fromkeys(EVERYBODY, "login") | guardians

        one = f"admin/{model}/<path:object_id>/"
        pages = {f"admin/{model}/": (look, look), f"admin/{model}/add/": (add, add)}
        pages |= {f"{one}history/": (look, look), f"{one}change/": (look, change)}
        pages |= {f"{one}delete/": (delete, delete), one: (set(EVERYBODY), set(EVERYBODY))}
        for route, whose in pages.items():
            rows |= {(route, method): row(may) for method, may in zip(METHODS, whose, strict=True)}
    return rows


@cache
def routes() -> dict[str, Any]:
    """Each address of the resolver as it is written, with its view."""
    return {_in_order(each): view for each, view in _routes(get_resolver().url_patterns, "")}


def _in_order(route: str) -> str:
    """The site names its tables' packages in another order in each process."""
    return re.sub(
        r"(?<=<app_label>)[\w|]+", lambda names: "|".join(sorted(names[0].split("|"))), route
    )


def _routes(patterns: list[Any], before: str) -> Iterator[tuple[str, Any]]:
    for each in patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route, each.callback


def elsewhere() -> set[str]:
    """The addresses that have their rows in the tables of the packages."""
    found = {
        str(each.pattern)
        for module, table in (
            (huying.desk.urls, DESK),
            (huying.field.urls, FIELD),
            (huying.public.urls, PUBLIC),
        )
        for each in module.urlpatterns
        if each.name in {name for name, _method in table}
    }
    of_api = {row.split()[1] for row in ROWS}
    return found | {
        f"api/v1/{each.pattern}"
        for each in huying.api.urls.patterns
        if "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(each.pattern)) in of_api
    }


def test_every_address_of_the_resolver_is_in_a_table() -> None:
    here = {route for route, _method in rest() | of_site()}
    assert not here & elsewhere()
    assert set(routes()) == here | elsewhere()


def test_every_table_has_every_role(world: World, postless: None) -> None:
    held = {str(world.posts[each].role) for each in EVERYBODY if each in world.posts}
    assert held == {str(role) for role in Role}
    assert set(COLUMNS.values()) - {"nobody"} == held
    assert set(EVERYBODY) <= {*world.posts, "nobody"}


def test_every_model_of_the_site_has_its_row() -> None:
    named = {f"{each._meta.app_label}/{each._meta.model_name}" for each in site._registry}
    assert named == {line.split()[0] for line in SITE.splitlines() if line}


def said(answer: Any) -> str:
    if answer.status_code != 302:
        return str(answer.status_code)
    if answer.url.startswith(("/accounts/login/", "/admin/login/")):
        return "login"
    return "again" if answer.url.startswith("/accounts/reauthenticate/") else "302"


def filled(route: str) -> str:
    """The address with something in its holes; of the site's models with one that there is."""
    if found := re.match(r"admin/(\w+)/(\w+)/<path:object_id>", route):
        for model in site._registry:
            if (model._meta.app_label, model._meta.model_name) == found.groups():
                there = model._default_manager.first()
                route = route.replace("<path:object_id>", str(there.pk) if there else "x")
    route = route.replace("(?P<app_label>axes|huying|procrastinate)", "huying")
    route = route.replace("(?P<url>.*)", "x").replace("(?P<path>.*)", "x").replace("^", "")
    holes = {"path": "x", "str": "x", "slug": "x"} | VALUES
    return "/" + re.sub(r"<(\w+):\w+>", lambda hole: holes[hole[1]], route).rstrip("$")


@pytest.mark.slow
def test_every_other_address_for_everyone(
    world: World, postless: None, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    limiting.forget()
    # Of the guardians' second factor other tests tell.
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    cookies = {each: as_(each).cookies for each in EVERYBODY if each != "nobody"}
    table, wrong = rest() | of_site(), []
    for route in sorted({route for route, _method in table}):
        url = filled(route)
        for method in METHODS:
            row = table.get((route, method), dict.fromkeys(EVERYBODY, "405"))
            for person, expected in row.items():
                client = Client()
                client.cookies.update(cookies.get(person, {}))
                with transaction.atomic():
                    answer = getattr(client, method.lower())(url)
                    transaction.set_rollback(True)
                found = said(answer)
                if expected == "in" and found in ("200", "302"):
                    continue
                # Of what is not there nobody is kept from a history.
                if expected == "403" and found == "302" and url.endswith("/x/history/"):
                    continue
                if found != expected:
                    wrong.append((person, method, url, found, expected))
    assert not wrong
