"""Photos and sheets that belong to a task instead of a case."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Q

from huying.cases.attaching import staged_by
from huying.cases.models import Attachment
from huying.people.acting import Actor
from huying.tasks.models import GridTask, Task, TaskFile


def hold(ids: Sequence[uuid.UUID], *, by: Actor) -> list[Attachment]:
    """The actor's staged photos, kept from now on. Inside the step's transaction.

    Raises:
        BadInput: as `staged_by`.
    """
    found = staged_by(by, ids)
    Attachment.objects.filter(pk__in=[each.pk for each in found]).update(held=True)
    return found


def seen(pk: uuid.UUID, by: Actor) -> Attachment | None:
    """A photo of a task, for who may see the part that it shows, or the task that it came with."""
    of_part = Q(part__in=GridTask.objects.visible_to(by))
    of_task = Q(part=None, task__in=Task.objects.visible_to(by))
    files = TaskFile.objects.filter(of_part | of_task, attachment=pk)
    found = files.select_related("attachment").first()
    return found.attachment if found is not None else None
