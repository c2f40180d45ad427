"""The catalogue in force: what can be reported, and what each item demands."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from huying.api.doors import reads
from huying.api.schemas import FormOut, ItemDetail, ItemOut, Items
from huying.api.tokens import Scope
from huying.catalogue.versions import snapshot
from huying.errors import NotFound
from huying.forms.rendering import sheet_of
from huying.forms.versions import in_force
from huying.intake.reporting import owner_of

router = Router(tags=["catalogue 事项"])

ANY = (Scope.READ, Scope.REPORT, Scope.LOCATE, Scope.VERBS)


@router.get(
    "",
    response=Items,
    auth=reads(*ANY),
    summary="事项清单 Items in force",
    operation_id="list_items",
)
def items(request: HttpRequest) -> Items:
    """Every item that a case may be accepted under now."""
    found = snapshot(timezone.now()).active
    return Items(items=[ItemOut.model_validate(each) for each in found])


@router.get(
    "/{code}",
    response=ItemDetail,
    auth=reads(*ANY),
    summary="事项 One item",
    operation_id="get_item",
)
def item(request: HttpRequest, code: str) -> ItemDetail:
    """An item in the version in force with its questions, also one that is not in use any more."""
    found = snapshot(timezone.now()).get(code)
    if found is None:
        raise NotFound()
    return ItemDetail(**ItemOut.model_validate(found).model_dump(), form=_form(code))


def _form(code: str) -> FormOut | None:
    form = in_force(owner_of(code))
    if form is None:
        return None
    return FormOut(
        version=form.version,
        questions=form.written["questions"],
        sheet=sheet_of(form.definition),
    )
