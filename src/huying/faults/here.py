"""What can be seen without a database: settings, folders and their rights, disks, keys, files."""

from __future__ import annotations

import ctypes
import os
import stat
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huying import upkeep
from huying.audit import crypto
from huying.audit.keys import KeyFileError, KeyPurpose
from huying.backup import watching
from huying.faults.finding import Findings, fault, warning, well
from huying.installation import PACKAGE, Settings
from huying.telemetry.standing import disks, since_upkeep

PRIVATE: Final = ("secrets", "keys", "attachments", "seals", "exports", "imports")

FULL_BYTES, NEARLY_FULL_SHARE = 500_000_000, 0.1

BACKUP_WITHIN: Final = timedelta(hours=26)
BY_AGE: Final = (watching.Concern.BASE_OLD, watching.Concern.UNPROVED)
"""What an archive wants and is told by its age already."""


def settings(config: Settings) -> Findings:
    """Values that are allowed one by one and do not go together."""
    about, wrong = "settings", False
    if config.debug:
        wrong = True
        yield fault(
            about,
            _("Django's debug pages are on: who meets an error sees settings and data."),
            _("Unset HUYING_DEBUG."),
        )
    names = [each.strip() for each in config.allowed_hosts.split(",") if each.strip()]
    if config.listens_anywhere and set(names) <= {"localhost", "127.0.0.1", "[::1]"}:
        wrong = True
        yield warning(
            about,
            _("The pages listen on all addresses and may be reached under this machine's only."),
            _("Set HUYING_ALLOWED_HOSTS to the name under which people reach them."),
        )
    if "*" in names:
        wrong = True
        yield fault(
            about,
            _("Any host name is believed: links in messages can be made to lead elsewhere."),
            _("Name the real ones in HUYING_ALLOWED_HOSTS."),
        )
    if config.listens_anywhere and not config.secure:
        wrong = True
        yield warning(
            about,
            _("Passwords and names travel unencrypted: no HTTPS."),
            _("Put a proxy with TLS before it and set HUYING_HTTPS, or start with --tls."),
        )
    if config.trusted_proxies == 0 and config.https:
        wrong = True
        yield warning(
            about,
            _("Behind a proxy that nobody believes: everybody has the proxy's address."),
            _("Set HUYING_PROXIES to the proxy's address."),
        )
    if config.database_pooler and not config.database_owner_url:
        wrong = True
        yield warning(
            about,
            _("A pooler, and no way to the server itself: a commit that no standby confirms is not"
              " given up where the pooler has no connection left."),
            _("Set DATABASE_OWNER_URL to the server itself, past the pooler."),
        )  # fmt: skip
    if not wrong:
        yield well(about, _("go together"))


def folders(config: Settings) -> Findings:
    """Whether this user may write where it must, and nobody else may read."""
    about, wrong = "folders", False
    home, me = config.home, os.geteuid()
    if not home.is_dir():
        yield fault(
            about,
            _("There is no data folder %(path)s.") % {"path": home},
            _("Start huying once, or set HUYING_HOME to where it is."),
        )
        return
    for name in (".", *PRIVATE):
        path = home / name
        if not path.is_dir():
            continue
        told = path.stat()
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            wrong = True
            yield fault(
                about,
                _("This user cannot write to %(path)s.") % {"path": path},
                _("chown -R it to the user that huying runs as."),
            )
        elif told.st_uid != me:
            wrong = True
            yield warning(
                about,
                _("%(path)s belongs to another user than the one who asks.") % {"path": path},
                _("Run huying check as the user that huying runs as."),
            )
        if name != "." and stat.S_IMODE(told.st_mode) & 0o077:
            wrong = True
            yield fault(
                about,
                _("Others on this machine may look into %(path)s.") % {"path": path},
                f"chmod 700 {path}",
            )
    if not wrong:
        yield well(about, str(home))


def room(config: Settings) -> Findings:
    """Whether there is room on the disks."""
    lowest, wrong = None, False
    for disk in disks(config):
        share = disk.free / max(1, disk.size)
        lowest = share if lowest is None else min(lowest, share)
        words = _("%(folder)s: %(free).1f GB free, %(percent)d %%") % {
            "folder": disk.folder, "free": disk.free / 1e9, "percent": share * 100,
        }  # fmt: skip
        mend = _("Make room there, or move that folder to a larger disk.")
        if disk.free < FULL_BYTES:
            wrong = True
            yield fault("disk", words, mend)
        elif share < NEARLY_FULL_SHARE:
            wrong = True
            yield warning("disk", words, mend)
    if lowest is not None and not wrong:
        yield well("disk", _("at least %(percent)d %% free") % {"percent": lowest * 100})


