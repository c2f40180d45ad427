"""The sender: takes one waiting message after the other, tries it, and notes what became of it.

Nothing is locked while it speaks to the outside: the row is leased. A sender that is killed leaves
a lease that runs out, and the message is tried again under the same id.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from huying.notices import addresses, channels, webhooks
from huying.notices.channels import Outcome
from huying.notices.models import WEBHOOK, Channel, Notice, NoticeAddress, Outgoing
from huying.notices.outbox import SENDER, lock_claiming
from huying.notices.planning import wait
from huying.notices.rendering import gathered, text_of
from huying.notices.sight import sees

RUN_S = 45
"""One run looks at the clock only once: it ends before the next minute's begins."""

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=30)
"""How long it stays known what was sent. What failed stays until somebody has decided."""

NEEDLESS = Outcome(False, "needless", again=False)

_STATE = Outgoing.State


@app.task(name=SENDER, queue="notices", priority=10)
def send_now() -> int:
    """The job: sends what is due."""
    return send_due(now=datetime.now(UTC))


def send_due(*, now: datetime) -> int:
    """Sends what is due; how many left."""
    ends, sent = monotonic() + RUN_S, 0
    out_of_order: set[str] = set()
    while monotonic() < ends:
        row = claim(now, out_of_order)
        if row is None:
            break
        outcome = _try(row, now)
        if outcome.down:
            out_of_order.add(row.target)
        settle(row, outcome, now)
        sent += outcome.sent
    return sent


def lease() -> timedelta:
    """How long a message is its sender's: longer than any try takes, and no longer than needed,
    for one whose sender was killed waits until it has run out."""
    return timedelta(seconds=30 + 2 * settings.HUYING.outside_timeout_seconds)


def claim(now: datetime, without: set[str]) -> Outgoing | None:
    """Leases the next message that may go now, alarms first; what a limit stops waits.

    A target whose minute is full goes into ``without``: its messages, which may be many thousands,
    are not looked at one by one.
    """
    while True:
        with transaction.atomic():
            lock_claiming()
            row = (
                Outgoing.objects.filter(state=_STATE.WAITING, next_at__lte=now)
                .filter(Q(leased_until=None) | Q(leased_until__lte=now))
                .exclude(target__in=without)
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("-alarm", "next_at", "id")
                .first()
            )
            if row is None:
                return None
            whole, each = limits(row.channel)
            of_target = Outgoing.objects.filter(target=row.target).exclude(pk=row.pk).order_by()
            if _lately(of_target, now, whole) >= whole:
                without.add(row.target)
                continue
            if each is not None:
                of_person = of_target.filter(account=row.account_id)
                if _lately(of_person, now, each) >= each:
                    row.next_at, row.leased_until = now + MINUTE, None
                    row.save(update_fields=["next_at", "leased_until"])
                    continue
            row.leased_until, row.tries = now + lease(), row.tries + 1
            row.save(update_fields=["leased_until", "tries"])
            return row


def limits(channel: str) -> tuple[int, int | None]:
    """Messages a minute over the whole target, and to one person."""
    chosen = settings.HUYING
    match channel:
        case Channel.WECOM:
            return chosen.wecom_per_minute, chosen.wecom_member_per_minute
        case Channel.SMS:
            return chosen.sms_per_minute, chosen.sms_member_per_minute
        case Channel.APPRISE:
            return chosen.apprise_per_minute, None
        case _:
            return chosen.webhook_per_minute, None


def _lately(rows: QuerySet[Outgoing], now: datetime, most: int) -> int:
    """How many of them went in the last minute, counted no further than needed.

    What is under way counts as sent. Two questions: an index answers each.
    """
    sent = rows.filter(state=_STATE.SENT, ended_at__gt=now - MINUTE)
    under_way = rows.filter(state=_STATE.WAITING, leased_until__gt=now)
    return sent[:most].count() + under_way[:most].count()


def _try(row: Outgoing, now: datetime) -> Outcome:
    if row.channel == WEBHOOK:
        assert row.subscription is not None
        if not row.subscription.active:
            return NEEDLESS
        return webhooks.send(row.subscription, row.pk, row.body, now)
    account = row.account
    assert account is not None
    address = NoticeAddress.objects.filter(account=account, channel=row.channel).first()
    if address is None or not account.is_active:
        return NEEDLESS
    told = Notice.objects.filter(pk__in=row.body["notices"], account=account)
    # Who has read it inside need not be told outside; an alarm is sent in any case.
    notices = [each for each in told.order_by("id") if row.alarm or each.read_at is None]
    if not notices:
        return NEEDLESS
    if len(row.body["notices"]) > 1:
        text = gathered(notices)
    else:
        day = timezone.localdate(now)
        text = text_of(notices[0], row.channel, in_full=sees(account, notices[0].case_id, day))
    return channels.send(row.channel, addresses.clear(address), text, row.pk, now)


def settle(row: Outgoing, outcome: Outcome, now: datetime) -> bool:
    """Writes down what became of a try; not if the lease ran out and another has it."""
    chosen = settings.HUYING
    change: dict[str, object] = {"leased_until": None, "trouble": outcome.trouble[:80]}
    if outcome.sent:
        change |= {"state": _STATE.SENT, "ended_at": now}
    elif outcome is NEEDLESS:
        change |= {"state": _STATE.NEEDLESS, "ended_at": now}
    elif not outcome.again or row.tries >= chosen.outside_tries:
        change |= {"state": _STATE.DEAD, "ended_at": now}
    else:
        later = wait(
            row.tries,
            row.pk,
            first=chosen.outside_first_wait_seconds,
            longest=chosen.outside_longest_wait_seconds,
        )
        asked = timedelta(seconds=min(outcome.wait or 0, chosen.outside_longest_wait_seconds))
        change["next_at"] = now + max(later, asked)
    mine = Outgoing.objects.filter(
        pk=row.pk, state=_STATE.WAITING, leased_until=row.leased_until, tries=row.tries
    )
    return bool(mine.update(**change))


def retry(row: Outgoing, *, now: datetime) -> bool:
    """Lets a message that failed be tried anew, under the same id; whether it had failed."""
    dead = Outgoing.objects.filter(pk=row.pk, state=_STATE.DEAD)
    return bool(
        dead.update(state=_STATE.WAITING, tries=0, next_at=now, ended_at=None, leased_until=None)
    )


def drop(row: Outgoing, reason: str, *, now: datetime) -> bool:
    """Gives a message that failed up, and says why; whether it had failed."""
    dead = Outgoing.objects.filter(pk=row.pk, state=_STATE.DEAD)
    return bool(dead.update(state=_STATE.DROPPED, reason=reason[:200], ended_at=now))


def tidy(*, now: datetime) -> int:
    """Forgets what ended long ago; how many went."""
    ended = [_STATE.SENT, _STATE.DROPPED, _STATE.NEEDLESS]
    old = Outgoing.objects.filter(state__in=ended, ended_at__lt=now - KEPT)
    return old.delete()[0]
