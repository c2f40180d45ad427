"""The side conditions of the flow table: what must hold of a case beside its state and the actor.

Each gives the sentence that refuses, or None.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.cases.states import PartState, State
from huying.cases.whose import Facts, Refusal, only


def not_suspended(case: Facts) -> Refusal:
    return only(not case.is_suspended, _("The case is suspended; resume it first."))


def suspended(case: Facts) -> Refusal:
    return only(case.is_suspended, _("The case is not suspended."))


def asked_for_extension(case: Facts) -> Refusal:
    return only(case.extension_asked, _("Nobody has asked for more time."))


def may_ask_extension(case: Facts) -> Refusal:
    if case.extension_asked:
        return _("More time has been asked for already and awaits a decision.")
    return not_suspended(case)


def asked_to_verify(case: Facts) -> Refusal:
    return only(case.verify_asked, _("Nobody has asked for this report to be verified."))


def not_reopened_before(case: Facts) -> Refusal:
    return only(case.reopened < 1, _("A case can be reopened once."))


def emergency(case: Facts) -> Refusal:
    # Once it is accepted the desk has decided, whatever its words are.
    said = case.emergency or (case.state == State.REPORTED and case.emergency_words)
    return only(bool(said), _("Only for an emergency, confirmed or by its words."))


def below_district(case: Facts) -> Refusal:
    return only(len(case.holder_code) > 6, _("There is no level above the district."))


def may_go_down(case: Facts) -> Refusal:
    if len(case.holder_code) >= 12:
        return _("There is no desk below the community.")
    return arbitrated(case)


def arbitrated(case: Facts) -> Refusal:
    return only(
        not case.awaits_arbitration,
        _("The case was returned twice: decide first who is responsible."),
    )


def may_be_dispatched(case: Facts) -> Refusal:
    return not_suspended(case) or arbitrated(case)


def to_be_arbitrated(case: Facts) -> Refusal:
    if not case.awaits_arbitration and case.responsible_unit_id is None:
        return _("The case was not returned twice; there is nothing to arbitrate.")
    return not_suspended(case)


def a_part_done(case: Facts) -> Refusal:
    done = PartState.DONE in case.parts.values()
    return only(done, _("No assisting unit has finished its part."))


def a_part_open(case: Facts) -> Refusal:
    return only(bool(case.parts), _("No assisting unit has an open part."))


def a_main_case(case: Facts) -> Refusal:
    if case.parent_id is not None:
        return _("A sub-case cannot be split again.")
    return not_suspended(case)


def not_supervised(case: Facts) -> Refusal:
    return only(not case.supervised, _("The case is under formal supervision already."))


def supervised(case: Facts) -> Refusal:
    return only(case.supervised, _("The case is not under formal supervision."))


def instructed(case: Facts) -> Refusal:
    return only(case.instruction_open, _("No leader's instruction awaits an answer."))


def may_end(case: Facts) -> Refusal:
    """What is supervised, or has an instruction open, does not end past those who watch it."""
    if case.supervised:
        return _("The case is under formal supervision, which must be lifted first.")
    return only(not case.instruction_open, _("A leader's instruction awaits its answer first."))


def may_be_settled(case: Facts) -> Refusal:
    return not_suspended(case) or may_end(case) or nobody_called(case)


def blows_whistles(case: Facts) -> Refusal:
    return only(len(case.holder_code) > 6, _("A community or a town blows the whistle."))


def from_resident(case: Facts) -> Refusal:
    return only(case.channel == "resident" or case.has_code, _("No resident follows this case."))


def erasure_asked(case: Facts) -> Refusal:
    return only(case.erasure_asked, _("Nobody has asked for an erasure."))


def may_be_taken_back(case: Facts) -> Refusal:
    """An emergency goes on, whatever who reported it wishes now."""
    if case.emergency or case.emergency_words:
        return _("What may be an emergency is looked at in any case.")
    caller = case.channel in ("resident", "hotline")
    return only(caller, _("No resident follows this case.")) or may_be_settled(case)


def nobody_called(case: Facts) -> Refusal:
    called = {"awaited", "answered", "disputed", "callers"} & set(case.calls or ())
    return only(not called, _("Units are still called to this case; release them first."))


def item_decided(case: Facts) -> Refusal:
    return only(bool(case.item_code), _("The item is not decided yet."))


def somebody_to_ask(case: Facts) -> Refusal:
    if case.questions_asked:
        return _("The item's questions were asked for already.")
    if case.reporter_id is None and from_resident(case) is not None:
        return _("Nobody who reported can be asked here; answer the questions yourself.")
    return item_decided(case)
