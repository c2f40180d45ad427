"""What a view takes, as its own decorator says: a new one is noticed by whoever lists them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def taken(view: Callable[..., Any]) -> set[str]:
    """The methods that are answered; HEAD is GET without its content.

    Raises:
        AssertionError: the view does not say, and so would take any.
    """
    layer: Any = view
    while layer is not None:
        names = getattr(getattr(layer, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            said = layer.__closure__[names.index("request_method_list")].cell_contents
            return set(said) - {"HEAD"}
        layer = getattr(layer, "__wrapped__", None)
    raise AssertionError(f"{view} says no methods")


def of(patterns: list[Any]) -> set[tuple[str, str]]:
    """Each address by its name, with each method that it takes."""
    return {(each.name, method) for each in patterns for method in taken(each.callback)}
