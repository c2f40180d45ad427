"""Seal all cases as they stand now: one signature over the head of every chain.

The worker does this once a day by itself. The file of heads that is printed is meant to be kept
elsewhere; `huying verify --head FILE` then proves the log against it.
"""

from __future__ import annotations

import argparse
from typing import Any

from huying.cli import CommandError, progress

HELP = "seal all cases now"
NEEDS = "data"


def arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Seal, with progress on standard error."""
    from django.utils import timezone

    from huying.audit import crypto, sealing
    from huying.audit.keys import KeyFileError

    now = timezone.now()
    try:
        with progress("Sealing cases") as advance:
            seal = sealing.seal(timezone.localdate(now), now, advance=advance)
    except (KeyFileError, OSError) as error:
        raise CommandError(str(error)) from error
    public_key = crypto.provider().public_key(seal.key_id)
    heads = sealing.heads_path(seal.day)
    return {"ok": True, **sealing.as_json(seal, public_key), "heads": str(heads)}


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    return (
        f"Seal {result['number']} of {result['day']}: {result['cases']} cases, "
        f"{result['events']} events, root {result['root']}\nKeep elsewhere: {result['heads']}"
    )
