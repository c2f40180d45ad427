"""Which places, roads, estates and firms texts name, learnt from the texts themselves. Pure.

Nobody has a list of all estates and back lanes, and a dictionary cuts names that it does not
know to pieces. But a name ends in a word that says what it is (路, 小区, 花园), and where it begins
is seen from how it is used: before 丽发新城 stands now this and now that, while 丽 always stands
before 发新城. So all endings are found first, and each is prolonged to the left as long as most
texts that hold the shorter one hold the longer one too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LISTED: Final = """
    小区 花园 家园 嘉园 公寓 新城 新村 山庄 雅苑 公馆 别墅 国际 广场 大厦 中心 市场 大道 中路
    东路 西路 南路 北路 公园 社区 学校 小学 中学 大学 学院 校区 幼儿园 医院 有限公司 公司 集团
    高速 工业园 产业园 名城 名邸 名都 豪庭 华庭 华府 御府 首府 悦府 天下 香郡 佳园 景园 车站
    站台 立交 隧道 车贷 路 街 巷 村 组 苑 园 城 府 庭 湾 岛 湖 滩 郡 墅 里 居 轩 阁 邸 坊 桥
    厂 站 寺 山 洲 塘 垸 岭 汇 都 线
"""
KINDS: Final = tuple(sorted(set(_LISTED.split()), key=lambda kind: (-len(kind), kind)))
"""What a name ends in, the longest first."""
_FACILITIES: Final = frozenset(
    ["站", "厂", "中心", "市场", "站台", "车站", "立交", "隧道", "居", "里", "线", "组"]
)
"""Says what a thing is rather than what it is called (搅拌站): only a long one names its place."""
# 路灯, 城管, 村民: the ending belongs to the word behind it.
_ENDING: Final = re.compile(
    rf"(?:{'|'.join(KINDS)})(?!(?<=路)[灯况由费程障政]|(?<=城)[管市乡]|(?<=村)[民委])"
)
_RUN: Final = re.compile(r"[㐀-鿿A-Za-z0-9·]+")
# A division whose name was replaced by a letter says nothing, and sticks to the name behind it.
_DIVISION: Final = re.compile(r"[A-Z]\d{0,2}[市区县]|西地省")
# What stands before names and belongs to none of them.
_LEADS: Final = re.compile(
    r"^(?:关于|反映|投诉|举报|请求|请问|建议|咨询|强烈|反对|希望|恳请|要求|对于|位于|坐落|我们|我是|我家"
    r"|附近|旁边|对面|以及|还有|因为|由于|为什么|什么|这个|那个|一个|目前|现在|本人|居住|住在|来自|尊敬"
    r"|\d+(?=[号栋幢楼米人户年月日个名位]))+"
)
# The same, in one letter; but 和 also begins 和兴路, where no text has 兴路 alone.
_LEAD: Final = frozenset(
    "在请对于与和到从由被把将让给向往是有及或就也都该此本某各全每这那其之你我他她的了"
)
_NO_HEADS: Final = frozenset("号期栋幢楼线路街站市区县省层")
# Letters that no name goes across.
_INNER: Final = re.compile(
    r"^.*(?:[的了在请是把被让以我你他们不没望求这那吗呢吧给向为]|带着|严重|影响|办理|附近|修建|新建|设置"
    r"|能否|如何|传到|整条|新装|居民|政府|\d{2,}(?=号线)|提高|加快|享受|购买|没有|为什么|什么)"
)
# What makes no name of an ending: any estate, any road.
_EVERYWHERE: Final = """
    住宅 安置 商业 老旧 老 新建 新 旧 居民 业主 我们 本 该 此 某 整个 全 各 一个 多个 其他
    附近 周边 公办 民办 私立 地铁 公交 火车 汽车 高铁 加油 停车 垃圾 道 马 公 铁 人行 高架
    一条 这条 那条 两条 物业 开发商 房地产 地产 有限 责任 股份 管理 服务 投资 建设 集团 分 总
    子 母 农 乡 城中 自然 行政 城 农贸 菜 批发 二手房 房产 人才 政务 办事 购物 文化 活动 医疗
    教育 培训 国际 城市 公共 街道 小 中 大 高 初 职业 技术 党 校 在 学 回 上 下 左 右 前 后 门
    楼 东 西 南 北 江 河 山 湖 心 这 那 哪 夜 家 屋 院 城里 市 区 县 镇 省 国 外 内 里 出 进
    过 半 走 让 修 断 堵 省道 国道 县道 主 支 次 干 主干 交 十字 交叉 三岔 红绿灯 路 街 巷
    供电 变电 公共汽车 充电 服务区 收费 检查 派出所 商住 廉租 公租 经济适用 保障 学区 我 你 他
    咱 花 地下车 车 地下 上班 下班 全国 工业 科技 经济 开发 动物 安全 生产 卫生 环境 网 热 电
    水 气 管 连 无 专 产业 高压 起跑 流水 生命 底 红 直 沿 光 视 航 公交线 高速公 高压电 斑马
    过街 过街天 人行天 水泥 断头 轨道交 国家 路交 立交 号 业 民 园 苑 物流 金融 文体 体育 交通
    法律 会议 会展 轨道 自来水 建筑 装饰 保险 银行 食品 传媒 信息 网络 劳务 旅游 运动 社会
    家庭 生活 现代 未来 美丽 幸福 文明 和谐 智慧 小作
