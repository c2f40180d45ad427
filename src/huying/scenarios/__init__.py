"""Stories replayed with the real verbs on a given clock: to see the loop, and to prove it."""
