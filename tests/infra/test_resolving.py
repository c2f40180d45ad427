"""Paths that are looked up by how they begin lead where the whole list leads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, include, path, re_path
from django.urls.resolvers import RoutePattern
from hypothesis import given
from hypothesis import strategies as st

from huying.resolving import Sorted, paths_of, sorted_paths

MODULES = ["people", "desk", "public", "field", "open311", "exchange", "wall"]
SAMPLES = {"str": "x1", "int": "7", "uuid": "0197f3c2-0000-7000-8000-000000000001", "slug": "a-b",
           "path": "a/b"}  # fmt: skip


def plain(name: str) -> URLResolver:
    """The list as Django looks through it."""
    return URLResolver(RoutePattern(""), import_module(f"huying.{name}.urls"), {})


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route


def sample(route: str) -> str:
    """A path that fits a pattern."""
    parts = []
    for number, piece in enumerate(route.replace(">", "<").split("<")):
        parts.append(SAMPLES.get(piece.split(":")[0], "x1") if number % 2 else piece)
    return "".join(parts)


def found(resolver: URLResolver, asked: str) -> Any:
    try:
        match = resolver.resolve(asked)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.url_name, match.route


@pytest.mark.parametrize("name", MODULES)
def test_every_path_of_the_product_leads_where_it_led(name: str) -> None:
    whole, quick = plain(name), sorted_paths(paths_of(f"huying.{name}.urls"))
    led = 0
    for route in routes(whole):
        asked = sample(route)
        for each in (asked, f"{asked}/", asked.rstrip("/"), f"{asked}x", f"x/{asked}"):
            assert found(quick, each) == found(whole, each), each
            assert found(quick, each) == found(whole, each), f"{each}, a second time"
            led += found(whole, each) is not None
    assert led > 0


def view(_request: Any) -> HttpResponse:
    return HttpResponse()


word = st.sampled_from(["a", "b", "c", "", "<str:x>", "<int:n>", "<path:rest>", "a<int:n>"])
doors = st.lists(
    st.tuples(st.lists(word, min_size=1, max_size=4).map("/".join), st.sampled_from("pir")),
    min_size=1, max_size=12,
)  # fmt: skip


@given(doors, st.lists(st.sampled_from(["a", "b", "c", "7", "a7", "", "z"]), max_size=5))
def test_any_list_is_looked_through_in_its_own_order(
    told: list[tuple[str, str]], asked: list[str]
) -> None:
    patterns: list[URLPattern | URLResolver] = []
    for number, (route, kind) in enumerate(told):
        if len({each for each in ("x", "n", "rest") if route.count(f":{each}>") > 1}):
            continue  # Django refuses a name that stands twice
        name = f"v{number}"
        if kind == "p":
            patterns.append(path(route, view, name=name))
        elif kind == "i":
            patterns.append(path(route, include([path("", view, name=name), path("c/", view)])))
        else:
            patterns.append(re_path(r"^[ab]/?7?$", view, name=name))
    whole = URLResolver(RoutePattern(""), patterns, {})
    quick = Sorted(RoutePattern(""), patterns, {})
    assert found(quick, "/".join(asked)) == found(whole, "/".join(asked))


def test_the_product_uses_it() -> None:
    [used] = get_resolver().url_patterns
    assert isinstance(used, Sorted)


def test_only_paths_in_which_nothing_is_read_are_kept() -> None:
    quick = Sorted(RoutePattern(""), [path("a/b", view), path("a/<int:n>", view)], {})
    for asked in ("a/b", "a/1", "a/2"):
        quick.resolve(asked)
    assert list(quick._known) == ["a/b"]