class _Timex(ctypes.Structure):
    """The beginning of the kernel's answer (linux/timex.h), and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("about_steps", ctypes.c_long * 4),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


NOT_KEPT: Final = 0x0040
"""STA_UNSYNC."""


def clock_status() -> int | None:
    """What the kernel says of its clock; None where it does not say."""
    told = _Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (AttributeError, OSError):  # not Linux
        return None
    return None if answer < 0 else told.status


def clock(config: Settings) -> Findings:
    """Whether anybody keeps this machine's clock: a database on the same machine, which has the
    same clock, could not tell that it is wrong."""
    status = clock_status()
    if status is not None and status & NOT_KEPT:
        yield warning(
            "clock",
            _("The kernel says that nobody keeps this machine's clock: it may be wrong unseen."),
            _("Let the machine keep its time by NTP (chrony, systemd-timesyncd)."),
        )


def keys(config: Settings) -> Findings:
    """Whether the keys are there and can be read by their owner alone."""
    folder = crypto.keys_folder()
    try:
        known = {purpose: crypto.provider().key_ids(purpose) for purpose in KeyPurpose}
    except (crypto.CryptoError, KeyFileError, OSError) as error:
        yield fault(
            "keys",
            _("A key cannot be used: %(error)s") % {"error": error},
            _("Put the copy of the folder keys/ back; each file belongs to its user alone (0600)."),
        )
        return
    if not any(known.values()):
        yield warning(
            "keys",
            _("There are no keys in %(path)s yet.") % {"path": folder},
            _("For a new installation this is right; else put the copy of keys/ back at once."),
        )
        return
    yield well("keys", str(sum(map(len, known.values()))))


def files(config: Settings) -> Findings:
    """What is built with the package: pages' assets, fonts of printed sheets, translations."""
    lacking = [
        str(path.relative_to(PACKAGE))
        for path in (
            PACKAGE / "static" / "huying" / "dist" / "manifest.json",
            PACKAGE / "fonts" / "NotoSerifSC_400Regular.ttf",
            PACKAGE / "fonts" / "NotoSansSC_500Medium.ttf",
            PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo",
        )
        if not path.is_file()
    ]
    if lacking:
        yield fault(
            "files",
            _("These are missing: %(names)s.") % {"names": ", ".join(lacking)},
            _("Install the wheel anew, or run make setup in a checkout."),
        )
    else:
        yield well("files", _("fonts, assets and translations are there"))


def backups(config: Settings, now: datetime) -> Findings:
    """When the last backup was made, when one was last proved, and what the archive wants."""
    archive = config.backup_dir is not None
    # What administrators are not told of yet is not told here either.
    base_within = timedelta(hours=config.backup_base_hours * watching.BASE_LATE)
    since = since_upkeep(config.home, now)
    for name, within, never, old, mend in (
        (
            upkeep.BACKUP,
            max(BACKUP_WITHIN, base_within) if archive else BACKUP_WITHIN,
            _("No backup was ever made from here."),
            _("The last backup is %(age)s old."),
            _("Run huying backup every night (docs/operate.md)."),
        ),
        (
            upkeep.RESTORED,
            timedelta(days=config.backup_proved_within_days),
            _("No backup was ever restored and proved."),
            _("A backup was last restored and proved %(age)s ago."),
            _("Restore one on trial: huying restore DIR --tell %(home)s") % {"home": config.home},
        ),
    ):
        if name not in since:
            yield warning(name, never, mend)
        elif since[name] > within:
            yield warning(name, old % {"age": age(since[name])}, mend)
        else:
            yield well(name, old % {"age": age(since[name])})
    for concern in watching.present_concerns(now=now):
        if concern not in BY_AGE:
            mend = _("huying backup status says more (docs/backup.md).")
            yield fault("archive", concern.label, mend)


def age(how_long: timedelta) -> str:
    """Hours up to two days, then days."""
    hours = max(0, int(how_long.total_seconds() // 3600))
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}
