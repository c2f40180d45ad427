"""Hashing passwords, which is meant to take long, while others compute."""

from __future__ import annotations

from django.contrib.auth import hashers

from huying.computing import aside


class PBKDF2PasswordHasher(hashers.PBKDF2PasswordHasher):
    """Django's own and what it makes, beside the other requests of the process.

    At the start of a shift whole offices sign in at once; each takes half a second of a processor.
    """

    encode = aside(hashers.PBKDF2PasswordHasher.encode)
