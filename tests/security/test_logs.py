"""A phone that the database refuses stands in no log: not in ours, not in the server's."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pydantic
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from huying.logs import Discreet, discreet
from tests.conftest import EXTERNAL, HOME, Server
from tests.desk.world import World

PHONE, NAME = "13926187754", "欧阳询之"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the configured handler writes."""
    handlers = [h for h in logging.getLogger().handlers if isinstance(h.formatter, Discreet)]
    (handler,) = handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def refused(sql: str, *values: str) -> Any:
    """Runs a statement that the database refuses, in a table that knows each phone once."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS seen"
            " (phone text CONSTRAINT seen_once UNIQUE, name text CHECK (length(name) < 4), n int)"
        )
        cursor.execute("INSERT INTO seen VALUES (%s) ON CONFLICT DO NOTHING", [PHONE])
        cursor.execute(sql, values)


REFUSED = [
    ("INSERT INTO seen VALUES (%s)", PHONE),  # a key that is there
    (f"INSERT INTO seen VALUES ('{PHONE}x', %s)", NAME),  # a failing row
    ("INSERT INTO seen (n) VALUES (%s::text::int)", PHONE + "x"),  # no number
]


@pytest.mark.parametrize(("sql", "value"), REFUSED)
@pytest.mark.parametrize("how", ["exception", "argument", "formatted", "led on"])
def test_our_log_names_the_rule_and_not_the_value(
    sql: str, value: str, how: str, db: None, log: io.StringIO
) -> None:
    logger = logging.getLogger("huying.test")
    try:
        refused(sql, value)
    except DatabaseError as error:
        quotes = value in str(error)
        match how:
            case "exception":
                logger.exception("a job failed")
            case "argument":
                logger.error("a job failed: %s", error)
            case "formatted" if "DETAIL" in str(error):
                logger.error(f"a job failed: {error!r}")
            case "led on":
                try:
                    raise RuntimeError("the whole batch failed") from error
                except RuntimeError:
                    logger.exception("a job failed")
            case _:
                logger.error("a job failed")
    told = log.getvalue()
    assert quotes, "or there would be nothing to prove"
    assert "a job failed" in told
    assert PHONE not in told
    assert NAME not in told
    if how in ("exception", "led on"):
        assert "test_logs.py" in told
        assert "seen" in told or "22003" in told


def test_an_error_tells_its_rule(db: None) -> None:
    with pytest.raises(IntegrityError) as caught:
        refused(*REFUSED[0])
    assert discreet(caught.value).startswith("23505 duplicate key value")
    assert discreet(caught.value).endswith("(seen, seen_once)")


def test_what_a_parser_could_not_read_is_not_quoted(log: io.StringIO) -> None:
    class Told(pydantic.BaseModel):
        n: int

    try:
        Told.model_validate({"n": PHONE + "x"})
    except pydantic.ValidationError:
        logging.getLogger("huying.test").exception("a report failed")
    assert PHONE not in log.getvalue()
    assert "n: int_parsing" in log.getvalue()


def test_a_page_that_falls_over_quotes_nothing(
    world: World, as_: Callable[..., Client], log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.desk.pages.queue.page", lambda *_a, **_k: refused(*REFUSED[0]))
    client = as_("dispatcher", raise_request_exception=False)
    assert client.get("/desk/?tab=area").status_code == 500
    told = log.getvalue()
    assert "Internal Server Error" in told
    assert "seen_once" in told
    assert PHONE not in told


def test_a_command_that_falls_over_quotes_nothing() -> None:
    code = (
        "import pydantic, sys; from huying import cli\n"
        "def fails(_): pydantic.TypeAdapter(int).validate_python(sys.argv[1])\n"
        "cli._run = fails; cli.main([])"
    )
    done = subprocess.run([sys.executable, "-c", code, PHONE + "x"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "int_parsing" in done.stderr
    assert PHONE not in done.stderr


@pytest.mark.skipif(EXTERNAL in os.environ, reason="another server's log is not ours to set")
@pytest.mark.parametrize(("sql", "value"), REFUSED)
def test_the_servers_log_names_no_row(sql: str, value: str, db: None, postgres: Server) -> None:
    with pytest.raises(DatabaseError):
        refused(sql, value)
    with postgres.admin() as other:
        shown = "log_error_verbosity", "log_min_error_statement", "log_min_messages"
        kept = [other.execute(f"SHOW {name}").fetchone()[0] for name in shown]
        # The server's own processes and its administrator are logged, without details.
        assert kept == ["terse", "panic", "warning"]
        with pytest.raises(psycopg.Error):
            other.execute(f"CREATE TEMPORARY TABLE t AS SELECT '{PHONE}' phone; SELECT nothing")
    told = (HOME / "postgres" / "postgres.log").read_text(errors="replace")
    assert 'column "nothing" does not exist' in told
    assert PHONE not in told
    assert NAME not in told
