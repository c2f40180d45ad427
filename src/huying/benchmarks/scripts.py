"""Runs what makes the load as a process of its own, so that it takes nothing from what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from huying.cli import CommandError


def answered(script: ModuleType, order: dict[str, Any], *, within: float | None = None) -> Any:
    """What a module of this folder says to an order. It has the standard library, and others of
    this folder that have no more.

    Args:
        within: seconds after which it is ended. Given, what the module says of its progress is
            shown while it runs.

    Raises:
        CommandError: it failed, or took too long.
    """
    root = Path(__file__).resolve().parents[2]
    program = (
        f"import runpy, sys; sys.path[0] = {str(root)!r}; "
        f"runpy.run_module({script.__name__!r}, run_name='__main__')"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-S", "-E", "-c", program],
            input=json.dumps(order), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if within is None else None, text=True, timeout=within,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise CommandError(f"The load did not end within {within:.0f} s") from late
    if done.returncode:
        raise CommandError(f"The load failed: {(done.stderr or 'see above').strip()[-800:]}")
    return json.loads(done.stdout)
