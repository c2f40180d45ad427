"""Look over the installation: settings, folders, database, clock, disk, keys, migrations, files,
worker, seal, months, backup. Says what is wrong and how to mend it, in Chinese or English by the
locale (LC_ALL, LC_MESSAGES, LANG). Exit code 1 when there is a fault; a warning is none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from gettext import translation
from pathlib import Path
from typing import Any

HELP = "say what is wrong here and how to mend it"
NEEDS = "nothing"  # it must be able to say that settings or the database will not do

PARTS = (
    "settings", "folders", "disk", "files", "keys", "backup", "database", "migrations", "rights",
    "clock", "worker", "months",
)  # fmt: skip

MARKS = {"well": "✓", "warning": "!", "fault": "✗"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, metavar="PART", default=[],
        help=f"only these: {', '.join(PARTS)}",
    )  # fmt: skip


def language() -> str:
    """What the locale asks for; where it asks for nothing, what the installation does."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        told = os.environ.get(name, "")
        if told.split(".")[0] in ("", "C", "POSIX"):
            if told:
                break
            continue
        return "zh-hans" if told.lower().startswith("zh") else "en"
    chosen = os.environ.get("HUYING_LANGUAGE", "zh-hans")
    return chosen if chosen in ("zh-hans", "en") else "zh-hans"


def run(options: argparse.Namespace) -> dict[str, Any]:
    only = set(options.only)
    try:
        from huying.installation import config
    except SystemExit as error:  # a setting that cannot be used: there is no Django either
        folder = Path(__file__).parents[1] / "locale"
        languages = {"zh-hans": ["zh_Hans"]}.get(language(), ["en"])
        words = translation("django", folder, languages, fallback=True)
        mend = words.gettext("Correct that setting; docs/settings.md says what each may be.")
        found = [
            {"about": "settings", "grade": "fault", "what": line, "mend": mend}
            for line in str(error).splitlines()
        ]
        return {"ok": False, "findings": found}

    from huying.cli import load_django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.settings")
    with contextlib.ExitStack() as stack:
        load_django(stack)
        from django.utils import timezone
        from django.utils.translation import override

        from huying.faults import here, of_database
        from huying.faults.finding import Grade

        with override(language()):
            looks = {
                "settings": here.settings,
                "folders": here.folders,
                "disk": here.room,
                "files": here.files,
                "keys": here.keys,
                "clock": here.clock,
            }
            findings = [
                each
                for name, look in looks.items()
                if not only or name in only
                for each in look(config)
            ]
            if not only or "backup" in only:
                findings += here.backups(config, timezone.now())
            if not only or only & {"database", *of_database.ASKED}:
                findings += of_database.all_of(config, only)
            told = [
                {
                    "about": each.about,
                    "grade": str(each.grade),
                    "what": each.what,
                    "mend": each.mend,
                }
                for each in findings
            ]
            ok = not any(each.grade is Grade.FAULT for each in findings)
            return {"ok": ok, "findings": told}


def text(result: dict[str, Any]) -> str:
    """The result for people: what is wrong comes last, where the eye is."""
    order = list(MARKS)
    found = sorted(result["findings"], key=lambda each: order.index(each["grade"]))
    lines = []
    for each in found:
        lines.append(f"{MARKS[each['grade']]} {each['about']}: {each['what']}")
        if each["mend"]:
            lines.append(f"    → {each['mend']}")
    return "\n".join(lines)
