"""Keys change under people's hands: nobody is signed out, nothing that was sent is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from huying import secret_keys
from huying.audit import crypto
from huying.audit.codes import code_under
from huying.audit.keys import KeyPurpose
from huying.audit.sealing import seal
from huying.cases.contacts import contacts_told
from huying.cases.models import CaseContact
from huying.people import inviting
from huying.people.acting import SYSTEM
from huying.people.models import Account
from tests.desk.world import PASSWORD, World
from tests.security.test_planted import token


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys of an installation of its own, that the web's processes look at."""
    there = tmp_path / "secrets"
    settings.HUYING = settings.HUYING.model_copy(update={"home": tmp_path})
    keys = secret_keys.read(there, time.time())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = keys.signs, keys.accepted
    return there


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_new_key_is_accepted_at_once_and_signs_a_little_later(tmp_path: Path) -> None:
    first = secret_keys.read(tmp_path, 0.0)
    assert first.accepted == []
    now = later(0)
    secret_keys.add(tmp_path, now)
    young = secret_keys.read(tmp_path, now.timestamp() + 1)
    assert young.signs == first.signs
    assert len(young.accepted) == 1
    assert young.changes_at == pytest.approx(now.timestamp() + secret_keys.SETTLES_S)
    settled = secret_keys.read(tmp_path, young.changes_at)
    assert (settled.signs, settled.accepted) == (young.accepted[0], [first.signs])
    assert {path.stat().st_mode & 0o777 for path in secret_keys.files(tmp_path)} == {0o600}
    assert secret_keys.remove_older(tmp_path) == ["django"]
    assert secret_keys.read(tmp_path, young.changes_at).accepted == []


def test_nobody_is_signed_out_and_nothing_sent_is_lost_while_every_key_changes(
    transactional_db: None, folder: Path, world: World, as_: Callable[..., Client]
) -> None:
    """People and a program go on asking from threads of their own, as web processes' threads do."""
    case = world.reported(contact_name="欧阳询之", contact_phone="13926187753")
    desk = as_("dispatcher")
    desk.get("/me")
    invited = Account.objects.create(username="new", name="新来")
    invited.set_unusable_password()
    invited.save()
    link = inviting.invite(invited, by=SYSTEM, now=timezone.now())
    form = signing.dumps(["as a form carries it"], salt="form")
    bearer = {"Authorization": f"Bearer {token()}", "Idempotency-Key": "before-and-after"}
    body = json.dumps({"text": "路灯不亮", "contact": {"name": "李四", "phone": "13800138000"}})

    def report() -> Any:
        return Client().post("/api/v1/cases", body, content_type="application/json", headers=bearer)

    assert report().status_code == 201
    answered: list[int] = []
    failed: list[str] = []
    stop = threading.Event()
    cookies = desk.cookies

    def go_on_asking() -> None:
        from django.db import connection

        try:
            while not stop.is_set():
                client = Client()
                client.cookies = cookies.copy()
                page = client.get("/me")
                answered.append(page.status_code)
                if page.status_code != 200:
                    failed.append(f"{page.status_code} {page.headers.get('Location')}")
        except Exception as error:
            failed.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=go_on_asking) for _ in range(2)]
    for thread in threads:
        thread.start()
    before = django_settings.SECRET_KEY
    # Made long ago enough to sign: no test waits for half a minute.
    secret_keys.add(folder, later(-secret_keys.SETTLES_S))
    provider = crypto.provider()
    sealed = seal(timezone.localdate(), timezone.now())
    for purpose in (KeyPurpose.DATA, KeyPurpose.INDEX, KeyPurpose.SEAL):
        provider.add_key(purpose)
        [told] = contacts_told(CaseContact.objects.filter(case=case))
        assert (told.name, told.phone) == ("欧阳询之", "13926187753")
        assert desk.get("/me").status_code == 200
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert answered
    assert set(answered) == {200}
    assert before != django_settings.SECRET_KEY
    assert before in django_settings.SECRET_KEY_FALLBACKS
    # What was given out before is good after, and the same report stays the same one.
    assert Client().get(f"/accounts/invitation/{link}/").status_code == 200
    assert inviting.invited(link, timezone.now()) == invited
    assert signing.loads(form, salt="form") == ["as a form carries it"]
    again = report()
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert sealed is not None
    assert desk.post("/me/post", {"post": "0"}).status_code == 302
    assert desk.get("/me").status_code == 200
    # Taken away in a hurry: what the older ones signed is nobody's any more.
    secret_keys.remove_older(folder)
    assert Client().get(f"/accounts/invitation/{link}/").status_code == 404
    with pytest.raises(inviting.BadInvitation):
        inviting.invited(link, timezone.now())


def test_what_one_installation_signed_is_nothing_in_another(
    folder: Path, tmp_path: Path, world: World, settings: Any
) -> None:
    account = world.accounts["dispatcher"]
    account.set_password(PASSWORD)
    account.save()
    client = Client()
    sent = {"login": account.username, "password": PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == 302
    assert client.get("/me").status_code == 200
    invited = Account.objects.create(username="new", name="新来", password="!x")
    link = inviting.invite(invited, by=SYSTEM, now=timezone.now())
    code = code_under("case 1")
    mark = account.get_session_auth_hash()
    secret = crypto.encrypt_text("欧阳询之", context="t.c.1")
    signature = crypto.Signature(
        *crypto.provider().signing_key(),
        crypto.provider().sign(b"x", key_id=crypto.provider().signing_key().key_id),
    )
    # The very same database, under another installation's keys.
    other = tmp_path / "other"
    settings.HUYING = settings.HUYING.model_copy(update={"home": other})
    keys = secret_keys.read(other / "secrets", time.time())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = keys.signs, keys.accepted
    assert client.get("/me").status_code == 302
    with pytest.raises(inviting.BadInvitation):
        inviting.invited(link, timezone.now())
    assert code_under("case 1") != code
    assert account.get_session_auth_hash() != mark
    with pytest.raises((crypto.CryptoError, RuntimeError)):
        crypto.decrypt_text(secret, context="t.c.1")
    assert not crypto.provider().verify(b"x", signature)
