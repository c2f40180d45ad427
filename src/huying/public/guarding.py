"""What keeps programs from filling the desks with reports, without asking anybody elsewhere.

Each form has a number that is signed and good for a day. With it comes a small piece of work that
the browser does by itself (a second on an old phone), or, without scripts, a sum drawn as a
picture. A field that people do not see stays empty, and nobody writes a report in three seconds.
None of this stops who means it: what does is that reports of one address are counted.
"""

from __future__ import annotations

import hashlib
import io
import random
import secrets
import time
from dataclasses import dataclass
from typing import Final

from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont

from huying import limiting
from huying.errors import BadInput, TooMany
from huying.people.adapters import counted_address

GOOD_FOR: Final = 24 * 3600
LEAST_SECONDS: Final = 3
WORK_BITS: Final = 12
"""Leading zero bits of the digest: 4,096 tries on average."""

REPORTS: Final = 12
"""Forms sent from one address a minute, over all web processes: a whole village may share one."""
LOOKS: Final = 120
"""Other requests from one address a minute."""
FILES: Final = 60
"""Files from one address a minute."""
KEPT: Final = 300
"""Photos of refused forms that one address may leave in a day, after which they are swept away:
so that no more than twice as many ever lie there."""

OLD: Final = _("This page is too old; please send it once more.")
NOT_KEPT: Final = _("The photos are not kept; please choose them once more.")

_SALT: Final = "huying.public.report"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A form's number, and when it was given out."""

    number: str
    given_at: int


def count(request: HttpRequest, what: str, most: int) -> None:
    """Counts a request of this address.

    Raises:
        TooMany: more than ``most`` in a minute.
    """
    bucket = limiting.bucket_of(counted_address(request))
    limiting.of(f"limits-{what}").take(bucket, 1, most)


def count_kept(request: HttpRequest, photos: int) -> None:
    """Counts photos that this address leaves with a form that was refused.

    Raises:
        TooMany: more than `KEPT` in a day.
    """
    bucket = limiting.bucket_of(counted_address(request))
    limiting.of("limits-public-kept", window=GOOD_FOR).take(bucket, photos, KEPT)


def lets_files_in(request: HttpRequest, **named: object) -> bool:
    """Whether one more file of this address is kept."""
    try:
        count(request, "public-files", FILES)
    except TooMany:
        return False
    return True


def new_ticket() -> str:
    return signing.dumps([secrets.token_urlsafe(16), int(time.time())], salt=_SALT, compress=False)


def read_ticket(given: str, *, good_for: int | None = GOOD_FOR) -> Ticket | None:
    """The ticket, if it is ours and not older than a day."""
    try:
        number, given_at = signing.loads(given, salt=_SALT, max_age=good_for)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Ticket(number, given_at)


def _sum(ticket: Ticket) -> tuple[int, int]:
    digest = salted_hmac(_SALT, ticket.number, algorithm="sha256").digest()
    return 10 + digest[0] % 80, 1 + digest[1] % 9


def picture(ticket: Ticket) -> bytes:
    """The sum as a picture, always the same for a form."""
    a, b = _sum(ticket)
    # Drawn alike each time, so that many copies cannot be laid over each other.
    dice = random.Random(salted_hmac(f"{_SALT}.picture", ticket.number).digest())  # noqa: S311
    image = Image.new("RGB", (220, 70), "#f4f6f8")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(38)
    for place, letter in enumerate(f"{a}+{b}=?"):
        tile = Image.new("RGBA", (44, 60), (0, 0, 0, 0))
        ink = (dice.randrange(90), dice.randrange(90), dice.randrange(60, 140))
        ImageDraw.Draw(tile).text((8, 6), letter, font=font, fill=ink)
        tile = tile.rotate(dice.uniform(-18, 18), resample=Image.Resampling.BICUBIC)
        image.paste(tile, (6 + place * 33, dice.randrange(2, 10)), tile)
    for _n in range(7):
        ends = [dice.randrange(220), dice.randrange(70), dice.randrange(220), dice.randrange(70)]
        draw.line(ends, fill=(dice.randrange(120, 200),) * 3, width=1)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def worked(ticket: Ticket, proof: str) -> bool:
    """Whether the browser has done its work: a digest that begins with enough zeros."""
    if not proof or len(proof) > 20:
        return False
    digest = hashlib.sha256(f"{ticket.number}:{proof}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - WORK_BITS) == 0


def at_the_door(given: str, *, trap: str) -> None:
    """Asks what costs nothing, before any file is looked at.

    A number of ours that is too old, or a sum that is wrong, does not stop here: that happens to
    people, who would have to choose their photos once more.

    Raises:
        BadInput: a program sent this; the field says what to do if it was none.
    """
    ticket = read_ticket(given, good_for=None)
    if ticket is None:
        raise BadInput(OLD, field="ticket")
    if trap:
        raise BadInput(_("Please leave the hidden field empty."), field="ticket")
    if time.time() - ticket.given_at < LEAST_SECONDS:
        raise BadInput(_("That was very quick; please send it once more."), field="ticket")


def check(given: str, *, proof: str, answer: str, trap: str) -> Ticket:
    """The form's number, if nothing speaks for a program.

    Raises:
        BadInput: something does; its field says what to do.
    """
    at_the_door(given, trap=trap)
    ticket = read_ticket(given)
    if ticket is None:
        raise BadInput(OLD, field="ticket")
    if not worked(ticket, proof) and answer.strip() != str(sum(_sum(ticket))):
        raise BadInput(_("Please type the result of the sum in the picture."), field="answer")
    return ticket
