"""Another's process-mining tool on files of ours: what it reads, and whether a log fits a net."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any


class Mined:
    """A log and a net as PM4Py has read them from files."""

    def __init__(self, log: Path, net: Path) -> None:
        # It greets on standard output, and says which of its faster parts are not there.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pm4py.objects.log.importer.xes import importer as xes
            from pm4py.objects.petri_net.importer import importer as pnml

            quiet = xes.Variants.ITERPARSE.value.Parameters.SHOW_PROGRESS_BAR
            self.log: Any = xes.apply(
                str(log), variant=xes.Variants.ITERPARSE, parameters={quiet: False}
            )
            self.net, self.initial, self.final = pnml.apply(str(net))

    def numbers(self) -> list[str]:
        """The cases' numbers, sorted."""
        return sorted(trace.attributes["concept:name"] for trace in self.log)

    def swap(self, verbs: list[str]) -> None:
        """Swaps two events that follow each other, in the first case that has them so."""
        for trace in self.log:
            for at in range(len(trace) - 1):
                if [event["concept:name"] for event in trace[at : at + 2]] == verbs:
                    trace[at]["concept:name"], trace[at + 1]["concept:name"] = reversed(verbs)
                    return
        raise AssertionError(f"no case has {verbs}")

    def fitness(self) -> list[float]:
        """How well each case fits: 1.0 is wholly.

        By token-based replay; where that has to guess which silent step was meant, by alignment,
        which tries them all.
        """
        from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments
        from pm4py.algo.conformance.tokenreplay import algorithm as replay

        quiet = replay.Variants.TOKEN_REPLAY.value.Parameters.SHOW_PROGRESS_BAR
        where = (self.net, self.initial, self.final)
        found = replay.apply(self.log, *where, parameters={quiet: False})
        fitness = [each["trace_fitness"] if each["trace_is_fit"] else 0.0 for each in found]
        for at, each in enumerate(fitness):
            if each < 1:
                fitness[at] = alignments.apply_trace(
                    self.log[at],
                    *where,
                    variant=alignments.Variants.VERSION_DIJKSTRA_NO_HEURISTICS,
                )["fitness"]
        return fitness
