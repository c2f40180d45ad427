"""Topics of suggestions: each community's own list, and which of them words are likely about."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound
from huying.neighbours.models import SuggestionTopic
from huying.neighbours.noting import note, words_of
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor

FIRST: Final = (
    ("卫生", ("垃圾", "清扫", "卫生", "臭", "蚊", "鼠", "污水", "楼道杂物")),
    ("停车", ("停车", "车位", "乱停", "占道", "充电桩", "电动车")),
    ("养犬", ("狗", "犬", "遛", "狗绳", "宠物")),
    ("入学", ("入学", "学位", "学校", "幼儿园", "上学")),
    ("治安", ("治安", "偷", "盗", "监控", "陌生人", "门禁")),
    ("噪音", ("噪音", "吵", "扰民", "广场舞", "装修")),
    ("养老", ("老人", "长者", "养老", "饭堂", "助餐")),
    ("设施", ("路灯", "电梯", "健身", "滑梯", "井盖", "路面", "水管", "围栏")),
    ("文体", ("活动", "文艺", "图书", "讲座", "球场", "文化")),
    ("其他", ()),
)
"""What a community's list begins with; it is theirs to change."""


def ensure(area_code: str) -> list[SuggestionTopic]:
    """The community's topics; where it has none yet, those that a list begins with."""
    found = list(SuggestionTopic.objects.filter(area_code=area_code))
    if found:
        return found
    SuggestionTopic.objects.bulk_create(
        [
            SuggestionTopic(
                district_code=area_code[:6],
                area_code=area_code,
                name=name,
                signs=list(signs),
                place=place,
            )
            for place, (name, signs) in enumerate(FIRST)
        ],
        ignore_conflicts=True,
    )
    return list(SuggestionTopic.objects.filter(area_code=area_code))


def likely(words: str, topics: Iterable[SuggestionTopic]) -> SuggestionTopic | None:
    """The topic whose signs the words hold the most letters of; None where they hold none."""
    scores = [
        (sum(len(sign) for sign in each.signs if sign in words), each)
        for each in topics
        if each.active
    ]
    best = max(scores, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


def signs_of(typed: str) -> list[str]:
    """Signs as somebody types them: with commas, pauses or blanks between, each once."""
    return list(dict.fromkeys(each for each in re.split(r"[,，、;；\s]+", typed) if each))[:30]


@transaction.atomic
def put(
    area_code: str,
    name: str,
    signs: Sequence[str],
    *,
    by: Actor,
    now: datetime,
    pk: uuid.UUID | None = None,
    active: bool = True,
) -> SuggestionTopic:
    """Adds a topic, or says one anew. What was sorted under it stays there.

    Raises:
        NotAllowed: the actor does not keep this community's list.
        NotFound: there is no such topic.
        Missing, BadInput: no name, or another topic has it.
    """
    if not may_keep(by, area_code):
        raise NotAllowed
    name = words_of(name, field="name", most=20)
    kept = [words_of(each, field="signs", most=20) for each in signs]
    if pk is None:
        last = max((each.place for each in ensure(area_code)), default=0)
        topic = SuggestionTopic(district_code=area_code[:6], area_code=area_code, place=last + 1)
    else:
        found = SuggestionTopic.objects.select_for_update()
        topic_or_none = found.filter(pk=pk, area_code=area_code).first()
        if topic_or_none is None:
            raise NotFound
        topic = topic_or_none
    topic.name, topic.signs, topic.active = name, kept, active
    try:
        with transaction.atomic():
            topic.save()
    except IntegrityError:
        raise BadInput(_("There is a topic of this name already."), field="name") from None
    note(topic, "topic", by=by, now=now)
    return topic
