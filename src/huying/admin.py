"""Imports every admin registration; they live in their packages."""

from huying.catalogue import admin as _catalogue  # noqa: F401
