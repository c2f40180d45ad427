"""What signing in leaves behind goes when its time has come."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from huying.people.tidying import tidy

pytestmark = pytest.mark.django_db


def test_sessions_failures_and_sign_ins_go_one_after_the_other(person: Any) -> None:
    person("zhang", "checker")
    for password in ("wrong", "three-kites-over-shiqi"):
        Client().post("/accounts/login/", {"login": "zhang", "password": password})
    Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"})

    def left(after: timedelta) -> tuple[int, int, int]:
        tidy(now=timezone.now() + after)
        counts = (model.objects.count() for model in (Session, AccessAttempt, AccessLog))
        return tuple(counts)  # type: ignore[return-value]

    assert left(timedelta(hours=1)) == (1, 1, 1)
    assert left(timedelta(hours=17)) == (0, 1, 1)
    assert left(timedelta(days=2)) == (0, 0, 1)
    # Of what failed a line stays as long as of what did not, also where signing in ended the count.
    lines = AccessFailureLog.objects.order_by("attempt_time")
    assert list(lines.values_list("username", flat=True)) == ["zhang", "n***"]
    assert left(timedelta(days=365)) == (0, 0, 1)
    assert lines.count() == 2
    assert left(timedelta(days=367)) == (0, 0, 0)
    assert not lines.exists()
