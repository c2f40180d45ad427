"""A key's life by command, told in one process of an installation of its own (HUYING_HOME).

`huying keys` is called as its entry point is: with arguments, exit code, and what it prints.
"""

from __future__ import annotations

import contextlib
import io
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from huying import cli

ALL = {
    "contact": [["欧阳询", "13926187753"]],
    "address": ["13926187750"],
    "factor": "JBSWY3DPEHPK3PXP",
    "person": ["张三丰", "13800138000"],
    "member": ["李四光"],
    "suggestion": ["13926187756"],
    "by_contact": 1,
    "by_name": 1,
    "whole": True,
}


def keys(*arguments: str) -> tuple[int, str]:
    """The command's exit code, and all that it says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            cli.main(["keys", *arguments])
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return code, said.getvalue()


def told(*arguments: str) -> dict[str, Any]:
    code, said = keys(*arguments, "--json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    return found


def ids(purpose: str) -> list[str]:
    found: list[str] = told("list")["keys"][purpose]
    return found


def files(purpose: str) -> set[str]:
    from django.conf import settings

    folder = Path(settings.HUYING.home) / "keys"
    return {path.name for path in folder.glob(f"{purpose}.*.key")}


def fill() -> None:
    """A case with a contact, registers, a member, a suggestion, an address and a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.utils import timezone

    from huying.neighbours import suggesting
    from huying.notices import addresses
    from huying.notices.models import Channel
    from huying.people.models import Account
    from tests.branches.party import Party
    from tests.cases.town import XIAOLONG, Town
    from tests.registry.living import village

    town = Town()
    town.report(text="路灯不亮", contact_name="欧阳询", contact_phone="13926187753")
    village(town)
    account = Account.objects.create(username="key-0", name="密钥", password="!")
    addresses.put(account, Channel.SMS, "13926187750", now=timezone.now())
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    Party(town).join("李四光", "13900139000")
    said = suggesting.Said(XIAOLONG, "装一盏灯", phone="13926187756")
    suggesting.collect(said, by=town.village_dispatcher, now=town.now)


def readable() -> None:
    """Everything can be read, and found by whole numbers and names; the log is whole."""
    with cli.needed("data"):
        from allauth.mfa.models import Authenticator

        from huying.audit.verifying import verify
        from huying.branches.models import PartyMember
        from huying.cases.contacts import contacts_told
        from huying.cases.models import CaseContact
        from huying.neighbours.models import Suggestion
        from huying.notices import addresses
        from huying.notices.models import NoticeAddress
        from huying.people import bound_factors
        from huying.registry import sealing
        from huying.registry.models import Person

        row = Authenticator.objects.get(type="totp")
        with bound_factors.row_of("totp", row.user_id):
            factor = bound_factors.opened(row.data["secret"])
        person = Person.objects.get(phone_index__in=sealing.marks("13800138000"))
        contacts = CaseContact.objects.all()
        members = PartyMember.objects.all()
        found = {
            "contact": [[each.name, each.phone] for each in contacts_told(contacts)],
            "address": [addresses.clear(each) for each in NoticeAddress.objects.all()],
            "factor": factor,
            "person": [sealing.opened(person, "name"), sealing.opened(person, "phone")],
            "member": [sealing.opened(each, "name") for each in members],
            "suggestion": [sealing.opened(each, "phone") for each in Suggestion.objects.all()],
            "by_contact": contacts.filter(phone_index__in=sealing.marks("13926187753")).count(),
            "by_name": members.filter(name_index__in=sealing.marks("李四光")).count(),
            "whole": verify().ok,
        }
    assert found == ALL, found


def eleven_minutes_later() -> None:
    with cli.needed("data"):
        from datetime import timedelta

        from django.db.models import F

        from huying.audit.models import Resealing

        Resealing.objects.update(began_at=F("began_at") - timedelta(minutes=11))


@contextlib.contextmanager
def late_writer(old: str) -> Iterator[None]:
    """A process that took the old key just before the new one was made, and writes only now."""
    with cli.needed("data"):
        from huying.audit import crypto
        from huying.audit.keys import KeyPurpose

        ring: Any = crypto.provider().keys  # type: ignore[attr-defined]
        newest = ring.current
        ring.current = lambda purpose: (
            (old, ring.get(purpose, old)) if purpose == KeyPurpose.DATA else newest(purpose)
        )
        try:
            yield
        finally:
            ring.current = newest


def an_address() -> None:
    from django.utils import timezone

    from huying.notices import addresses
    from huying.notices.models import Channel
    from huying.people.models import Account

    account = Account.objects.get(username="key-0")
    addresses.put(account, Channel.SMS, "13926187750", now=timezone.now())


def a_factor() -> None:
    from allauth.mfa.models import Authenticator

    from huying.people import bound_factors

    row = Authenticator.objects.get(type="totp")
    with bound_factors.row_of("totp", row.user_id):
        row.data["secret"] = bound_factors.seal(bound_factors.opened(row.data["secret"]))
    row.save()


def a_file() -> None:
    from huying.intake.excel import keeping

    keeping.keep(uuid.UUID(int=7), "table", b"x")


def a_list() -> None:
    from huying.desk import lists_kept

    lists_kept.keep(uuid.UUID(int=8), io.BytesIO(b"x"))


def refused(purpose: str, why: str) -> None:
    """Nothing is removed, and it is said what needs the key."""
    before = files(purpose)
    code, said = keys("remove", purpose)
    assert code == 1, said
    assert why in said, said
    assert files(purpose) == before


def needed_by(write: Callable[[], None], why: str, old: str) -> None:
    with late_writer(old):
        write()
    refused("data", why)


def tell() -> None:
    with cli.needed("data"):
        fill()
    (first,) = ids("data")
    readable()
    # There is one key: nothing to remove.
    assert told("remove", "data")["removed"] == []

    rotated = told("rotate", "data")
    second = rotated["key"]
    assert rotated["changed"] >= 6, rotated
    assert ids("data") == [first, second]
    readable()
    refused("data", "ten minutes")
    eleven_minutes_later()
    # Each that was written late under the old key keeps it: a row, a second factor, a file.
    needed_by(an_address, "notice_address 1", first)
    assert told("rotate", "data", "--again")["changed"] == 1
    eleven_minutes_later()
    needed_by(a_factor, "1 second factors need an older key", first)
    again = told("rotate", "data", "--again")
    assert (again["key"], again["changed"]) == (second, 1)
    eleven_minutes_later()
    needed_by(a_file, "1 files of imports need an older key", first)
    with cli.needed("data"):
        from huying.intake.excel import keeping

        keeping.path_of(uuid.UUID(int=7), "table").unlink()
    needed_by(a_list, "1 exported lists need an older key", first)
    with cli.needed("data"):
        from huying.desk import lists_kept

        assert b"".join(lists_kept.kept(uuid.UUID(int=8)) or ()) == b"x"
        lists_kept.forget(uuid.UUID(int=8))

    code, said = keys("remove", "data")
    assert code == 0, said
    assert f"Removed: {first}" in said
    assert "Backups made before this need these keys" in said
    assert files("data") == {f"data.{second}.key"}
    assert ids("data") == [second]
    readable()

    # The same for the key by which numbers and names are found.
    (old,) = ids("index")
    new = told("rotate", "index")["key"]
    assert ids("index") == [old, new]
    readable()
    eleven_minutes_later()
    code, said = keys("remove", "index")
    assert code == 0, said
    assert files("index") == {f"index.{new}.key"}
    readable()


if __name__ == "__main__":
    tell()
