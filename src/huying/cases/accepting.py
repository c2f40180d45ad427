"""立案: the desk decides whether a report is a case, as which item, and where it is."""

from __future__ import annotations

from copy import copy
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.audit.numbers import hide
from huying.cases.deadlines import recompute
from huying.cases.finding import keep_address
from huying.cases.following import FOLLOWED_DECLINED, tell_followers
from huying.cases.models import Case, CaseParty, TextKind
from huying.cases.reasons import DeclineReason
from huying.cases.ruled import RULED, Ruled, ruled
from huying.cases.states import State
from huying.cases.verbs import Act, keepable, verb
from huying.catalogue.models import ItemVersion, Kind
from huying.catalogue.validating import OnTrial
from huying.catalogue.versions import current
from huying.duties.listing import holding, quote
from huying.errors import BadInput, Missing
from huying.places.locating import is_live, locate
from huying.places.models import CODE_LENGTH, Level


def item_at(act: Act, code: str) -> ItemVersion:
    """The item's version in force now.

    Raises:
        Missing: no item was chosen.
        UnknownItem, RetiredItem: there is no such item in force.
        OnTrial: it is on trial, and not here.
    """
    if not code:
        raise Missing(_("Please choose an item."), field="item")
    version = current(code, act.now)
    towns = version.item.trial_towns
    if towns and act.case.area_code[:9] not in towns:
        raise OnTrial(field="item")
    return version


@verb("accept")
def accept(
    act: Act, *, item: str = "", emergency: bool = False, level: Level | None = None
) -> None:
    """立案: from now on the item's limits hold, in the version of this day.

    ``item`` defaults to the one reported. ``emergency`` is the desk's word on whether it is one;
    the catalogue's words only propose. ``level`` defaults to the one that a rule sets, then to the
    item's. Priority and a limit of handling may come from the rule, too.

    Raises:
        Missing, UnknownItem, RetiredItem: as `item_at`.
        BadInput: there is no such level.
    """
    case = act.case
    if level is not None and level not in Level.values:
        raise BadInput(_("There is no such level."), field="level")
    version = item_at(act, item or case.item_code)
    by = become(case, version, emergency=emergency, level=level, now=act.now)
    act.data |= {
        "item": version.item_id,
        "version": version.version,
        "level": str(case.level),
        "emergency": case.emergency,
        **by.data,
    }
    if by.whom is not None:
        act.tell(RULED, by.whom, item=version.name, rule=by.rule)
    act.leaves(CaseParty.Part.VERIFIER)
    act.goes_to(State.ACCEPTED)


def if_accepted(case: Case, version: ItemVersion, *, emergency: bool, now: datetime) -> Case:
    """The case as `accept` would leave it, deadlines and all. Nothing is written."""
    ahead = copy(case)
    become(ahead, version, emergency=emergency, level=None, now=now)
    ahead.state = State.ACCEPTED
    ahead.desk_since = now
    recompute(ahead, now)
    return ahead


def become(
    case: Case,
    version: ItemVersion,
    *,
    emergency: bool,
    level: Level | None,
    now: datetime,
    text: str | None = None,
) -> Ruled:
    """Makes the row what acceptance makes of it; ``text`` is the report, read unless given."""
    if version.item_id != case.item_code:
        case.questions_asked = False
    case.item_version = version
    case.item_code = version.item_id
    case.emergency = emergency or version.kind == Kind.EMERGENCY
    case.kind = Kind.EMERGENCY if case.emergency else version.kind
    by = ruled(case, version, emergency=case.emergency, now=now, text=text)
    by.write(case)
    case.level = level or by.level or version.default_level
    case.accepted_at = now
    case.verify_asked = False
    return by


