"""Names, ids and phones planted wherever people are kept, then looked for everywhere."""

from __future__ import annotations

import gzip
import io
import logging
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import settings
from django.core.cache import cache

from huying.branches import together
from huying.branches.models import MemberOrganisation, PartyMember
from huying.branches.together import OrganisationTold
from huying.care import listing
from huying.care.models import CarePerson, CareVisit
from huying.intake.excel import keeping, taking
from huying.intake.models import CaseImport
from huying.neighbours import claiming, suggesting, wishing
from huying.neighbours.models import Suggestion
from huying.people.sessions import SessionStore
from huying.registry import recording, sealing
from huying.registry.models import Person
from huying.requests import deciding, narrowing
from huying.requests import taking as requests
from huying.requests.models import PersonRequest
from huying.surveys import designing
from huying.surveys.collecting import Spot
from huying.surveys.models import SurveyAnswers, SurveyMark
from tests.branches.party import Party
from tests.care.listed import visited
from tests.cases.town import GRID_1, SPOTS, XIAOLONG, Town
from tests.intake.test_register_tables import lives, sent, taken
from tests.registry.living import id_of, person, village
from tests.security.hunting import everything, files, held, in_files
from tests.surveys.test_surveys import enter

NAME, PHONE, ID = "欧阳询之", "13926187753", id_of("19800101", "061")
TYPED = f"身份证{ID}，电话{PHONE}"
LOOKED_FOR = (NAME, PHONE, ID)
Into = CaseImport.Into


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.fixture
def hunt(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Looks through every table, the logs, the caches and every file; finds nothing."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path)

    @contextmanager
    def telling(*_: Any) -> Iterator[Callable[[int], bool]]:
        yield lambda done: True

    monkeypatch.setattr(taking, "telling", telling)

    def look() -> None:
        in_bytes = [each.encode() for each in LOOKED_FOR]
        in_hex = [each.hex() for each in in_bytes]
        rows = everything()
        found = {
            (table, each) for table, text in rows for each in (*LOOKED_FOR, *in_hex) if each in text
        }
        assert not found
        said = [r.getMessage() for r in caplog.records if r.name != "django.db.backends"]
        assert not [words for words in said if any(each in words for each in LOOKED_FOR)]
        assert not in_files(LOOKED_FOR, Path(settings.HUYING.home), tmp_path)
        for path in files(Path(settings.HUYING.home), tmp_path):
            # Reports are for everyone who may see the area: nobody is named in them.
            open_to_all = path.parent.name == "reports"
            assert open_to_all or not path.read_bytes().startswith(b"PK"), (
                f"a workbook that anybody can open: {path}"
            )

    yield look
    look()


def test_surveys(town: Town, hunt: Callable[[], None]) -> None:
    questions = {
        "questions": [
            {"id": "shop", "kind": "text", "label": "名称"},
            {"id": "owner", "kind": "text", "label": "负责人", "sensitive": True},
            {"id": "number", "kind": "id_number", "label": "身份证"},
            {"id": "phone", "kind": "phone", "label": "电话"},
            {"id": "words", "kind": "long_text", "label": "备注"},
        ]
    }
    told = designing.Told(kind="survey", title="窝棚排查", areas=[XIAOLONG],
                          due_at=town.now + timedelta(days=8))  # fmt: skip
    made = designing.make(told, by=town.dispatcher, now=town.now)
    designing.write_questions(made.pk, questions, by=town.dispatcher, now=town.now, seen=None)
    survey = designing.open_(made.pk, by=town.dispatcher, now=town.now)
    given = {"shop": f"菜棚 {PHONE}", "owner": NAME, "number": ID, "phone": PHONE, "words": TYPED}
    spot = Spot(*SPOTS[GRID_1], f"东街口 {TYPED}")
    entry = enter(town, survey, given=given, spot=spot)
    enter(town, survey, entry=entry.pk, given=given | {"owner": ""})
    assert SurveyAnswers.objects.count() == 2
    assert SurveyMark.objects.filter(value_index__in=sealing.marks(PHONE)).exists()
    hunt()


def test_branches(town: Town, hunt: Callable[[], None]) -> None:
    party = Party(town)
    party.join(NAME, PHONE)
    told = OrganisationTold("番禺中学", "school", contact=NAME, phone=PHONE)
    together.add(XIAOLONG, told, by=party.desk, now=town.now)
    assert (PartyMember.objects.count(), MemberOrganisation.objects.count()) == (1, 1)
    hunt()


def test_neighbours(town: Town, hunt: Callable[[], None]) -> None:
    party, by = Party(town), town.village_dispatcher
    said = suggesting.Said(XIAOLONG, f"想装灯，{TYPED}", spot=f"东街口{PHONE}", phone=PHONE)
    suggesting.collect(said, by=by, now=town.now)
    told = wishing.Told(sort="wish", title="换灯泡", words=f"楼道灯坏了，{TYPED}")
    wish = wishing.write(XIAOLONG, told, by=by, now=town.now)
    wishing.publish(wish.pk, by=by, now=town.now)
    helper = party.hold("helper", "member", party.branch.unit)
    claiming.claim(wish.pk, by=helper, now=town.now)
    assert Suggestion.objects.get().phone_masked == "139****7753"
    hunt()


def test_care(town: Town, hunt: Callable[[], None]) -> None:
    there = village(town)
    who = person(town, there.flat, NAME, phone=PHONE, id_number=ID, household=2)
    told = listing.Told(
        ["alone"], 2, "spoken", health=f"高血压，{TYPED}", contact=NAME, phone=PHONE
    )
    care = listing.put_on(who.pk, told, by=town.village_dispatcher, now=town.now)
    visited(care, town.worker, town.later(minutes=5), words=f"家属{NAME}，{TYPED}")
    assert (CarePerson.objects.count(), CareVisit.objects.count()) == (1, 1)
    hunt()


def test_requests(town: Town, hunt: Callable[[], None]) -> None:
    there = village(town)
    person(town, there.flat, NAME, phone=PHONE, id_number=ID, household=2)
    given = {"name": NAME, "words": f"请更正，{TYPED}"}
    by_number = requests.take(
        requests.Told("correct", "id_seen", id_number=ID, phone=PHONE, **given),
        by=town.dispatcher, now=town.now,
    )  # fmt: skip
    by_name = requests.take(
        requests.Told("see", "by_name", **given), by=town.dispatcher, now=town.now
    )
    told = narrowing.Told(address="东街12号3栋502", born="1980-01-01")
    narrowing.narrow(by_name.pk, told, version=1, by=town.dispatcher, now=town.now)
    by_name.refresh_from_db()
    one = by_name.records.get(subject="person")
    deciding.decide(
        by_name.pk, one.pk, outcome="given", version=by_name.version, by=town.town_leader,
        now=town.now,
    )  # fmt: skip
    by_name.refresh_from_db()
    if by_name.state == "decided":
        _row, sheet = deciding.hand_out(by_name.pk, by=town.dispatcher, now=town.now)
        assert ID in str(sheet)
    assert by_number.records.exists()
    assert PersonRequest.objects.count() == 2
    hunt()


def test_register_tables_before_and_after_they_are_taken_in(
    town: Town, hunt: Callable[[], None]
) -> None:
    row = lives(name=NAME, 户号=1, 与户主关系="户主", 身份证号=ID, 联系电话=PHONE,
                经度=SPOTS[GRID_1][0], 纬度=SPOTS[GRID_1][1])  # fmt: skip
    wrong = lives("东街14号", name=NAME, 身份证号=ID[:-1] + "A", 联系电话=PHONE)
    made = sent(town, Into.PEOPLE, row)
    assert keeping.kept(made.pk, "table") is not None
    hunt()
    taken(town, made)
    found = Person.objects.get(name_index__in=sealing.marks(NAME))
    assert sealing.opened(found, "id_number") == ID
    hunt()
    # A table that is refused row by row keeps what it holds as close.
    sent(town, Into.PEOPLE, wrong)
    hunt()
    # And a change, whose history keeps what was before.
    taken(town, sent(town, Into.PEOPLE, row | {"联系电话": "13711110000"}))
    hunt()


def test_the_register_by_hand_and_its_history(town: Town, hunt: Callable[[], None]) -> None:
    there = village(town)
    who = person(town, there.flat, NAME, phone=PHONE, id_number=ID, household=2)
    told = recording.PersonTold(phone="13711112222", dwelling=there.flat, household=2)
    recording.correct(who.pk, told, by=town.village_dispatcher, now=town.later(minutes=1))
    hunt()


def test_what_is_looked_for_would_be_found(town: Town) -> None:
    case = town.report(text=f"路灯不亮 {uuid.UUID(int=5).hex}")
    assert any(uuid.UUID(int=5).hex in text for _table, text in everything())
    assert case.pk


def test_what_caches_and_sessions_hold_would_be_found(db: None) -> None:
    """They hold it otherwise than it was: none of it stands there to be read."""
    cache.set("asked", {"words": [NAME]})
    session = SessionStore()
    session["found"] = {"phone": PHONE, "filling": "long enough to be squeezed " * 20}
    session.save()
    found = {
        (table, each) for table, text in everything() for each in (NAME, PHONE) if each in text
    }
    assert found == {("cache default", NAME), ("sessions", PHONE)}
    cache.delete("asked")


def test_what_is_packed_would_be_found() -> None:
    book = io.BytesIO()
    with ZipFile(book, "w", ZIP_DEFLATED) as packed:
        packed.writestr("a.gz", gzip.compress(NAME.encode()))
    assert held(zlib.compress(book.getvalue()), LOOKED_FOR) == [NAME]
