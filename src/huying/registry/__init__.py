"""Base registers (四标四实): addresses, and who and what is there."""
