"""Whether the embedded database is known to be ready, without asking Django.

Loading all models only to find that no migration is missing takes a second; a second start
should not pay it. The note beside the cluster holds what it was last made ready for.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from huying import __version__, embedded
from huying.installation import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
BRING_TABLES = ("django", "procrastinate", "django-allauth", "django-axes")


def needed() -> str:
    """What the tables follow from: our migrations, and the packages that bring some."""
    parts = [__version__, *sorted(path.name for path in MIGRATIONS.glob("0*.py"))]
    for package in BRING_TABLES:
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            parts.append(package)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _note(config: Settings) -> Path:
    return config.layout.root / "ready"


def is_known(config: Settings) -> bool:
    """Whether nothing needs to be migrated or loaded; never known of an external database."""
    if not config.embedded:
        return False
    try:
        return _note(config).read_text().strip() == needed()
    except FileNotFoundError:
        return False


def note(config: Settings) -> None:
    """Remembers that the database is ready for this version."""
    if config.embedded:
        embedded.private_file(_note(config), needed() + "\n")
