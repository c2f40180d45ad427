"""The files of reports, beside their rows; made anew from the row when they are not there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from django.conf import settings

from huying.embedded import private_folder
from huying.reports.models import MadeReport
from huying.reports.printing import printed
from huying.reports.report import Report
from huying.reports.workbooks import workbook


class Form(StrEnum):
    PDF = "pdf"
    EXCEL = "xlsx"


_MAKE: dict[Form, Callable[[Report], bytes]] = {Form.PDF: printed, Form.EXCEL: workbook}


def folder() -> Path:
    """The private folder of reports; made when it is not there."""
    return private_folder(Path(settings.HUYING.home) / "reports")


def path_of(pk: UUID, form: Form) -> Path:
    return folder() / f"{pk.hex}.{form}"


def keep(made: MadeReport, form: Form) -> Path:
    """The file of a report. What is there stays; whole or not at all."""
    path = path_of(made.pk, form)
    if not path.is_file():
        draft = path.with_suffix(".part")
        draft.touch(mode=0o600)
        draft.write_bytes(_MAKE[form](made.report))
        draft.replace(path)
    return path


def drop(pk: UUID) -> None:
    for form in Form:
        path_of(pk, form).unlink(missing_ok=True)
