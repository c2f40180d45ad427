"""Templates whose parts that never change are drawn once.

Most of a page is words, drawings and addresses that depend on nothing but the language. Django
draws each of them anew for each page, a piece at a time: a case's page has some seven hundred. Here
neighbouring ones are folded into one when a template is read, which is drawn once for a language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Any, Final, TypeVar, cast

from django.http import HttpRequest
from django.template import Context, Node, NodeList, RequestContext, Template, TemplateDoesNotExist
from django.template import base as django_base
from django.template.backends.django import DjangoTemplates, reraise
from django.template.backends.django import Template as BackendTemplate
from django.template.base import (
    FilterExpression,
    TextNode,
    TokenType,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.context import make_context
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

_STILL: Final = "depends_on_language_alone"
Tag = TypeVar("Tag", bound=Callable[..., Any])


def language_alone(tag: Tag) -> Tag:
    """Marks the function of a simple tag: the same arguments give the same, in each language."""
    setattr(tag, _STILL, True)
    return tag


class Still(Node):
    """Pieces of a template that are always the same, as one."""

    child_nodelists = ()

    def __init__(self, pieces: Iterable[Node]) -> None:
        self._pieces = tuple(pieces)
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Any) -> SafeString:
        language = get_language()
        drawn = self._drawn.get(language)
        if drawn is None:
            pieces = [str(each.render_annotated(context)) for each in self._pieces]
            drawn = mark_safe("".join(pieces))  # noqa: S308 - as `NodeList.render` joins them
            self._drawn[language] = drawn
        return drawn

    # Django's own adds what stood where to an error; these pieces make none that others do not.
    render_annotated = render


_NOT_PLAIN: Final = object()


class _Name(Variable):
    """A name in a template, which mostly is a value of a page's, or what one of these has.

    Django first tries whether a case, say, is a list of such things, and hears an error each time.
    """

    __slots__ = ()

    def _resolve_lookup(self, context: Any) -> Any:
        found = self._plainly(context) if type(context) in _CONTEXTS else _NOT_PLAIN
        return super()._resolve_lookup(context) if found is _NOT_PLAIN else found  # type: ignore[misc]

    def _plainly(self, context: Any) -> Any:
        """The value, by Django's own rules; nothing where it is not there, or is to be called."""
        bits = iter(cast("tuple[str, ...]", self.lookups))
        name = next(bits)
        for names in reversed(context.dicts):
            if name in names:
                found = names[name]
                break
        else:
            return _NOT_PLAIN
        for bit in bits:
            kind = type(found)
            if callable(found):
                return _NOT_PLAIN
            if kind is dict:
                found = found.get(bit, _NOT_PLAIN)
            elif hasattr(kind, "__getitem__"):
                return _NOT_PLAIN
            else:
                found = getattr(found, bit, _NOT_PLAIN)
            if found is _NOT_PLAIN:
                return _NOT_PLAIN
        return _NOT_PLAIN if callable(found) else found


_CONTEXTS: Final = (Context, RequestContext)
# Expressions make their names of this class, and know no other way to be told of another.
cast("Any", django_base).Variable = _Name


class Value(VariableNode):
    """A value on a page; most are texts, which need no more than to be escaped.

    Django asks each first whether it is a moment, a number, or words still to be said.
    """

    def render(self, context: Any) -> SafeString:
        try:
            found = self.filter_expression.resolve(context)
        except UnicodeDecodeError:  # as Django's own
            return SafeString("")
        if context.autoescape:
            if type(found) is SafeString:
                return found
            if type(found) is str:
                return SafeString(escape(found))
        return cast("SafeString", render_value_in_context(found, context))


class _Folding(base.Loader):
    """Folds a template when it is read, before anybody else has it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        return template


class Loader(cached.Loader, _Folding):
    """Django's loader that keeps templates, of templates that were folded."""


def fold(pieces: NodeList) -> None:
    """Folds what is always the same, here and in all parts below."""
    for piece in pieces:
        for part in _parts(piece):
            fold(part)
        if type(piece) is VariableNode:
            piece.__class__ = Value
    folded: list[Node] = []
    drawn = (each for each in pieces if not isinstance(each, LoadNode | CommentNode))
    for still, group in groupby(drawn, key=_is_still):
        found = list(group)
        plain = all(isinstance(each, TextNode) for each in found)
        folded += [Still(found)] if still and not plain else found
    pieces[:] = folded


def _parts(piece: Node) -> Iterator[NodeList]:
    if isinstance(piece, IfNode):  # its `nodelist` is put together anew for who asks
        yield from (part for _condition, part in piece.conditions_nodelists)
        return
    for name in piece.child_nodelists:
        part = getattr(piece, name, None)
        if isinstance(part, NodeList):
            yield part


def _is_still(piece: Node) -> bool:
    if isinstance(piece, TextNode):
        return True
    if isinstance(piece, TranslateNode | BlockTranslateNode):
        context = piece.message_context
        named = piece.asvar is not None or not (context is None or _is_word(context))
        if isinstance(piece, TranslateNode):
            return not named and _is_word(piece.filter_expression)
        words_alone = all(each.token_type is TokenType.TEXT for each in piece.singular)
        return not named and words_alone and not piece.plural and not piece.extra_context
    if isinstance(piece, StaticNode):
        return piece.varname is None and _is_word(piece.path)
    if isinstance(piece, SimpleNode):
        given = [*piece.args, *piece.kwargs.values()]
        return (
            getattr(piece.func, _STILL, False)
            and piece.target_var is None
            and not piece.takes_context
            and all(_is_word(each) for each in given)
        )
    return type(piece) is Value and _is_word(piece.filter_expression)


def _is_word(expression: FilterExpression) -> bool:
    """Whether it says itself: a text or number in the template, without filters."""
    return not (expression.filters or getattr(expression.var, "lookups", None))


class Pages(DjangoTemplates):
    """Django's own way to templates, whose pages let go of what was shown once they are drawn."""

    def from_string(self, template_code: str) -> _Page:
        return _Page(self.engine.from_string(template_code), self)

    def get_template(self, template_name: str) -> _Page:
        try:
            return _Page(self.engine.get_template(template_name), self)
        except TemplateDoesNotExist as error:
            reraise(error, self)
            raise


class _Page(BackendTemplate):
    def render(self, context: Any = None, request: HttpRequest | None = None) -> SafeString:
        """Draws it.

        The names that a template knows hold each other in a ring, and with them each row shown:
        what hangs together so would stay until all memory is looked through.
        """
        names: Any = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(names)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
            raise
        finally:
            names.dicts = []
