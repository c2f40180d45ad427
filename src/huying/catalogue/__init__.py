"""Categories and items: what may be reported, who leads, and within which limits."""
