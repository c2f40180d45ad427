"""Photos on the desk say when they were taken and how far from their case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.test import Client

from huying.cases.models import Attachment
from huying.desk.photos import is_far, taken_words
from tests.desk.world import LAT, LON

if TYPE_CHECKING:
    from tests.desk.world import World


def test_a_photo_says_when_and_how_far_from_its_case(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.reported(photos=[world.photo("dispatcher", "photo_before")])
    photo = case.attachments.get()
    assert taken_words(photo, case) == ""
    assert not is_far(photo, case)
    Attachment.objects.update(
        taken_at="2026-03-05T01:30:00Z", lon=LON + 0.0098, lat=LAT, accuracy_m=12.4
    )
    photo.refresh_from_db()
    assert taken_words(photo, case) == "2026-03-05 09:30 拍摄 · 距案件 1005 米 · 精度 ±12 米"
    page = as_("district_dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert "距案件 1005 米" in page
    assert "异地拍摄" in page
    # A phone that is not sure of its place is not blamed for it.
    photo.accuracy_m = 900.0
    assert not is_far(photo, case)
