"""A person asks to see, correct or delete what is kept of them (PIPL art. 44 to 47)."""
