"""Parts of a page that are drawn once for the values they are drawn from.

    {% once here=request.resolver_match.url_name %}<nav>…</nav>{% endonce %}

Inside there is nothing but the values that are named, the words of the present language and the
token of a form: what is not named cannot be shown to somebody else by mistake. What has nothing but
words needs no such tag (`huying.templating`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.template.exceptions import TemplateSyntaxError
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST: Final = 500
"""So many drawings of one part are kept; then it begins anew."""

_TOKEN: Final = mark_safe("<!--token-->")
"""Stands for a form's token. Nothing that anybody wrote holds it: it would be escaped."""

_FIELD: Final = CsrfTokenNode().render(Context({"csrf_token": _TOKEN}))


class OnceNode(Node):
    """A part that is drawn once for each language and the values it is given."""

    def __init__(self, nodelist: NodeList, given: Mapping[str, FilterExpression]) -> None:
        self.nodelist, self.given = nodelist, given
        self._kept: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = [each.resolve(context) for each in self.given.values()]
        key = (get_language(), *values)
        drawn = self._kept.get(key)
        # Where pages are worked on, the names of their scripts change while the process runs.
        if drawn is None or settings.DEBUG:
            named = dict(zip(self.given, values, strict=True))
            drawn = self.nodelist.render(context.new({**named, "csrf_token": _TOKEN}))
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = drawn
        if _FIELD not in drawn:
            return drawn
        return mark_safe(drawn.replace(_FIELD, CsrfTokenNode().render(context)))  # noqa: S308


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """Takes the values to be drawn from, by name; they must be hashable, and not too various."""
    name, *bits = token.split_contents()
    given = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"{name} takes values by name only")
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError("a block that pages fill is not drawn once")
    return OnceNode(nodelist, given)
