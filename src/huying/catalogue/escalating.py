"""Escalate words: does a text tell of something that can't wait? Pure.

A word that an item lists (汽油味, 泄漏, 被困) is looked for in the text, and what stands around it
is read with a small grammar: 没有泄漏 is no hit, 没有人管，煤气泄漏 is one. Where the grammar can't
tell, the word counts: a desk that looks once too often is better than one that did not look. The
finding only ever *proposes*; the desk decides.

How a mention is judged, within its clause (up to ，。！？；：… a blank or a new line; 、 ends no
clause, so 没有泄漏、起火 denies both):

- **denied**: a negator (没有, 未, 无, 不存在, 不是, 并非, 已排除 …) stands before the word with
  nothing between them but a few characters that carry the denial on (发现, 任何, 明显, 煤气 …). A
  verb in between that takes the denial for itself ends it: 没有人管煤气泄漏, 没有关好导致泄漏.
  A denial can also follow: 泄漏已排除, 起火系误报.
- **denied twice** is told: 不是没有泄漏, 不能排除泄漏.
- **asked** is told: 有没有泄漏, 是否泄漏, 没有泄漏吗？
- **practised**: 泄漏演练, 防泄漏, 宣传防爆炸知识 speak of the danger and don't report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Reading(StrEnum):
    """What a mention says: the danger is told of, denied, or only practised or taught."""

    TOLD = "told"
    DENIED = "denied"
    PRACTISED = "practised"


@dataclass(frozen=True, slots=True)
class Hit:
    """An escalate word at ``text[start:end]``, as it is written in the item's list."""

    word: str
    start: int
    end: int
    reading: Reading = Reading.TOLD

    @property
    def zh(self) -> str:
        return f"命中“{self.word}”"

    @property
    def en(self) -> str:
        return f"the text says “{self.word}”"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an emergency is proposed, for the person who decides."""

    zh: str
    en: str


def hits(text: str, words: Iterable[str]) -> tuple[Hit, ...]:
    """The escalate words that the text tells of, in its order; denied and practised ones left out.

    The simplified and the traditional form of a character count as the same, and so do 泄漏 and
    泄露. Of words that overlap the longest counts.
    """
    return tuple(hit for hit in mentions(text, words) if hit.reading is Reading.TOLD)


def mentions(text: str, words: Iterable[str]) -> tuple[Hit, ...]:
    """Every place where one of the words stands, each with how it is meant."""
    pattern = _pattern(tuple(words))
    if pattern is None:
        return ()
    folded = _fold(text)
    found: list[Hit] = []
    for match in pattern.finditer(folded):
        start, end = match.span()
        if _is_other(folded, start, end):
            continue
        # The group's number says which word it was; the text may hold a variant of it.
        word = _listed(tuple(words))[(match.lastindex or 1) - 1]
        found.append(Hit(word, start, end, _reading(folded, start, end)))
    return tuple(found)


def reason(found: Iterable[Hit]) -> Reason | None:
    """One sentence for all hits; None when there are none."""
    words = list(dict.fromkeys(hit.word for hit in found))
    if not words:
        return None
    return Reason(
        zh="命中" + "".join(f"“{word}”" for word in words),
        en="the text says " + ", ".join(f"“{word}”" for word in words),
    )


# Characters folded one to one, so that places in the folded text are places in the text.
_TRADITIONAL: Final = (
    "沒無發現氣洩險壞煙災應變狀報話圍傷鬥毆輕聯絡習過還為與個這說將會開關處門廠廚電線纜墜傾斷頂積轉鹽鬧搶確診熱體檢驗證據傳銷"
    "獨團訪業訓練導講課識預擬實際並從來經誰豈難當誤認聞見聽動駕讓卻對於後時間區屬賣買違樓隱測試兇鎖髒幫車"
)
_SIMPLIFIED: Final = (
    "没无发现气泄险坏烟灾应变状报话围伤斗殴轻联络习过还为与个这说将会开关处门厂厨电线缆坠倾断顶积转盐闹抢确诊热体检验证据传销"
    "独团访业训练导讲课识预拟实际并从来经谁岂难当误认闻见听动驾让却对于后时间区属卖买违楼隐测试凶锁脏帮车"
)
_FOLD: Final = str.maketrans(
    dict(zip(_TRADITIONAL + "?!;:,", _SIMPLIFIED + "？！；：，", strict=True))
)


def _fold(text: str) -> str:
    return text.translate(_FOLD).replace("泄露", "泄漏")


@lru_cache(maxsize=256)
def _listed(words: tuple[str, ...]) -> tuple[str, ...]:
    kept = {word.strip() for word in words if word.strip()}
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    listed = _listed(words)
    if not listed:
        return None
    return re.compile("|".join(f"({re.escape(_fold(word))})" for word in listed))


_BREAK: Final = re.compile(r"[，。！？；：…—~\s()（）【】\[\]《》]|(?<!\d)\.(?!\d)")
_QUOTES: Final = "“”‘’「」『』\"'"

# What may stand between a negator and the word without ending the denial. Longest first.
_CARRIES: Final = (
    "发现 检测到 检测出 监测到 测到 测出 查到 查出 检查到 检出 闻到 闻见 闻出 嗅到 看到 看见 见到 "
    "见 听到 听说 出现 发生 存在 产生 构成 形成 造成过 属于 涉及 接到 收到 有过 有 再次 再 继续 "
    "任何 什么 啥 丝毫 半点 一点 一丝 一点点 一例 一起 一处 明显 严重 轻微 大量 大面积 较大 "
    "可能 可疑 疑似 新的 新增 其他 其它 别的 那种 这种 此类 类似 相关 人员 居民 群众 住户 老人 "
    "小孩 孩子 学生 工人 任何人 有人 人 气体 燃气 煤气 天然气 液化气 石油气 瓦斯 油气 汽油 柴油 "
    "油品 危险品 化学品 管道 气管 阀门 接口 气瓶 煤气瓶 电线 线路 设备 电器 车辆 电动车 墙体 房屋 "
    "厨房 室内 屋内 家里 楼道 现场 味道 气味 异味 明火 烟 隐患 风险 情况 现象 迹象 问题 事故 "
    "的 地 得 了 过 到 出 是 和 或者 或 及 以及 与 也 、 等 现在 目前 "
    "泄漏 煤气味 汽油味 起火 冒烟 爆炸 中毒 坍塌 塌陷 倾斜 坠落 漏电 水浸 溺水 被困 聚集 斗殴 持刀 "
    "晕倒 失联 轻生 伤人 滑坡"
)
_CARRY: Final = re.compile(
    "|".join(re.escape(each) for each in sorted(_CARRIES.split(), key=len, reverse=True))
)
# A verb or a turn that takes the denial for itself: nobody sees to it, it was not closed.
_ABSORBS: Final = re.compile(
    r"[管理修关拧紧装盖救护处解报停断止敢能把使让但却就因才还仍又只法故证照办防完好来去用多久天日夜"
    r"怕想该钱事休负应答助]|而是|导致|造成|引起|引发|以致|结果|所以|反而|突然|比|如果|万一|依旧|照样"
)
# Words after which a denial also reaches over a few characters that nothing here knows.
_LEADS: Final = re.compile(
    r"发现|检测|监测|检查|查到|查出|检出|测出|测到|闻到|看到|看见|听到|出现|发生|存在|任何|明显|什么"
)
_LONGEST_GAP: Final = 12
_LONGEST_UNKNOWN: Final = 4

_NEGATOR: Final = re.compile(
    r"并没有|没有|并未|尚未|从未|暂未|未曾|未|并没|没|毫无|并无|绝无|暂无|均无|无"
    r"|不存在|不属于|不涉及|并不是|不是|并非|绝非|非|不会|不再|不曾"
    r"|已经排除|已排除|排除了|可以排除|可排除|基本排除|初步排除"
    r"|误以为|误认为|误报|虚报|谎报|不"
)
# Characters with which these are other words: 有没有 asks, 无法 and 不停 deny nothing.
_NO_NEGATOR: Final = re.compile(
    r"没完没了|没日没夜|没多久|没过多久|无法|无故|无缘|无证|无照|无论|无视|无奈|无数|无时无刻|无休止"
    r"|不停|不断|不时|不知|不明|不管|不但|不仅|不止|不顾|不久|不慎|不小心|不要|不得|不准|不许|不能|不敢"
    r"|非常|非法|非但|除非|是非|莫非|非要|非得|未来|未经|未必|未免|未成年|未满|未知|未婚|不一会|不定"
    r"|无业|无家|无辜|无聊|无良|无助|无力|无人机|无关|无理|不良|不明|不法|不堪|不满|不安|不平|不便|不同"
)
_ASKS_BEFORE: Final = re.compile(r"有没有|有无|是否|是不是|会不会|可不可能|有没|是否有|存不存在")
_ASKS_AFTER: Final = re.compile(r"(?:吗|么|呢|没有|没|不)$")
_TWICE: Final = re.compile(
    r"(?:不是|并非|不可能|不会|不能说|不等于|不代表|不敢说|难道|谁说|怎么|怎能|岂|哪里|哪能|难免|无法"
    r"|不能|不|未|没有|没|难以|并不|请|尽快|及时|希望|要求|需要|想|帮忙|如何)"
    r"(?:说|是|会|有|能|完全|彻底|基本|真的|真|就|都|全)*$"
)
_STILL: Final = re.compile(
    r"才怪|之前|以前|前(?:来|处理|解决|修|赶)|那么简单|这么简单|就是|(?:现在|今天|最近|这几天)(?:又|却)?有"
    # 没有漏电保护, 没有发现有人被困电梯一个小时: a device is lacking; it lasted.
    r"|^(?:开关|保护|报警|监测|探测|检测|防护)|^.{0,4}[一两二三四五六七八九十半几\d]+个?多?(?:小时|分钟|钟头)"
)
_VERY: Final = re.compile(
    r"(?:还是|依然|仍然)?(?:很|非常|特别|太|十分|相当|越来越|极)(?:大|重|浓|严重|明显)"
)
_DENIED_AFTER: Final = re.compile(
    r"(?:的)?(?:事故|情况|现象|可能性|可能|隐患|风险|危险|问题|警报|一事|之说)?"
    r"(?:(?:已经|已|现已|均已|都已|被|现被|经查|经核实)+(?:排除|解除)(?!不)|(?:排除|解除)(?:了|完毕|完)"
    r"|(?:经查|经核实|确认|并|均|都|系|是|为|属于|属|乃)*"
    r"(?:不存在|不属实|没有发生|未发生|没有出现|未出现|误报|虚报|谎报|谣言|假的|误会))"
)

# Other things that 泄漏 can be said of.
_OTHER_BEFORE: Final = re.compile(
    r"(?:信息|资料|隐私|数据|机密|秘密|试题|考题)[^，。！？；：\s]{0,4}$"
)
_OTHER_AFTER: Final = re.compile(r"^[^，。！？；：\s]{0,6}(?:信息|隐私|资料|数据|秘密|机密)")

_PREVENTS: Final = re.compile(r"(?<![消国边三设])防$")
_DRILL_AFTER: Final = re.compile(
    r"^(?P<gap>[^，。！？；：\s]{0,8}?)(?:演练|演习|宣传(?![栏牌屏车员])|培训(?!机构|学校|班|中心|楼)"
    r"|讲座|讲课|课程|科普|知识|模拟|预案|安全教育|警示教育|承诺书)"
)
_DRILL_BEFORE: Final = re.compile(
    r"(?:演练|演习|宣传|宣讲|讲解|讲了|学习|科普|模拟|培训)(?P<gap>[^，。！？；：\s]{0,6})$"
)
# What tells that the danger came up in earnest, or that the practice is only a place or a time.
_HAPPENS: Final = re.compile(
    r"[时中后没无未真竟还班室楼点栏牌屏员车站处]|发现|发生|闻到|看到|听到|出现|突然|有人|现场|期间|回来"
    r"|机构|学校|公司|基地"
)


def _reading(text: str, start: int, end: int) -> Reading:
    """How the word at ``text[start:end]`` of a folded text is meant."""
    before = _clause_before(text, start)
    after, question = _clause_after(text, end)
    if _practised(before, after):
        return Reading.PRACTISED
    if question or _ASKS_AFTER.search(after):
        return Reading.TOLD
    if _DENIED_AFTER.match(after):
        return Reading.DENIED
    if not _denied_before(before) or _STILL.search(after):
        return Reading.TOLD
    if "、" in before and _VERY.match(after):
        return Reading.TOLD
    return Reading.DENIED


def _is_other(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    before = text[max(0, start - 8) : start]
    if word == "住人":
        return before.endswith(("入", "居", "常", "留", "暂", "现"))  # 常住人口, 留住人才
    if word == "泄漏":
        return bool(_OTHER_BEFORE.search(before) or _OTHER_AFTER.match(text[end : end + 12]))
    return False


def _clause_before(text: str, start: int) -> str:
    reach = text[max(0, start - 40) : start]
    breaks = list(_BREAK.finditer(reach))
    clause = reach[breaks[-1].end() :] if breaks else reach
    return clause.translate({ord(quote): None for quote in _QUOTES})


def _clause_after(text: str, end: int) -> tuple[str, bool]:
    reach = text[end : end + 40].translate({ord(quote): None for quote in _QUOTES})
    stop = _BREAK.search(reach)
    if stop is None:
        return reach, False
    return reach[: stop.start()], stop.group() == "？"


def _denied_before(before: str) -> bool:
    if _ASKS_BEFORE.search(before[-_LONGEST_GAP:]):
        return False
    decoys = [match.span() for match in _NO_NEGATOR.finditer(before)]
    for negator in reversed(list(_NEGATOR.finditer(before))):
        if any(left <= negator.start() < right for left, right in decoys):
            continue
        gap = before[negator.end() :]
        # A bare 不 denies only what follows at once: 不漏电, but not 不让进就冒烟.
        if negator.group() == "不" and gap:
            return False
        return _carries(gap) and not _TWICE.search(before[: negator.start()])
    return False


def _carries(gap: str) -> bool:
    """Whether a denial reaches over these characters."""
    if len(gap) > _LONGEST_GAP:
        return False
    unknown = _CARRY.sub("", gap)
    if not unknown:
        return True
    # 没有护栏有人坠落 runs two statements together: an unknown noun alone ends the denial.
    reach = _LONGEST_UNKNOWN if _LEADS.match(gap) else 0
    return len(unknown) <= reach and not _ABSORBS.search(unknown)


def _practised(before: str, after: str) -> bool:
    if _PREVENTS.search(before):
        return True
    behind = _DRILL_AFTER.match(after)
    if behind and not _HAPPENS.search(behind["gap"]):
        return True
    ahead = _DRILL_BEFORE.search(before)
    return bool(ahead and not _HAPPENS.search(ahead["gap"]))
