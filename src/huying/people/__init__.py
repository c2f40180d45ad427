"""Accounts, units, posts and the area each may see."""
