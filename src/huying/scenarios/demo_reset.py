"""Takes the demo away again: its cases with their events and photos, and its people.

Events cannot be deleted by the application's role, in no way and by nobody; so this acts as the
owner of the tables, as migrations do, and exists for made-up cases alone. Cases that real people
reported are never mixed up with them: where there are any, everything stays, unless it is said
that really all shall go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.assessment.following import clear
from huying.assessment.models import ClosedFigure, ClosedPeriod
from huying.audit import sealing
from huying.audit.models import Seal
from huying.cases.attaching import files_of
from huying.cases.models import Attachment, Case
from huying.catalogue.models import SuggestionModel
from huying.desk.models import Handover
from huying.errors import WrongState
from huying.fairness.models import Unusual
from huying.forms.models import FormVersion
from huying.intake.models import CaseImport
from huying.patrol.models import PatrolPlan, PatrolVisit
from huying.people.demo import unload_demo_people
from huying.people.models import Account
from huying.response.figures import PublishedMonth
from huying.response.models import DocumentSerial, HandlingRecord, SeizedGoods
from huying.response.whistles import Veto, Whistle, WhistleStep
from huying.scenarios.demo_branches import unload_branches
from huying.scenarios.demo_care import unload_care
from huying.scenarios.demo_duties import unload_duties
from huying.scenarios.demo_joint import unload_joint
from huying.scenarios.demo_neighbours import unload_neighbours
from huying.scenarios.demo_platforms import unload_platforms
from huying.scenarios.demo_registers import unload_registers
from huying.scenarios.demo_reports import unload_reports
from huying.scenarios.demo_requests import unload_requests
from huying.scenarios.demo_scores import unload_scores
from huying.scenarios.demo_teams import unload_teams
from huying.surveys.models import Survey, SurveyEntry, SurveyGrid, SurveyStep
from huying.tasks.models import Task, TaskStep
from huying.topics.models import Topic, TopicBuilt

OWNER: Final = "owner"
STATEMENT: Final = (Path(__file__).resolve().parent.parent / "sql" / "demo_reset.sql").read_text(
    "utf-8"
)
_CHUNK: Final = 2000


def real_cases() -> int:
    """Cases that none of the demo's people reported."""
    return Case.objects.exclude(reporter__demo=True).count()


def reset(now: datetime, *, really_all: bool = False) -> tuple[int, int]:
    """Deletes the demo's cases and people; how many of each. Grids and units stay.

    ``really_all`` deletes every case there is.

    Raises:
        WrongState: there are cases that are not the demo's, and ``really_all`` was not said.
    """
    if not really_all and (others := real_cases()):
        raise WrongState(
            _("There are cases here that are not the demo's; nothing was deleted."), cases=others
        )
    unload_scores(OWNER)
    _delete_whistles(Whistle.objects.using(OWNER).filter(case=None, blown_by__demo=True))
    cases = list(Case.objects.values_list("pk", flat=True))
    for start in range(0, len(cases), _CHUNK):
        _delete(cases[start : start + _CHUNK])
    _delete_handovers()
    _delete_tasks()
    CaseImport.objects.filter(account__demo=True).delete()
    PublishedMonth.objects.all().delete()
    ClosedFigure.objects.using(OWNER).all().delete()
    ClosedPeriod.objects.using(OWNER).all().delete()
    clear()
    # With their places and visits; hours on duty and tracks go with their people.
    PatrolPlan.objects.using(OWNER).filter(made_by__demo=True).delete()
    PatrolVisit.objects.using(OWNER).filter(account__demo=True).delete()
    unload_requests()
    unload_reports()
    unload_care()
    _delete_surveys()
    unload_duties(OWNER)
    unload_joint(OWNER)
    unload_branches()
    unload_platforms(OWNER)
    _unlink(unload_neighbours(OWNER))
    unload_registers()
    # A unit without a record left counts its documents anew, and may go.
    kept = HandlingRecord.objects.using(OWNER).values("unit")
    DocumentSerial.objects.using(OWNER).exclude(unit__in=kept).delete()
    # What was learnt from cases that are gone would speak for them.
    SuggestionModel.objects.all().delete()
    Topic.objects.filter(members=None).delete()
    TopicBuilt.objects.all().delete()
    people = unload_demo_people()
    unload_teams()
    if Seal.objects.exists():
        # The newest seal names heads that are gone; a fresh one says what there is now.
        sealing.seal(timezone.localdate(now), now)
    return len(cases), people


