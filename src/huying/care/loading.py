"""The kinds and levels that every installation begins with; an administrator changes them."""

from __future__ import annotations

from typing import Final

from huying.care.models import CareKind, CareLevel

KINDS: Final = (
    ("alone", "独居老人", False),
    ("elderly", "高龄老人", False),
    ("childless", "孤寡老人", False),
    ("disabled", "残疾人", False),
    ("child", "困境儿童", True),
    ("left_behind", "留守儿童", True),
    ("frail", "失能老人", False),
    ("mental", "精神障碍", False),
    ("poor", "低保特困", False),
    ("lost_child", "失独家庭", False),
    ("other", "其他", False),
)
LEVELS: Final = (
    (1, "一级（红）", "red", 3),
    (2, "二级（橙）", "orange", 7),
    (3, "三级（黄）", "yellow", 30),
)


def load_care() -> None:
    """Gives an installation without kinds or levels these ones."""
    if not CareKind.objects.exists():
        CareKind.objects.bulk_create(
            CareKind(code=code, name=name, minors=minors, position=at)
            for at, (code, name, minors) in enumerate(KINDS)
        )
    if not CareLevel.objects.exists():
        CareLevel.objects.bulk_create(
            CareLevel(number=number, name=name, colour=colour, days=days)
            for number, name, colour, days in LEVELS
        )
