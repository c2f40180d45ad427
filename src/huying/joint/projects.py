"""项目清单: needs and resources brought together, led to a result, offered to be claimed."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, WrongState
from huying.joint.models import (
    JointMilestone,
    JointNeed,
    JointPart,
    JointProject,
    JointWord,
    SharedResource,
)
from huying.joint.models.projects import NeedState, ProjectState
from huying.joint.noting import note
from huying.joint.resolving import organisations_for, units_for
from huying.joint.sight import keeps
from huying.neighbours import wishing
from huying.neighbours.models import Wish
from huying.neighbours.models.wishes import Sort
from huying.neighbours.noting import require_version, words_of
from huying.people.acting import Actor
from huying.people.models import Role

MOST_MILESTONES: Final = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What it is, who leads it, and what it brings together."""

    title: str
    words: str
    unit: int | None = None
    organisation: uuid.UUID | None = None
    needs: Collection[uuid.UUID] = ()
    resources: Collection[uuid.UUID] = ()
    partners: Collection[uuid.UUID] = ()


def leads(actor: Actor, project: JointProject) -> bool:
    """Whether the post is of the unit that leads, or secretary of the organisation that does."""
    if actor.role != Role.HANDLER or actor.unit_id is None:
        return False
    branch = project.organisation.branch if project.organisation is not None else None
    return actor.unit_id in (project.unit_id, branch.unit_id if branch is not None else None)


@transaction.atomic
def begin(area_code: str, told: Told, *, by: Actor, now: datetime) -> JointProject:
    """立项: a new project of the community.

    Raises:
        NotAllowed: not the community's own desk.
        BadInput, Missing: what was told is not right, or a need is in another project.
    """
    if not keeps(by, area_code):
        raise NotAllowed
    assert by.account_id is not None
    project = JointProject(
        district_code=area_code[:6], area_code=area_code, made_at=now, made_by_id=by.account_id
    )
    _set(project, told)
    project.save(force_insert=True)
    _bring(project, told)
    note(project, "begin", by=by, now=now)
    return project


def _set(project: JointProject, told: Told) -> None:
    project.title = words_of(told.title, field="title", most=60)
    project.words = words_of(told.words, field="words", most=1000)
    unit = units_for(project.area_code).filter(pk=told.unit or 0).first()
    lead = organisations_for(project.area_code).filter(pk=told.organisation).first()
    if (unit is None) == (lead is None):
        raise BadInput(_("Please say who leads it."), field="lead")
    project.unit, project.organisation = unit, lead


def _bring(project: JointProject, told: Told) -> None:
    """Makes the parts exactly these; needs that are let go are open again."""
    code = project.district_code
    here = {"area_code": project.area_code}
    needs = {
        each.pk: each
        for each in JointNeed.objects.select_for_update().filter(pk__in=told.needs, **here)
    }
    before = set(project.parts.exclude(need=None).values_list("need", flat=True))
    known = SharedResource.objects.filter(pk__in=told.resources, **here)
    resources = set(known.values_list("pk", flat=True))
    partners = set(
        organisations_for(project.area_code)
        .filter(pk__in=told.partners)
        .values_list("pk", flat=True)
    )
    new = [pk for pk in told.needs if pk not in before]
    if any(pk not in needs or needs[pk].state != NeedState.OPEN for pk in new):
        raise BadInput(_("A need has ended, or is in another project."), field="needs")
    if resources != set(told.resources):
        raise BadInput(_("There is no such resource."), field="resources")
    if partners != set(told.partners):
        raise BadInput(_("There is no such organisation."), field="partners")
    project.parts.all().delete()
    gone = before - set(told.needs)
    JointNeed.objects.filter(pk__in=gone).update(state=NeedState.OPEN)
    JointNeed.objects.filter(pk__in=new).update(state=NeedState.MATCHED)
    rows = [
        *(JointPart(project=project, district_code=code, need_id=pk) for pk in needs),
        *(JointPart(project=project, district_code=code, resource_id=pk) for pk in resources),
        *(JointPart(project=project, district_code=code, organisation_id=pk) for pk in partners),
    ]
    try:
        with transaction.atomic():
            JointPart.objects.bulk_create(rows)
    except IntegrityError as error:
        raise BadInput(_("A need has ended, or is in another project."), field="needs") from error


def locked(
    pk: uuid.UUID, by: Actor, version: int | None = None, *, lead: bool = False
) -> JointProject:
    """The project, held until the transaction ends, while it runs.

    ``lead``: who leads it may do this as well as the desk.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or keep, or was changed.
        WrongState: it has ended.
    """
    rows = JointProject.objects.visible_to(by).select_for_update(of=("self",))
    found: JointProject | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not keeps(by, found.area_code) and not (lead and leads(by, found)):
        raise NotAllowed
    require_version(found, version)
    if found.state != ProjectState.RUNNING:
        raise WrongState(_("This project has ended."))
    return found


