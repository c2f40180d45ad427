"""Telephone numbers as people write them, and as they are kept."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput


def plain_phone(phone: str) -> str:
    """A phone number as digits only, with a leading + kept.

    Raises:
        BadInput: it is not a phone number of 5 to 20 digits.
    """
    plain = re.sub(r"[\s\-()（）—]", "", phone)
    if plain and not re.fullmatch(r"\+?\d{5,20}", plain):
        raise BadInput(_("This is not a phone number."), field="phone")
    return plain
