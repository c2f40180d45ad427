"""Units at work: arriving, handling, settling on the spot."""
