"""Neighbours who help: wishes and claims, volunteer teams and groups, suggestions."""
