"""What one line of the flow table says, and whether it lets an actor do its verb to a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huying.cases.states import State
from huying.cases.whose import OUTSIDE, RESIDENT, THE_SYSTEM, Facts, Refusal, Who
from huying.errors import Words
from huying.people.acting import Actor


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        sources: states from which the verb may be done; empty for the one that creates.
        targets: states it may lead to; empty when the case stays where it is.
        who: any one of these suffices.
        needs: what must be given, in the names of the verb's inputs.
        condition: a side condition on the case, giving the sentence that refuses or None.
        passing: possible for a moment after a step only. Whether it is now, the row does not
            tell: it is no standing choice, and whoever offers it asks the stage's own module.
        page_only: shows something once to who does it, which no answer kept for a program may.
    """

    verb: str
    label: Words
    sources: frozenset[State]
    targets: tuple[State, ...]
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    condition: Callable[[Facts], Refusal] | None = None
    passing: bool = False
    page_only: bool = False

    @property
    def by_people(self) -> bool:
        """Whether somebody with an account or a token may do it, on a page of the house."""
        return bool(set(self.who) - {THE_SYSTEM, OUTSIDE, RESIDENT})

    def why_not(self, actor: Actor, case: Facts) -> Refusal:
        """None when the actor may do this to the case now; else why not."""
        if case.state not in self.sources:
            return _("The case is in a state that does not allow this.")
        if (refusal := self.not_one_of(actor, case)) is not None:
            return refusal
        return self.condition(case) if self.condition else None

    def not_one_of(self, actor: Actor, case: Facts) -> Refusal:
        """None when the actor is any of those who may; else why not the first of them."""
        first, *others = self.who
        refusal = first.test(actor, case)
        if refusal is None:
            return None
        for who in others:
            if who.test(actor, case) is None:
                return None
        return refusal