"""
_COMMON: Final = frozenset(_EVERYWHERE.split())
LONGEST: Final = 12
"""Characters of a name."""
SHORTEST: Final = 3
HOLDS: Final = 0.55
"""The share of the texts with a shorter ending that must hold the longer one for it to go on."""
MOST_TEXTS: Final = 0.03
"""A name that more texts than this share hold names no place in particular; from 12 texts on."""
KEPT: Final = 4096
"""Names that are kept as they were seen to be: the same come again and again."""

Ending = tuple[str, int]
"""A run of letters, and a place in it where a name may end."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that texts share: how many texts hold each."""

    counts: Mapping[str, int]

    def of(self, text: str) -> tuple[str, ...]:
        """The known names in a text, in its order, each once; of two that end alike the longer."""
        return self.among(endings(text))

    def among(self, ends: Iterable[Ending]) -> tuple[str, ...]:
        """The same of a text's endings."""
        found: dict[str, None] = {}
        for run, end in ends:
            for length in range(min(LONGEST, end), SHORTEST - 1, -1):
                if (name := run[end - length : end]) in self.counts:
                    found.setdefault(name)
                    break
        return tuple(found)


def plain(text: str) -> str:
    """A text without the divisions that say nothing."""
    return _DIVISION.sub(" ", text)


def learn(texts: Iterable[str]) -> Names:
    """The names that at least two of the texts hold."""
    return learnt(map(endings, texts))


def learnt(texts: Iterable[Sequence[Ending]]) -> Names:
    """The same of each text's endings."""
    ends = list(texts)
    held: Counter[str] = Counter()
    for each in ends:
        held.update(
            {
                run[end - length : end]
                for run, end in each
                for length in range(2, min(LONGEST + 1, end) + 1)
            }
        )
    chosen: Counter[str] = Counter()
    for each in ends:
        chosen.update({name for run, end in each if (name := _prolonged(run, end, held))})
    most = max(12.0, MOST_TEXTS * len(ends))
    return Names({name: number for name, number in chosen.items() if 2 <= number <= most})


def endings(text: str) -> list[Ending]:
    """Each run of letters with each place in it where a name may end."""
    return [
        (run, ending.end()) for run in _RUN.findall(plain(text)) for ending in _ENDING.finditer(run)
    ]


def _prolonged(run: str, end: int, held: Mapping[str, int]) -> str:
    """The name that ends here; empty when none does."""
    length = 2
    while length < min(LONGEST, end):
        longer = run[end - length - 1 : end]
        if length >= SHORTEST and held[longer] < max(2, HOLDS * held[longer[1:]]):
            break
        length += 1
    name = _stripped(run[end - length : end])
    while len(name) > SHORTEST and name[0] in _LEAD and held[name[1:]] > held[name]:
        name = name[1:]
    if len(name) < SHORTEST or name[0] in _NO_HEADS or _is_common(name):
        return ""
    return name


@lru_cache(maxsize=KEPT)
def _stripped(name: str) -> str:
    """The name without what stands before it."""
    return _LEADS.sub("", _INNER.sub("", name))


@lru_cache(maxsize=KEPT)
def _is_common(name: str) -> bool:
    kind = next((kind for kind in KINDS if name.endswith(kind)), "")
    body = name[: len(name) - len(kind)]
    return not kind or body in _COMMON or len(body) < (4 if kind in _FACILITIES else 2)
