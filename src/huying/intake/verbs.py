"""Every verb, for every door. Importing the modules is what registers them."""

from huying.cases import (
    accepting,
    checking,
    closing,
    commenting,
    erasing,
    extending,
    merging,
    questioning,
    recomputing,
    reporting,
    subcases,
    suspending,
    undoing,
    verifying,
)
from huying.cases.verbs import VERBS, Verb
from huying.dispatch import arbitrating, assisting, deciding, levels, ordering, splitting
from huying.response import (
    alarming,
    answering,
    asking,
    calling_back,
    handling,
    hearing,
    neglected,
    recording,
    unanswered,
    whistling,
)
from huying.supervision import climbing, formal, instructing, lapsing, meeting

_REGISTERING = (
    accepting,
    alarming,
    answering,
    arbitrating,
    asking,
    assisting,
    calling_back,
    checking,
    climbing,
    closing,
    commenting,
    deciding,
    erasing,
    extending,
    recomputing,
    formal,
    handling,
    hearing,
    instructing,
    lapsing,
    levels,
    meeting,
    merging,
    neglected,
    ordering,
    questioning,
    recording,
    reporting,
    splitting,
    subcases,
    suspending,
    undoing,
    verifying,
    unanswered,
    whistling,
)

__all__ = ["VERBS", "Verb"]
