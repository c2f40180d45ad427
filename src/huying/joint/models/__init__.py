"""What the database keeps of what organisations do together."""

from huying.joint.models.resources import JointStep, SharedBooking, SharedResource

__all__ = ["JointStep", "SharedBooking", "SharedResource"]
