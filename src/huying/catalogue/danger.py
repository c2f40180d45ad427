"""Words that mean danger to life: whoever writes them is shown 110, 119 and 120 at once. Pure.

Read with the grammar of `escalating`: what is denied or practised only is none. No door waits for
it and nothing is decided by it; it tells people whom to call while the report goes its way.
"""

from __future__ import annotations

from typing import Final

from huying.catalogue.escalating import hits

WORDS: Final = (
    *("起火", "着火", "失火", "火灾", "冒烟", "浓烟", "爆炸", "被困", "困在", "泄漏"),
    *("煤气味", "燃气味", "汽油味", "坍塌", "塌陷", "滑坡", "坠落", "坠楼", "溺水", "落水"),
    *("触电", "漏电", "中毒", "晕倒", "昏迷", "窒息", "大出血", "没有呼吸", "呼吸困难", "心脏病"),
    *("轻生", "自杀", "跳楼", "持刀", "砍人", "斗殴", "打死", "伤人", "绑架", "救命"),
)
NUMBERS: Final = ("110", "119", "120")


def danger(text: str) -> tuple[str, ...]:
    """The words of danger to life that the text says, each once, in its order."""
    return tuple(dict.fromkeys(hit.word for hit in hits(text, WORDS)))
