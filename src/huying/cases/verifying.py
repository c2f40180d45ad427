"""核实: is the report true? Asked and answered before acceptance."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.models import CaseParty, TextKind
from huying.cases.verbs import Act, verb
from huying.cases.words import item_name
from huying.errors import BadInput, Missing
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom
from huying.people.models import LOOKERS, Post
from huying.places import naming

TO_VERIFY = kind(
    "to_verify",
    _("Please verify a report"),
    _("{desk} asks you whether a report is true: {item}."),
    group=Group.TASKS,
)


def asked_account(act: Act, account: int | None) -> int | None:
    """The account that is asked to look, or None when anybody of the place may.

    Raises:
        BadInput: the account holds no post now that may look at this place.
    """
    if account is None:
        return None
    day = timezone.localdate(act.now)
    posts = Post.objects.filter(
        account=account, account__is_active=True, role__in=LOOKERS, starts_on__lte=day
    ).exclude(ends_on__lt=day)
    if not any(act.case.area_code.startswith(post.area_code) for post in posts):
        raise BadInput(_("This person has no post at this place."), field="account")
    act.data["account"] = account
    return account


@verb("ask_verify")
def ask_verify(act: Act, *, account: int | None = None, text: str = "") -> None:
    """请求核实: somebody of the place is asked whether the report is true."""
    act.case.verify_asked = True
    act.case.verified = None
    if (asked := asked_account(act, account)) is not None:
        act.joins(CaseParty.Part.VERIFIER, account=asked)
        desk = naming.own_name(act.case.holder_code)
        act.tell(TO_VERIFY, Whom(accounts=(asked,)), desk=desk, item=item_name(act.case))
    act.text(TextKind.REQUIREMENT, text)


@verb("verify")
def verify(act: Act, *, true: bool | None = None, text: str = "") -> None:
    """核实: found to be true or not, in words. The desk decides what follows.

    Raises:
        Missing: not said whether it is true, or no words.
    """
    if true is None:
        raise Missing(_("Please say whether the report is true."), field="true")
    act.case.verify_asked = False
    act.case.verified = true
    act.data["true"] = true
    act.text(TextKind.RESULT, text, needed="text")
    act.leaves(CaseParty.Part.VERIFIER)
