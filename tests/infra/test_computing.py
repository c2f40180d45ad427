"""One request computes at a time, and whoever only waits keeps nobody from it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.db import connection

from huying import computing
from huying.cases import pictures
from huying.cases.gathering import Gathering
from huying.computing import TURN, Turn, in_turn
from huying.durable import durable_files
from huying.lines import Body, Watch
from huying.people.hashing import PBKDF2PasswordHasher
from huying.postgres.turns import Turns

PATIENT_S = 30.0


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """A process's turn for which all wait longer than this test takes."""
    monkeypatch.setattr(TURN, "_patience_s", PATIENT_S)
    return TURN


class Other:
    """Another request, which tells whether it could compute."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.computed = threading.Event()
        self._thread = threading.Thread(target=self._compute, daemon=True)
        self._thread.start()

    def _compute(self) -> None:
        with self._turn.taken():
            self.computed.set()

    def could(self) -> bool:
        """Whether it did while the one that asks still waits."""
        return self.computed.wait(10)


def test_one_computes_at_a_time() -> None:
    turn, at_work, seen = Turn(PATIENT_S), [], []

    def compute(number: int) -> None:
        for _each in range(20):
            with turn.taken():
                at_work.append(number)
                seen.append(len(at_work))
                sleep(0.0005)
                at_work.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(compute, range(8)))
    assert max(seen) == 1
    assert len(seen) == 160


def test_another_computes_while_this_one_waits() -> None:
    turn = Turn(PATIENT_S)
    with turn.taken():
        other = Other(turn)
        assert not other.computed.wait(0.05), "two computed at once"
        with turn.left():
            assert not turn.mine
            assert other.could()
        assert turn.mine


def test_a_turn_is_given_back_whatever_happens() -> None:
    turn = Turn(PATIENT_S)
    with pytest.raises(ZeroDivisionError), turn.taken(), turn.left():
        raise ZeroDivisionError
    assert not turn.mine
    assert Other(turn).could()


def test_who_has_no_turn_leaves_none() -> None:
    turn = Turn(PATIENT_S)
    with turn.left():
        assert not turn.mine
    assert not turn.mine
    assert Other(turn).could()


def test_nobody_waits_long_for_one_who_is_late_and_the_next_not_at_all() -> None:
    turn = Turn(0.2)
    with turn.taken(), ThreadPoolExecutor(1) as pool:
        waits = []

        def compute() -> None:
            began = monotonic()
            with turn.taken():
                waits.append(monotonic() - began)
                assert not turn.mine

        for _each in range(3):
            pool.submit(compute).result()
        first, *others = waits
        assert first >= 0.2
        assert max(others) < 0.1
    with turn.taken():  # once it is back, one waits for the other again
        assert turn.mine
        assert not Other(turn).computed.wait(0.05)


def test_the_database_works_for_one_while_another_computes(db: None, patient: Turn) -> None:
    connection.ensure_connection()
    with patient.taken(), connection.cursor() as cursor:
        other = Other(patient)
        # Asked of the server until the other has been, or for ten seconds.
        for _each in range(200):
            cursor.execute("SELECT pg_sleep(0.05)")
            if other.computed.is_set():
                break
        assert other.computed.is_set()
        assert patient.mine


def test_a_connection_is_made_while_another_computes(
    db: None, patient: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = connection.get_connection_params()
    could = []
    from huying.postgres import places

    found = places.first

    def slow(*args: object) -> object:
        could.append(other.could())
        return found(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(places, "first", slow)
    with patient.taken():
        other = Other(patient)
        connection.get_new_connection(params).close()
    assert could == [True]


def test_who_waits_for_others_to_write_lets_them(patient: Turn) -> None:
    began, may_end = threading.Event(), threading.Event()

    def write(given: object) -> list[int]:
        began.set()
        assert may_end.wait(10)
        return list(given)  # type: ignore[call-overload]

    gathering: Gathering[int, int] = Gathering(write)

    def enter(number: int) -> int:
        with patient.taken():
            return gathering.enter(number)

    def lead() -> int:
        with patient.taken(), patient.left():
            return gathering.enter(1)

    with ThreadPoolExecutor(2) as pool:
        leads = pool.submit(lead)
        assert began.wait(10)
        follows = pool.submit(enter, 2)
        while not gathering._waiting:
            sleep(0.001)
        assert Other(patient).could()
        may_end.set()
        assert (leads.result(), follows.result()) == (1, 2)


def test_who_waits_for_another_to_look_lets_it(patient: Turn) -> None:
    turns, looks = Turns(), threading.Event()

    def look() -> None:
        with turns.turn():
            looks.set()
            with patient.taken():  # as the answer of the database that it asked comes back
                pass

    with ThreadPoolExecutor(1) as pool, patient.taken():
        first = pool.submit(look)
        assert looks.wait(10)
        with turns.turn() as mine:
            assert mine
        first.result(10)


def test_others_compute_while_a_body_comes(patient: Turn) -> None:
    class Slow:
        def read(self, _size: int) -> bytes:
            assert other.could()
            return b"x"

    watch = Watch(60.0, 1)
    body = Body(Slow(), 1, lambda: watch.begin("127.0.0.1", 1, 1), watch)
    with patient.taken():
        other = Other(patient)
        assert body.read() == b"x"


@pytest.mark.parametrize(
    ("part", "work"),
    [
        ("huying.cases.pictures._alone", lambda _: pictures.read(io.BytesIO(), side=10)),
        (
            "django.contrib.auth.hashers.pbkdf2",
            lambda _: PBKDF2PasswordHasher().encode("secret", "salt", 1),
        ),
        ("huying.durable._whole", lambda folder: durable_files({folder / "one": b"1"})),
    ],
    ids=["photo", "password", "file"],
)
def test_others_compute_while_something_works_without_python(
    part: str,
    work: Callable[[Path], object],
    patient: Turn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked(*_args: object, **_kwargs: object) -> None:
        assert other.could()
        raise EOFError

    monkeypatch.setattr(part, looked)
    with patient.taken():
        other = Other(patient)
        with pytest.raises(EOFError):
            work(tmp_path)


def test_what_is_served_computes_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computing, "TURN", Turn(PATIENT_S))

    def application(environ: object, start_response: object) -> list[bytes]:
        return [str(computing.TURN.mine).encode()]

    assert list(in_turn(application)({}, lambda *_told: None)) == [b"True"]
    assert not computing.TURN.mine


Look = Callable[[], object]
Slow = Callable[[], None]


def _presence(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> tuple[Look, Look]:
    from huying.desk import presence

    presence.forget()

    def rows(*_: object) -> list[object]:
        slow()
        return []

    monkeypatch.setattr(presence, "rows_of", rows)
    return presence._look, presence._look


def _places(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> tuple[Look, Look]:
    from huying.places import freshness

    monkeypatch.setattr(freshness, "versions", lambda using: slow())
    fresh = freshness.Fresh(lambda using: 1)
    return fresh.get, fresh.get


def _places_anew(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> tuple[Look, Look]:
    from huying.places import freshness

    monkeypatch.setattr(freshness, "versions", lambda using: slow())
    fresh = freshness.Fresh(lambda using: 1)
    return fresh.get, lambda: (fresh.refresh(), fresh.forget())


def _wall(slow: Slow, _monkeypatch: pytest.MonkeyPatch) -> tuple[Look, Look]:
    from datetime import UTC, datetime

    from huying.wall.picture import Kept

    kept: Kept[None] = Kept(lambda area, now: slow(), 10.0, monotonic)
    now = datetime.now(UTC)
    return lambda: kept.get("440113", now), lambda: kept.get("440113", now)


def _drawing(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> tuple[Look, Look]:
    from huying.desk import knocking

    def age_s(mark: str) -> float:
        if mark == "slow":
            slow()
        return 0.0

    monkeypatch.setattr(knocking.changes, "age_s", age_s)
    drawing = knocking.Drawing()

    def draw(mark: str) -> None:
        with drawing.place(mark):
            pass

    return lambda: draw("slow"), lambda: draw("quick")


@pytest.mark.parametrize("looks", [_presence, _places, _places_anew, _wall, _drawing])
def test_who_waits_for_a_look_at_the_database_keeps_its_answer_from_nobody(
    patient: Turn,
    monkeypatch: pytest.MonkeyPatch,
    looks: Callable[[Slow, pytest.MonkeyPatch], tuple[Look, Look]],
) -> None:
    asked = threading.Event()

    def slow() -> None:
        if not asked.is_set():
            asked.set()
            with patient.taken():  # as the answer of the database comes back
                pass

    first, second = looks(slow, monkeypatch)
    with ThreadPoolExecutor(1) as pool, patient.taken():
        going = pool.submit(first)
        assert asked.wait(10)
        began = monotonic()
        second()
        assert monotonic() - began < 10
    going.result(10)
