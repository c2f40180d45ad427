"""Invented streets, shops and names, and texts made of the demo's templates. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from huying.scenarios.demo_texts import ALARMING, DENYING, MESSAGES, REPORTS

_FIRST: Final = "和福兴永安康泰庆云锦华荣丰明瑞祥嘉景翠彩"
_SECOND: Final = "兴安宁平顺盛贤德仁秀泽源乐昌庭源"
_KIND: Final = ("路", "街", "大街", "东路", "西路", "南街", "北街")
_NUMBERS: Final = "三四五六七八九"
_STOREYS: Final = "二三四五六七"
_SHOPS: Final = (
    "奶茶店",
    "五金铺",
    "肠粉店",
    "理发店",
    "便利店",
    "服装店",
    "快餐店",
    "水果店",
    "汽修店",
    "药店",
    "烧腊店",
    "快递站",
)
_SITES: Final = (
    "小学",
    "文化广场",
    "农贸市场",
    "村口牌坊",
    "公园北门",
    "卫生站",
    "篮球场",
    "公交总站",
    "幼儿园",
    "祠堂",
)
_WHEN: Final = ("半夜", "傍晚", "清早", "晚上八点后", "中午")

FIRST_PHONE: Final = 13_800_000_000
"""Phones of the demo are this and the numbers after it: 138 0000 0001 and so on, nobody's."""


def dice(*parts: object) -> random.Random:
    """A source of chance that is the same for the same parts."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311


@dataclass(frozen=True)
class Scene:
    """Where one matter of the demo is, in words: the slots of the templates.

    Attributes:
        chance: what everything of this matter is drawn from.
    """

    chance: random.Random

    @cached_property
    def slots(self) -> dict[str, str]:
        pick = self.chance.choice
        name = pick(_FIRST) + pick(_SECOND)
        number = pick(_NUMBERS)
        return {
            "road": name + pick(_KIND),
            "lane": f"{name}{pick('一二三四五六七八九')}巷",
            "no": str(self.chance.randint(1, 98)),
            "n": number,
            "tens": f"{pick(_NUMBERS)}十",
            "floor": pick(_STOREYS),
            "shop": pick(_SHOPS),
            "site": pick(_SITES),
            "when": pick(_WHEN),
        }

    @property
    def address(self) -> str:
        return f"{self.slots['road']}{self.slots['no']}号"

    def report(self, item: str) -> str:
        """How somebody reports a matter of this item."""
        return self.fill(self.chance.choice(REPORTS[item]))

    def alarm(self, item: str) -> str:
        """How somebody reports one that can't wait."""
        return self.fill(self.chance.choice(ALARMING[item]))

    def denial(self) -> tuple[str, str]:
        """An item, and a report of it that says a danger's word only to deny it."""
        item, template = self.chance.choice(DENYING)
        return item, self.fill(template)

    def message(self) -> tuple[str, str]:
        """The item that it turns out to be, and a resident's longer message."""
        item, template = self.chance.choice(MESSAGES)
        return item, self.fill(template)

    def fill(self, template: str) -> str:
        return template.format(**self.slots)

    def say(self, sentences: tuple[str, ...]) -> str:
        return self.chance.choice(sentences)


def phone_of_nobody(serial: int) -> str:
    return str(FIRST_PHONE + serial)
