"""A draft of rules against 100,000 past cases, words and all, within the minute it may take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, figures
from huying.benchmarks.filling import fill, people
from huying.cli import CommandError, say

GOAL = at_most(1.0)
ROWS = 100_000
SECONDS = 60.0
DISTRICT = "440113"
DRAFT = """
规则 gas 煤气味
当 文字 煤气味、汽油味
则 牵头 队伍 企业商铺类
则 时限 2 小时

规则 night 夜间噪声和油烟
当 事项 02
当 时间 22:00-06:00
当 文字 吵、油烟
则 牵头 部门 城管执法队
则 协办 部门 公安派出所

规则 holiday 节假日市容
当 事项 0211
当 日期 休息日、节假日
当 地点 440113120、440113102
则 牵头 队伍 社会面类
"""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from huying.dispatch import backtest, grammar
    from huying.dispatch.loading import default_text
    from huying.dispatch.rulebook import in_force

    people(bed)
    bed.copy("rules")
    bed.enter("rules")
    rows = min(ROWS, options.rows)
    fill(bed, rows, open_per_mille=20)
    rules = grammar.read(default_text() + DRAFT)
    now = datetime.now(UTC)
    published = in_force(DISTRICT, now)
    if published is None:
        raise CommandError("there are no rules")
    ours = []
    found: dict[str, Any] = {}
    for turn in range(options.rounds):
        started = perf_counter()
        day = now.date()
        since, until = day - timedelta(days=800), day + timedelta(days=1)
        found = backtest.run(DISTRICT, rules, published.book, since, until) or {}
        ours.append(perf_counter() - started)
        say(f"rules {turn + 1}/{options.rounds}: {ours[-1]:,.1f} s, {found['moved']:,} moved")
    bed.drop("rules")
    return figures(
        "rules",
        "s",
        ours,
        [SECONDS * rows / ROWS] * len(ours),
        GOAL,
        met=found["cases"] == rows,
        rows=rows,
        moved=found["moved"],
    )
