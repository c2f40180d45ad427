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
    suspending,
    undoing,
    verifying,
    waking,
)
from huying.cases.verbs import VERBS, Verb
from huying.dispatch import arbitrating, deciding, levels, ordering
from huying.response import handling

_REGISTERING = (
    accepting,
    arbitrating,
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
    reporting,
    suspending,
    undoing,
    verifying,
    waking,
)

__all__ = ["VERBS", "Verb"]