def _save(project: JointProject, verb: str, by: Actor, now: datetime) -> JointProject:
    project.version += 1
    project.save()
    note(project, verb, by=by, now=now)
    return project


@transaction.atomic
def change(
    pk: uuid.UUID, told: Told, *, by: Actor, now: datetime, version: int | None = None
) -> JointProject:
    """Says it anew. Raises as `locked` and `begin`."""
    project = locked(pk, by, version)
    _set(project, told)
    _bring(project, told)
    return _save(project, "change", by, now)


@transaction.atomic
def plan(
    pk: uuid.UUID,
    title: str,
    due_on: date | None,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointMilestone:
    """Adds a milestone. Raises as `locked`; BadInput, Missing."""
    project = locked(pk, by, version)
    said = words_of(title, field="title", most=60)
    if due_on is None:
        raise BadInput(_("Please give a day."), field="due_on")
    there = project.milestones.all()
    if len(there) >= MOST_MILESTONES:
        raise BadInput(_("At most %(n)s points.") % {"n": MOST_MILESTONES}, field="title")
    if any(each.title == said for each in there):
        raise BadInput(_("This name is there already."), field="title")
    made = JointMilestone.objects.create(
        district_code=project.district_code, project=project, title=said, due_on=due_on
    )
    _save(project, "plan", by, now)
    return made


@transaction.atomic
def reach(
    pk: uuid.UUID,
    milestone: uuid.UUID,
    reached: bool,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointMilestone:
    """It is reached, or after all not yet; the desk or who leads says so. Raises as `locked`."""
    project = locked(pk, by, version, lead=True)
    found = project.milestones.filter(pk=milestone).first()
    if found is None:
        raise NotFound
    found.reached_on = timezone.localdate(now) if reached else None
    found.save()
    _save(project, "reach" if reached else "reach_not", by, now)
    return found


@transaction.atomic
def tell(
    pk: uuid.UUID, words: str, *, by: Actor, now: datetime, version: int | None = None
) -> JointWord:
    """A word on how it goes, by the desk or who leads. Raises as `locked`; BadInput, Missing."""
    project = locked(pk, by, version, lead=True)
    assert by.account_id is not None
    made = JointWord.objects.create(
        district_code=project.district_code,
        project=project,
        words=words_of(words, field="words", most=400),
        at=now,
        account_id=by.account_id,
    )
    _save(project, "tell", by, now)
    return made


@transaction.atomic
def end(
    pk: uuid.UUID,
    done: bool,
    words: str,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> JointProject:
    """It is done, and its needs are met; or it is dropped, and they are open again.

    Raises: as `locked`; BadInput, Missing; WrongState: it is offered still and nobody ended that.
    """
    project = locked(pk, by, version)
    project.outcome = words_of(words, field="words", most=1000)
    if project.wish is not None and project.wish.state in ("draft", "open"):
        raise WrongState(_("It can be claimed still; first end that."))
    project.state = ProjectState.DONE if done else ProjectState.DROPPED
    project.ended_at = now
    needs = JointNeed.objects.select_for_update().filter(parts__project=project)
    for need in needs:
        if done:
            need.state, need.ended_at, need.outcome = NeedState.MET, now, project.title
        else:
            need.state = NeedState.OPEN
        need.version += 1
        need.save()
    if not done:
        project.parts.exclude(need=None).delete()
    return _save(project, "done" if done else "drop", by, now)


@transaction.atomic
def publish(
    pk: uuid.UUID, shown: bool, *, by: Actor, now: datetime, version: int | None = None
) -> JointProject:
    """Everybody reads it on the community's page from now on, or no longer. Raises as `locked`."""
    project = locked(pk, by, version)
    project.published_at = now if shown else None
    return _save(project, "publish" if shown else "hide", by, now)


@transaction.atomic
def offer(
    pk: uuid.UUID,
    capacity: int,
    claim_by: date | None,
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Wish:
    """发布认领: members and volunteers can claim it; claims and results are the wish's.

    Raises: as `locked`; WrongState: it is offered already; and as `wishing.write`, `publish`.
    """
    project = locked(pk, by, version)
    if project.wish_id is not None:
        raise WrongState(_("It is offered already."))
    last = project.milestones.order_by("-due_on").values_list("due_on", flat=True).first()
    due_on = last if last is not None and (claim_by is None or last >= claim_by) else None
    told = wishing.Told(Sort.PROJECT, project.title, project.words, capacity, claim_by, due_on)
    made = wishing.write(project.area_code, told, by=by, now=now)
    wish = wishing.publish(made.pk, by=by, now=now)
    project.wish = wish
    project.published_at = project.published_at or now
    _save(project, "offer", by, now)
    return wish
