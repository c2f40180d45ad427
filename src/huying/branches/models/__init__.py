"""Tables of branches."""

from huying.branches.models.branches import Branch, BranchChange, BranchPlace, Kind
from huying.branches.models.cadres import CadreAssignment, CadreVisit
from huying.branches.models.coming import Coming
from huying.branches.models.members import Consent, HouseholdLink, PartyMember, Why
from huying.branches.models.together import MemberOrganisation, Undertaking

__all__ = [
    "Branch",
    "BranchChange",
    "BranchPlace",
    "CadreAssignment",
    "CadreVisit",
    "Coming",
    "Consent",
    "HouseholdLink",
    "Kind",
    "MemberOrganisation",
    "PartyMember",
    "Undertaking",
    "Why",
]
