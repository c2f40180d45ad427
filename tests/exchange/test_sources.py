"""Signed sources on the admin site: connected by the one who may, secrets shown once."""

from __future__ import annotations

from typing import Any

from huying.intake.models import Source
from huying.people.models import Role
from tests.open311.test_keys import guardian


def test_a_source_is_connected_and_its_secrets_are_shown_once(town: Any) -> None:
    security = guardian(Role.SECURITY_ADMINISTRATOR)
    add = "/admin/huying/source/add/"
    hotline = {"kind": "hotline", "code": "p12345", "name": "12345", "area_code": "440113"}
    refused = security.post(add, hotline | {"url": "http://8.8.8.8/x"})
    assert refused.status_code == 200
    assert not Source.objects.exists()
    told = security.post(add, hotline | {"url": "https://127.0.0.1/x"})
    assert told.content.decode().count("<code>whsec_") == 2
    assert "no-store" in told["Cache-Control"]
    cameras = {"kind": "alarms", "code": "cams", "name": "村口摄像头", "area_code": "440113"}
    assert security.post(add, cameras).content.decode().count("<code>whsec_") == 1
    change = f"/admin/huying/source/{Source.objects.get(code='cams').pk}/change/"
    assert "whsec_" not in security.get(change).content.decode()
    security.post(change, {"active": "on", "fold_hours": "12", "fold_metres": "80"})
    kept = Source.objects.get(code="cams")
    assert (kept.fold_hours, kept.fold_metres) == (12, 80)
    line = Source.objects.get(code="p12345")
    rotate = f"/admin/huying/source/{line.pk}/rotate/"
    changed = security.post(rotate, {"grace_hours": "24"})
    assert changed.content.decode().count("<code>whsec_") == 2
    line.refresh_from_db()
    assert line.old_until is not None
    administrator = guardian(Role.ADMINISTRATOR)
    assert administrator.post(rotate, {"grace_hours": "24"}).status_code == 403
    assert administrator.get(add).status_code == 403
    # What the hotline is told has no page among the subscribers of cases.
    assert "12345" not in administrator.get("/admin/huying/subscription/").content.decode()
