"""How one is told: addresses outside, what over which channel and when, quiet hours."""

from __future__ import annotations

from datetime import time
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from huying.desk.here import at, is_told
from huying.errors import BadInput
from huying.notices import addresses
from huying.notices.kinds import Group
from huying.notices.models import Channel, NoticeAddress, NoticeChoice, QuietHours
from huying.notices.outbox import USUALLY
from huying.notices.planning import How, Quiet
from huying.people.models import Account

HOW_WORDS = {
    How.AT_ONCE: gettext_lazy("at once"),
    How.HOURLY: gettext_lazy("gathered, every hour"),
    How.DAILY: gettext_lazy("gathered, once a day"),
    How.OFF: gettext_lazy("not at all"),
}
ASKED_AS = {
    Channel.WECOM: gettext_lazy("My user id at WeCom"),
    Channel.SMS: gettext_lazy("My mobile phone"),
    Channel.APPRISE: gettext_lazy("My e-mail or name there"),
}
CHOSEN = tuple(group for group in Group if group is not Group.EMERGENCY)
"""Alarms are not a matter of choice."""


@require_http_methods(["GET", "HEAD", "POST"])
@at(is_told)
def choices(request: HttpRequest) -> HttpResponseBase:
    """GET: as it is. POST: keeps all of it, or says what is wrong and keeps nothing."""
    account = cast("Account", request.user)
    if request.method != "POST":
        return _page(request, account)
    try:
        with transaction.atomic():
            _keep(request, account)
    except BadInput as refusal:
        return _page(request, account, refusal)
    messages.success(request, _("Kept."))
    return redirect("my_notices")


def _keep(request: HttpRequest, account: Account) -> None:
    sent, now = request.POST, timezone.now()
    quiet = Quiet(_time(sent.get("quiet-from", "")), _time(sent.get("quiet-to", "")))
    QuietHours.objects.update_or_create(
        account=account, defaults={"starts": quiet.starts, "ends": quiet.ends}
    )
    for channel in addresses.channels():
        if f"remove-{channel}" in sent:
            addresses.put(account, channel, "", now=now)
        elif value := sent.get(f"address-{channel}", "").strip():
            addresses.put(account, channel, value, now=now)
        for group in CHOSEN:
            how = sent.get(f"{channel}-{group}", "")
            if how in set(How):
                NoticeChoice.objects.update_or_create(
                    account=account, channel=channel, group=group, defaults={"how": how}
                )


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInput(_("Please give both times, as in 22:00."), field="quiet") from None


def _page(
    request: HttpRequest, account: Account, refusal: BadInput | None = None
) -> HttpResponseBase:
    known = {each.channel: each for each in NoticeAddress.objects.filter(account=account)}
    chosen = {
        (each.channel, each.group): each.how
        for each in NoticeChoice.objects.filter(account=account)
    }
    kept = QuietHours.objects.filter(account=account).first()
    quiet = Quiet(kept.starts, kept.ends) if kept else Quiet()
    ways = addresses.channels()
    context: dict[str, Any] = {
        "ways": [
            {
                "channel": channel,
                "asked": ASKED_AS[channel],
                "masked": known[channel].masked if channel in known else "",
                "name": f"address-{channel}",
                "trouble": refusal if refusal and refusal.field == f"address-{channel}" else "",
            }
            for channel in ways
        ],
        "lines": [
            (
                group,
                [
                    (channel, f"{channel}-{group}", chosen.get((channel, group), USUALLY[channel]))
                    for channel in ways
                ],
            )
            for group in CHOSEN
        ],
        "how": HOW_WORDS.items(),
        "quiet": quiet,
        "trouble": refusal if refusal and refusal.field == "quiet" else "",
    }
    return render(request, "desk/choosing.html", context, status=422 if refusal else 200)
