"""Keeping what tells of people no longer than it is needed: rules, dry runs, runs, and holds."""
