"""现场: the phone of who works outside, with and without signal. Thin; no rules."""
