"""Commands run as processes of their own, which begin where the imports have ended.

A process of Python takes a second of a core to load huying before it does what it is asked. Where
a test calls a dozen commands one after another in one installation, one process loads everything
once, opens nothing, and is forked for each of them: each still has its own memory, its own
connections, its own output and its own exit code. `tests/infra` starts the command itself.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LOADED = """
import atexit, gc, importlib, json, os, pkgutil, runpy, sys, traceback
gc.disable()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.settings")
import django
django.setup()
from django.db import connections
from django.db.migrations.loader import MigrationLoader
import huying.cli
MigrationLoader(None)
for name in ("audit.verifying", "backup.making", "backup.restoring", "readiness"):
    importlib.import_module(f"huying.{name}")
gc.freeze()
gc.enable()


def begin(arguments, streams, folder):
    for number, name in enumerate(streams):
        file = os.open(name, os.O_RDWR)
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    # Where the databases are is looked up when a command holds its server, which comes now.
    connections.__dict__.pop("settings", None)
    code = 0
    try:
        if arguments[0] == "-c":
            sys.argv = ["-c", *arguments[2:]]
            exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code or 0)


asked, told = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
while line := asked.readline():
    child = os.fork()
    if not child:
        begin(*json.loads(line))
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), file=told, flush=True)
"""

AT_ONCE = 4
"""As many loaded processes wait at most: each holds a hundred megabytes."""

_waiting: dict[tuple[tuple[str, str], ...], subprocess.Popen[str]] = {}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python ARGUMENTS` does in this environment, with nothing to read.

    Args:
        arguments: `-c` and a program, or `-m` and a module, and what it is told.
    """
    key = tuple(sorted(environment.items()))
    process = _waiting.pop(key, None)
    if process is None or process.poll() is not None:
        process = subprocess.Popen(
            [sys.executable, "-c", LOADED], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
    _waiting[key] = process
    while len(_waiting) > AT_ONCE:
        _end(_waiting.pop(next(iter(_waiting))))
    assert process.stdin
    assert process.stdout
    with tempfile.TemporaryDirectory() as folder:
        out, err = (Path(folder, name) for name in ("out", "err"))
        out.touch()
        err.touch()
        process.stdin.write(
            json.dumps([arguments, ["/dev/null", str(out), str(err)], str(Path.cwd())])
        )
        process.stdin.write("\n")
        process.stdin.flush()
        code = process.stdout.readline()
        assert code, "the process that was to be forked has ended"
        done = [sys.executable, *arguments]
        return subprocess.CompletedProcess(
            done, int(code), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
        )


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError):
        assert process.stdin
        process.stdin.close()
    process.wait(30)
    assert process.stdout
    process.stdout.close()


@atexit.register
def end() -> None:
    """Nobody waits for a command any more."""
    while _waiting:
        _end(_waiting.popitem()[1])
