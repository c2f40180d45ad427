"""Excel: a table of cases comes in whole or not at all, after somebody has looked at it."""
