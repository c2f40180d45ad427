"""Doors of other systems that sign what they send (docs/hotline.md)."""
