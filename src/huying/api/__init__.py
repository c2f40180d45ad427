"""The programming interface under /api/v1: thin, no rules of its own."""
