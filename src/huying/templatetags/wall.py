"""How the wall writes its figures."""

from __future__ import annotations

from fractions import Fraction

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huying.assessment.indicators import Figure
from huying.wall.standing import Stand

register = template.Library()


@register.filter
def tenths(figure: Figure) -> str:
    """A share in hundredths with one decimal, half up: 66.7."""
    tenth = int((figure.value or Fraction(0)) * 1000 + Fraction(1, 2))
    return f"{tenth // 10}.{tenth % 10}"


_SHAPES = {
    Stand.CALM: '<circle cx="12" cy="12" r="8"/>',
    Stand.WATCH: '<path d="M12 3.5 22 20.5H2Z"/>',
    Stand.ALARM: '<path d="M12 1.5 22.5 12 12 22.5 1.5 12Z"/>',
}


@register.simple_tag
def stand_shape(stand: Stand) -> SafeString:
    """A light's own shape: what colours alone would say is said to everybody."""
    drawn = f'<svg class="stand stand-{stand}" viewBox="0 0 24 24" aria-hidden="true">'
    return SafeString(drawn + _SHAPES[stand] + "</svg>")  # both are ours


@register.simple_tag
def bar(width: float) -> SafeString:
    """A bar of so many hundredths; drawn, since pages may set no style."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bar-ground" width="100" height="8"/><rect width="{}" height="8"/></svg>',
        width,
    )
