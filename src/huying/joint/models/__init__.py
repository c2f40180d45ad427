"""What the database keeps of what organisations do together."""

from huying.joint.models.meetings import (
    JointFollowUp,
    JointInvitation,
    JointMeeting,
    JointMinutes,
    JointResolution,
)
from huying.joint.models.projects import (
    JointMilestone,
    JointNeed,
    JointPart,
    JointProject,
    JointWord,
)
from huying.joint.models.resources import JointStep, SharedBooking, SharedResource

__all__ = [
    "JointFollowUp",
    "JointInvitation",
    "JointMeeting",
    "JointMilestone",
    "JointMinutes",
    "JointNeed",
    "JointPart",
    "JointProject",
    "JointResolution",
    "JointStep",
    "JointWord",
    "SharedBooking",
    "SharedResource",
]
