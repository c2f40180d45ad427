"""Every verb, for every door. Importing the modules is what registers them."""

from huying.cases import (
    accepting,
    checking,
    closing,
    commenting,
    erasing,
    extending,
    merging,
    reporting,
    subcases,
    suspending,
    undoing,
    verifying,
    waking,
)
from huying.cases.verbs import VERBS, Verb
from huying.dispatch import arbitrating, assisting, deciding, levels, ordering, splitting
from huying.response import alarming, asking, handling, recording

_REGISTERING = (
    accepting,
    alarming,
    arbitrating,
    asking,
    assisting,
    checking,
    closing,
    commenting,
    deciding,
    erasing,
    extending,
    handling,
    levels,
    merging,
    ordering,
    recording,
    reporting,
    splitting,
    subcases,
    suspending,
    undoing,
    verifying,
    waking,
)

__all__ = ["VERBS", "Verb"]
