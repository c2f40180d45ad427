"""Hashing passwords, which is meant to take long, while others compute."""

from __future__ import annotations

from django.contrib.auth import hashers

from huying.computing import TURN


class PBKDF2PasswordHasher(hashers.PBKDF2PasswordHasher):
    """Django's own and what it makes, beside the other requests of the process.

    At the start of a shift whole offices sign in at once; each takes half a second of a processor.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with TURN.left():
            return super().encode(password, salt, iterations)
