"""The command `huying`.

Adding a command: put a module `src/huying/cli/<name>.py` there (a trailing underscore is
dropped, so `import_.py` is `huying import`; a leading one hides a module) with

    HELP = "one line"
    NEEDS = "data"                                   # see below; "data" is the default

    def arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(options: argparse.Namespace) -> dict[str, Any] | int | None: ...

Nothing else registers it. `NEEDS` says what must be there before `run` is called:

    "nothing"   not even Django
    "django"    Django's apps, no database
    "server"    a running database server, no Django
    "database"  a running database (the embedded one is started and held while the command runs)
    "data"      that, migrated, with divisions, catalogue and calendar

For commands with several verbs (`huying demo load`), `arguments` makes its own subparsers.
Model imports belong inside `run`, or into a module that `run` imports: `huying --help` loads
every command's module, without Django.

Every command gets `--json`. With it, standard output is the one JSON object that `run` returned;
a dict's `ok: False` (or an exception) makes the exit code 1. Without it, `text(result)` of the
module prints the dict for people, or nothing does if the module has none. Progress and messages
go to standard error: `say("…")`, and `progress("…", total)` as a context that yields `advance`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from huying import __version__


def say(message: str) -> None:
    """Tells the person at the terminal something, on standard error."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201


@contextlib.contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; yields `advance(steps)`.

    Where nobody looks, as in a log, a line at the beginning and one every half minute.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        say(f"{label} …")
        yield _now_and_then(label, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=total)

        def advance(steps: int) -> None:
            bar.advance(task, steps)

        yield advance


SAY_EVERY_S = 30.0


def _now_and_then(label: str, total: int | None) -> Callable[[int], None]:
    """The progress that nobody watches: how far it is, every half minute."""
    done, said = 0, monotonic()

    def advance(steps: int) -> None:
        nonlocal done, said
        done += steps
        if monotonic() - said >= SAY_EVERY_S:
            said = monotonic()
            say(f"{label}: {done}" if total is None else f"{label}: {done} of {total}")

    return advance


class CommandError(Exception):
    """A command can't do what was asked; the message says why. Exit code 1."""


def names() -> dict[str, str]:
    """Every command's name and its module's."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return {
        name.rstrip("_").replace("_", "-"): f"{__name__}.{name}"
        for name in sorted(found)
        if not name.startswith("_")
    }


def _parser(wanted: str | None) -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    parser = argparse.ArgumentParser(
        prog="huying", description="呼应: dispatch for grid-based local governance."
    )
    parser.add_argument("--version", action="version", version=f"huying {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {}
    for name, module_name in names().items():
        if wanted in names() and name != wanted:
            continue  # only what was asked for is imported
        module = modules[name] = importlib.import_module(module_name)
        sub = commands.add_parser(name, help=module.HELP, description=module.__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
        module.arguments(sub)
        _add_json(sub)
    return parser, modules


def _add_json(parser: argparse.ArgumentParser) -> None:
    """Adds --json to a command, or to each of its verbs."""
    verbs = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in verbs:
        for sub in dict.fromkeys(action.choices.values()):
            _add_json(sub)
    if not verbs and "--json" not in parser._option_string_actions:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object on standard output"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def main(argv: list[str] | None = None) -> NoReturn:
    """The entry point: parses, prepares what the command needs, runs it, exits."""
    sys.excepthook = _excepthook
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        say("Stopped.")
        code = 130
    sys.exit(code)


def _excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    from huying.logs import excepthook  # which loads the database's driver

    excepthook(kind, error, trace)


def _run(arguments: list[str]) -> int:
    first = next((a for a in arguments if not a.startswith("-")), None)
    parser, modules = _parser(first)
    options = parser.parse_args(arguments)
    module = modules[options.command]
    try:
        with needed(getattr(module, "NEEDS", "data")):
            result = module.run(options)
            code = _show(module, options, result)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:
        if not _is_told(error):
            raise
        say(f"huying {options.command}: {error}")
        if getattr(options, "json", False):
            problem = {"ok": False, "error": getattr(error, "code", "error"), "detail": str(error)}
            print(json.dumps(problem, ensure_ascii=False))  # noqa: T201
        code = 1
    return code


def _is_told(error: Exception) -> bool:
    """Whether the message alone says it all; others keep their traceback."""
    from django.db.utils import OperationalError

    from huying.errors import HuyingError
    from huying.unprivileged import ServerUserError

    told = CommandError | ServerUserError | HuyingError | FileNotFoundError | OperationalError
    return isinstance(error, told)


def _show(module: ModuleType, options: argparse.Namespace, result: Any) -> int:
    if result is None or isinstance(result, int):
        return int(result or 0)
    if getattr(options, "json", False):
        print(json.dumps(result, ensure_ascii=False, indent=2, default=_plain))  # noqa: T201
    elif hasattr(module, "text"):
        print(module.text(result))  # noqa: T201
    return 0 if result.get("ok", True) else 1


@contextlib.contextmanager
def needed(needs: str) -> Iterator[None]:
    """Makes what a command needs (see the module's words), for as long as the context lasts."""
    if needs == "nothing":
        yield
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.settings")
    with contextlib.ExitStack() as stack:
        if needs != "django":
            hold_database(stack)
        if needs != "server":
            load_django(stack)
        if needs == "data":
            from huying import database

            database.prepare(say)
        yield


def hold_database(stack: contextlib.ExitStack) -> None:
    """Starts and holds the embedded server until `stack` ends; nothing for an external one."""
    from huying import embedded, settings
    from huying.backup import handing_over
    from huying.installation import config

    # Whatever this process and its children write is nobody else's: photos, keys, seals, exports.
    os.umask(0o077)
    if config.embedded:
        _finish_restore(config.home)
        if not config.layout.exists():
            say(f"Making the embedded database in {config.home}")
        tuning, folders = handing_over.tuning(config), handing_over.folders(config)
        stack.enter_context(embedded.hold(config.home, tuning=tuning, folders=folders))
        settings.DATABASES.update(settings.databases())


def _finish_restore(home: Path) -> None:
    """A restore that was broken off while it took its place leaves no half to start."""
    from huying.backup import moving

    if moving.finish(home):
        say("A restore that was broken off has taken its place now.")


def load_django(stack: contextlib.ExitStack) -> None:
    """Loads the apps; their connections are closed when `stack` ends."""
    # What is loaded stays. Looking for garbage in it again and again took a fifth of the time.
    gc.disable()
    try:
        import django
        from django.db import connections

        django.setup()
    finally:
        gc.freeze()
        gc.enable()
    stack.callback(connections.close_all)