def _delete_tasks() -> None:
    """Tasks that a demo's person issued or had a hand in, with their log, questions and photos."""
    hands = Q(issued_by__demo=True) | Q(parts__done_by__demo=True) | Q(parts__checked_by__demo=True)
    found = Task.objects.using(OWNER).filter(hands).values_list("pk", flat=True)
    tasks = Task.objects.using(OWNER).filter(pk__in=set(found))
    photos = Attachment.objects.using(OWNER).filter(task_file__task__in=tasks)
    files = list(photos.values_list("pk", "kind"))
    forms = list(tasks.exclude(form=None).values_list("form", flat=True))
    with transaction.atomic(using=OWNER):
        TaskStep.objects.using(OWNER).filter(part__task__in=tasks).delete()
        tasks.delete()
        Attachment.objects.using(OWNER).filter(pk__in=[pk for pk, _kind in files]).delete()
        FormVersion.objects.using(OWNER).filter(pk__in=forms).delete()
    _unlink(files)


def _delete_surveys() -> None:
    """What demo's people entered, with its log and photos; and what they designed themselves."""
    demo = list(Account.objects.filter(demo=True).values_list("pk", flat=True))
    surveys = Survey.objects.using(OWNER).filter(made_by__in=demo)
    hands = Q(survey__in=surveys) | Q(made_by__in=demo) | Q(told_by__in=demo)
    entries = SurveyEntry.objects.using(OWNER).filter(hands)
    pks = list(entries.values_list("pk", flat=True))
    photos = Attachment.objects.using(OWNER).filter(survey_photo__entry__in=pks)
    files = list(photos.values_list("pk", "kind"))
    owners = [each.owner for each in surveys]
    with transaction.atomic(using=OWNER):
        SurveyStep.objects.using(OWNER).filter(entry__in=pks).delete()
        SurveyEntry.objects.using(OWNER).filter(pk__in=pks).delete()
        Attachment.objects.using(OWNER).filter(pk__in=[pk for pk, _kind in files]).delete()
        SurveyGrid.objects.using(OWNER).filter(finished_by__in=demo).delete()
        surveys.delete()
        FormVersion.objects.using(OWNER).filter(owner__in=owners).delete()
    _unlink(files)


def _unlink(files: Sequence[tuple[UUID, str]]) -> None:
    for attachment, kind in files:
        for path in files_of(attachment, kind):
            path.unlink(missing_ok=True)


def _delete_handovers() -> None:
    """Notes that a demo's person wrote, was to have or took over: the application cannot."""
    demo = Q(written_by__demo=True) | Q(to__demo=True) | Q(taking__account__demo=True)
    Handover.objects.using(OWNER).filter(demo).delete()


def _delete_whistles(whistles: QuerySet[Whistle]) -> None:
    """With their vetoes and their own log, which the application can only add to."""
    Veto.objects.using(OWNER).filter(call__whistle__in=whistles).delete()
    WhistleStep.objects.using(OWNER).filter(whistle__in=whistles).delete()
    whistles.delete()


def _delete_records(cases: Sequence[UUID]) -> None:
    """With their goods; a correction first lets go of what it corrects."""
    records = HandlingRecord.objects.using(OWNER).filter(case__in=cases)
    SeizedGoods.objects.using(OWNER).filter(record__in=records).delete()
    records.update(corrects=None)
    records.delete()


def _delete(cases: Sequence[UUID]) -> None:
    """Rows first, in one transaction; then the files, which nothing names any more."""
    with transaction.atomic(using=OWNER):
        mine = Case.objects.using(OWNER).filter(pk__in=cases)
        Case.objects.using(OWNER).filter(merged_into__in=cases).update(merged_into=None)
        photos = Attachment.objects.using(OWNER).filter(case__in=cases)
        files = list(photos.values_list("pk", "kind"))
        photos.delete()
        _delete_records(cases)
        _delete_whistles(Whistle.objects.using(OWNER).filter(case__in=cases))
        Unusual.objects.using(OWNER).filter(cases__case__in=cases).delete()
        with connections[OWNER].cursor() as cursor:
            cursor.execute(STATEMENT, {"cases": list(cases)})
        mine.delete()
    _unlink(files)
