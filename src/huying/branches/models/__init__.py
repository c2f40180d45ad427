"""Tables of branches."""

from huying.branches.models.branches import Branch, BranchChange, BranchPlace, Kind
from huying.branches.models.coming import Coming
from huying.branches.models.members import Consent, HouseholdLink, PartyMember, Why

__all__ = [
    "Branch",
    "BranchChange",
    "BranchPlace",
    "Coming",
    "Consent",
    "HouseholdLink",
    "Kind",
    "PartyMember",
    "Why",
]
