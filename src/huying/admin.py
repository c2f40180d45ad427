"""Imports every admin registration; they live in their packages."""
