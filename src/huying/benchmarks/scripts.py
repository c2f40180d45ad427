"""Runs what makes the load as a process of its own, so that it takes nothing from what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from huying.cli import CommandError


def answered(script: ModuleType, order: dict[str, Any]) -> dict[str, Any]:
    """What a module of this folder says to an order. It has the standard library alone.

    Raises:
        CommandError: it failed.
    """
    assert script.__file__ is not None
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(Path(script.__file__))],
        input=json.dumps(order), capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"The load failed: {done.stderr.strip()[-800:]}")
    got: dict[str, Any] = json.loads(done.stdout)
    return got