@verb("decline")
def decline(
    act: Act,
    *,
    reason_code: DeclineReason | str = "",
    reason: str = "",
    entry: int | None = None,
    basis: str = "",
) -> None:
    """不予立案: with a reason from the list, and in words.

    Outside the list of responsibilities: with the basis, quoted from the entry of the place's list
    whose limits leave the matter out, or in words of its own where nothing on the list is near.

    Raises:
        Missing, BadInput: no reason, no basis, or there is no such entry.
    """
    act.reason_code(reason_code)
    act.text(TextKind.REASON, reason, needed="reason")
    if act.data["reason_code"] == DeclineReason.OUTSIDE_LIST:
        _outside_list(act, entry, basis)
    act.goes_to(State.DECLINED)
    tell_followers(act, FOLLOWED_DECLINED)


def _outside_list(act: Act, number: int | None, basis: str) -> None:
    held = holding(act.case.area_code or act.case.district_code, act.now)
    act.data["list"] = [held.area_code, held.version]
    quoted = ""
    if number is not None:
        entry = held.entry(number)
        if entry is None:
            raise BadInput(_("There is no such entry on the list."), field="entry")
        act.data["entry"] = number
        quoted = quote(entry)
    act.text(TextKind.BASIS, "\n".join(filter(None, (quoted, basis.strip()))), needed="basis")


@verb("change_item")
def change_item(
    act: Act, *, item: str = "", emergency: bool | None = None, reason: str = ""
) -> None:
    """更正事项: the limits of the new item hold from now, on the times that have run already.

    The matter is for the new item's level from then on; which desk holds it stays as it is.
    """
    case = act.case
    version = item_at(act, item)
    if version.item_id != case.item_code:
        case.questions_asked = False  # what was asked for is not the new item's to ask
    if version.item_id == case.item_code and emergency in (None, case.emergency):
        raise BadInput(_("The case has this item already."), field="item")
    act.text(TextKind.REASON, reason, needed="reason")
    act.data |= {"from_item": case.item_code, "item": version.item_id, "version": version.version}
    case.item_version = version
    case.item_code = version.item_id
    if emergency is not None:
        case.emergency = emergency
    case.emergency = case.emergency or version.kind == Kind.EMERGENCY
    case.kind = Kind.EMERGENCY if case.emergency else version.kind
    act.data["emergency"] = case.emergency
    accepted = case.accepted_at is not None
    emergency = case.emergency or (not accepted and bool(case.emergency_words))
    by = ruled(case, version, emergency=emergency, now=act.now)
    if accepted:
        by.write(case)
        act.data |= by.data
    elif by.level is not None:
        act.data |= {"rule": by.rule, "rulebook": by.rulebook}
    case.level = by.level or version.default_level
    act.data["level"] = str(case.level)


@verb("pin")
def pin(
    act: Act,
    *,
    lon: float | None = None,
    lat: float | None = None,
    datum: str = "wgs84",
    area: str = "",
    address: str = "",
) -> None:
    """定位: sets or mends the place. The number stays, and so does the desk.

    Either a position (degrees in ``datum``) or the code of a town, community or grid.

    Raises:
        Missing: neither was given.
        BadInput: the position is outside the district, or the code is of no place in it.
    """
    case = act.case
    before = case.area_code
    if not keepable(address):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="address"
        )
    if lon is not None and lat is not None:
        found = locate(lon, lat, datum)
        if found.grid_code is None:
            raise BadInput(_("This position is outside the district."), field="position")
        case.lon, case.lat = found.lon, found.lat
        case.told_lon, case.told_lat, case.told_datum = lon, lat, datum
        case.accuracy_m = None
        case.area_code = found.grid_code
    elif area:
        if not area.startswith(case.district_code) or not is_live(area):
            raise BadInput(_("There is no such place in the district."), field="area")
        case.area_code = area
        case.lon = case.lat = None
    elif not address:
        raise Missing(_("Please set a position or choose a place."), field="position")
    case.grid_code = case.area_code if len(case.area_code) == CODE_LENGTH[Level.GRID] else ""
    if address:
        case.address = hide(address.strip()).words[:200]
        keep_address(case)
    act.data |= {"from_area": before, "area": case.area_code}
