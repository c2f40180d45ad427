"""Divisions, grids and where a point lies."""
