"""Names for the demo's people: plainly made up, and the same at every load. Pure."""

from __future__ import annotations

from typing import Final

SURNAMES: Final = "陈梁李黄何刘张林吴罗郭谢王冯曾邓彭叶苏卢蔡潘江胡赖余杨徐孔钟简屈韩麦区关崔樊温伍"
FIRST: Final = "安平和顺康宁泰吉祥瑞丰盈清明朗正直诚信义"
SECOND: Final = "一二三四五六七八九"
"""A numeral at the end says that a program gave the name."""

DIFFERENT: Final = len(SURNAMES) * len(FIRST) * len(SECOND)
"""So many names are different; then they come again."""

_STRIDE: Final = 3571  # a prime that divides none of the three: neighbours get unlike names


def generated_name(number: int) -> str:
    """The name of the person with this number: 陈安一, 余明六, …"""
    rest = number * _STRIDE % DIFFERENT
    rest, surname = divmod(rest, len(SURNAMES))
    second, first = divmod(rest, len(FIRST))
    return SURNAMES[surname] + FIRST[first] + SECOND[second]
