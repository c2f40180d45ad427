"""Words that everybody tries first at a place like this, and that are no passwords here."""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS: Final = (
    "huying",
    "panyu",
    "guangzhou",
    "wangge",
    "zhihui",
    "zhongxin",
    "zhengfu",
    "jiedao",
    "shequ",
    "paiqian",
    "dispatcher",
    "handler",
    "checker",
    "worker",
    "gridhead",
    "administrator",
    "security",
    "auditor",
    "admin",
    "password",
    "mima",
    "12345",
    "440113",
    "呼应",
    "番禺",
    "网格",
    "指挥中心",
    "密码",
)
"""The product, the place, the offices and roles, and hotlines: documented in docs/people.md."""

_REST: Final = 6
"""Letters and digits that must be left when the words are taken out."""

_AS_LETTERS: Final = str.maketrans("013457@$!", "oieastasi")
"""How letters are dressed up."""


class ContextWords:
    """Refuses a password that is little more than words of this place (`WORDS`)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for one that leaves fewer than six characters beside the words."""
        for spelled in (password.lower(), password.lower().translate(_AS_LETTERS)):
            left = spelled
            for word in sorted(WORDS, key=len, reverse=True):
                left = left.replace(word, "")
            left = re.sub(r"[\W_]+|(?:19|20)\d\d|0?123\d*", "", left)
            if left != spelled and len(left) < _REST:
                raise ValidationError(
                    _("This is made of words that everybody would try here first."),
                    code="password_of_this_place",
                )

    def get_help_text(self) -> str:
        return str(_("No password of words that everybody would try here first."))
