"""Erasing words, contacts, answers and photos: row and salt go, the log stays whole and says so."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.cases.answers import CaseAnswers
from huying.cases.models import Attachment, CaseAddressWords, CaseContact, CaseText
from huying.cases.unlinking import remove_with_commit
from huying.cases.verbs import Act, verb
from huying.errors import BadInput


@verb("erased")
def erase(
    act: Act,
    *,
    texts: Sequence[uuid.UUID] = (),
    contacts: Sequence[uuid.UUID] = (),
    answers: Sequence[uuid.UUID] = (),
    photos: Sequence[uuid.UUID] = (),
    place: bool = False,
) -> None:
    """Deletes rows of words, contacts, answers or photos with their files, and records which.

    Without its salt, the digest that the event keeps tells nothing about what was erased. Of the
    ``place`` the grid or community stays; address and positions go, also those of the photos.

    Raises:
        BadInput: a row is not there or is another case's.
    """
    wanted = len(set(texts)) + len(set(contacts)) + len(set(answers)) + len(set(photos))
    if not wanted and not place:
        raise BadInput(_("There is nothing to erase."), field="texts")
    gone, _by_model = CaseText.objects.filter(case=act.case, pk__in=texts).delete()
    gone_contacts, _by_model = CaseContact.objects.filter(case=act.case, pk__in=contacts).delete()
    gone_answers, _by_model = CaseAnswers.objects.filter(case=act.case, pk__in=answers).delete()
    shots = Attachment.objects.filter(case=act.case, pk__in=photos)
    files = list(shots.values_list("pk", "kind"))
    gone_photos, _by_model = shots.delete()
    if gone + gone_contacts + gone_answers + gone_photos != wanted:
        raise BadInput(_("There is nothing to erase."), field="texts")
    if place:
        _coarsen(act)
    act.data["erased"] = sorted(str(pk) for pk in (*texts, *contacts, *answers, *photos))
    remove_with_commit(files)


def _coarsen(act: Act) -> None:
    case = act.case
    case.address, case.told_datum = "", ""
    case.lon = case.lat = case.told_lon = case.told_lat = case.accuracy_m = None
    CaseAddressWords.objects.filter(case=case).delete()
    Attachment.objects.filter(case=case).update(lon=None, lat=None, accuracy_m=None)
    act.data["place"] = "erased"


def exact() -> Q:
    """Cases that say more of their place than the grid or community."""
    position = Q(lon__isnull=False) | Q(told_lon__isnull=False) | Q(accuracy_m__isnull=False)
    return position | ~Q(address="")
