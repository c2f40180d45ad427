"""Numbers of people that somebody typed into words."""

from __future__ import annotations

import pytest

from huying.audit.numbers import hide, put_back


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("请致电13926187753，谢谢", "请致电139****7753，谢谢"),
        ("电话 139-2618-7753、+8613800001111", "电话 139-****-7753、+86138****1111"),
        ("１３９２６１８７７５３", "１３９****７７５３"),
        ("身份证440113198001010018", "身份证440*************18"),
        ("440113 19800101 001X的妈妈", "440*** ******** **1X的妈妈"),
        ("Tel.13926187753", "Tel.139****7753"),
        ("013926187753", "0139****7753"),
        ("sfz440113198001010018", "sfz440*************18"),
        ("身份证440113198001010018电话13926187753", "身份证440*************18电话139****7753"),
    ],
)
def test_they_are_masked_and_can_be_put_back(said: str, kept: str) -> None:
    hidden = hide(said)
    assert hidden.words == kept
    assert put_back(hidden.words, hidden.found) == said


@pytest.mark.parametrize(
    "said",
    [
        "案件440113120201907110000001已办结",
        "经度113.13926187753",
        "113.013926187753",
        "税号USCC91440101MA5CRKX123",
        "91440101231234567X",
        "订单号2013926187753",
        "020-84641234",
        "统一社会信用代码91440101MA5CRKX123",
        "编号440113198013010018",
    ],
)
def test_other_numbers_stay(said: str) -> None:
    assert hide(said) == (said, ())
