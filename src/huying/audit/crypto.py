"""The provider of cryptography, and the default one.

Everything secret or signed in the platform passes through one object with the shape of
`CryptoProvider`. The setting ``HUYING_CRYPTO_PROVIDER`` names the class by its dotted path, so
that an installation can put a certified module in its place; a class is called with the folder
of the keys.

The default uses ``cryptography``: SM3 (GB/T 32905-2016), HMAC-SM3, SM4-GCM (GB/T 32907-2016, as
in RFC 8998) and, for seals, Ed25519 (RFC 8032), since that library has no SM2.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.utils.module_loading import import_string

from huying.audit.keys import KeyPurpose, KeyRing
from huying.audit.sm3 import sm3

DEFAULT_PROVIDER = "huying.audit.crypto.DefaultProvider"

_VERSION = 1
_NONCE = 12
_TAG = 16


class CryptoError(RuntimeError):
    """Something encrypted cannot be read: damaged, moved to another place, or of a foreign key."""


class SigningKey(NamedTuple):
    """Which key signs, and how."""

    key_id: str
    algorithm: str


class Signature(NamedTuple):
    """A signature, and what is needed to check it."""

    key_id: str
    algorithm: str
    value: bytes


class CryptoProvider(Protocol):
    """What a module must offer to take the place of the default."""

    def digest(self, data: bytes) -> bytes:
        """SM3 of ``data``, 32 bytes."""
        ...

    def keyed_digest(self, purpose: KeyPurpose, data: bytes, *, key_id: str | None = None) -> bytes:
        """HMAC-SM3 of ``data``, 32 bytes, under the newest key of ``purpose`` or the one named."""
        ...

    def key_ids(self, purpose: KeyPurpose) -> list[str]:
        """The ids of all keys of ``purpose``, oldest first."""
        ...

    def encrypt(self, plain: bytes, *, context: bytes) -> bytes:
        """SM4-GCM under the newest data key. ``context`` must be given again to decrypt."""
        ...

    def decrypt(self, sealed: bytes, *, context: bytes) -> bytes:
        """What `encrypt` was given. Raises `CryptoError` when it cannot be had."""
        ...

    def sealed_under(self, sealed: bytes) -> str:
        """The id of the data key that opens what `encrypt` gave."""
        ...

    def add_key(self, purpose: KeyPurpose) -> str:
        """Make a new key, which writes from now on in every process; its id."""
        ...

    def remove_key(self, purpose: KeyPurpose, key_id: str) -> None:
        """Take a key away for good. The newest one stays."""
        ...

    def signing_key(self) -> SigningKey:
        """The newest key for seals, which signs from now on."""
        ...

    def sign(self, message: bytes, *, key_id: str) -> bytes:
        """A signature of ``message`` with this key."""
        ...

    def verify(self, message: bytes, signature: Signature) -> bool:
        """Whether one of this installation's keys for seals signed ``message``."""
        ...

    def public_key(self, key_id: str) -> bytes:
        """The public half of a key for seals, for checking elsewhere."""
        ...


class DefaultProvider:
    """SM3, HMAC-SM3, SM4-GCM and Ed25519 by the library ``cryptography``, keys in files.

    What `encrypt` gives is: version (1 byte, 1), length of the key id (1 byte), key id (ASCII),
    nonce (12 bytes, random), ciphertext, tag (16 bytes). All before the nonce, and the context,
    are authenticated with it.
    """

    algorithm = "Ed25519"

    def __init__(self, folder: Path) -> None:
        self.keys = KeyRing(folder)

    def digest(self, data: bytes) -> bytes:
        return sm3(data)

    def keyed_digest(self, purpose: KeyPurpose, data: bytes, *, key_id: str | None = None) -> bytes:
        key = self.keys.current(purpose)[1] if key_id is None else self.keys.get(purpose, key_id)
        code = hmac.HMAC(key, hashes.SM3())
        code.update(data)
        return code.finalize()

    def key_ids(self, purpose: KeyPurpose) -> list[str]:
        return self.keys.ids(purpose)

    def encrypt(self, plain: bytes, *, context: bytes) -> bytes:
        key_id, key = self.keys.current(KeyPurpose.DATA)
        name = key_id.encode("ascii")
        header = bytes((_VERSION, len(name))) + name
        nonce = os.urandom(_NONCE)
        cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(header + context)
        return header + nonce + cipher.update(plain) + cipher.finalize() + cipher.tag

    def decrypt(self, sealed: bytes, *, context: bytes) -> bytes:
        if len(sealed) < 2 or sealed[0] != _VERSION:
            raise CryptoError("this is not encrypted data of a known version")
        start = 2 + sealed[1]
        header, nonce = sealed[:start], sealed[start : start + _NONCE]
        body, tag = sealed[start + _NONCE : -_TAG], sealed[-_TAG:]
        if len(sealed) < start + _NONCE + _TAG:
            raise CryptoError("encrypted data is cut short")
        key = self.keys.get(KeyPurpose.DATA, header[2:].decode("ascii", "replace"))
        cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(header + context)
        try:
            return cipher.update(body) + cipher.finalize()
        except InvalidTag:
            raise CryptoError("encrypted data is damaged or stands in another place") from None

    def sealed_under(self, sealed: bytes) -> str:
        if len(sealed) < 2 or sealed[0] != _VERSION:
            raise CryptoError("this is not encrypted data of a known version")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")

    def add_key(self, purpose: KeyPurpose) -> str:
        return self.keys.rotate(purpose)

    def remove_key(self, purpose: KeyPurpose, key_id: str) -> None:
        self.keys.remove(purpose, key_id)

    def signing_key(self) -> SigningKey:
        return SigningKey(self.keys.current(KeyPurpose.SEAL)[0], self.algorithm)

    def sign(self, message: bytes, *, key_id: str) -> bytes:
        key = self.keys.get(KeyPurpose.SEAL, key_id)
        return Ed25519PrivateKey.from_private_bytes(key).sign(message)

    def verify(self, message: bytes, signature: Signature) -> bool:
        if signature.algorithm != self.algorithm or signature.key_id not in self.keys.ids(
            KeyPurpose.SEAL
        ):
            return False
        public = Ed25519PublicKey.from_public_bytes(self.public_key(signature.key_id))
        try:
            public.verify(signature.value, message)
        except InvalidSignature:
            return False
        return True

    def public_key(self, key_id: str) -> bytes:
        key = self.keys.get(KeyPurpose.SEAL, key_id)
        return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


KEYS = "keys"
"""The folder of the keys in the data folder."""


def home() -> Path:
    """The installation's data folder, from the settings."""
    return Path(settings.HUYING.home)


def keys_folder() -> Path:
    """Where the keys lie."""
    return home() / KEYS


@lru_cache(maxsize=4)
def _provider(dotted_path: str, home: Path) -> CryptoProvider:
    made: CryptoProvider = import_string(dotted_path)(Path(home) / KEYS)
    return made


def provider() -> CryptoProvider:
    """The provider that the settings name, one a process.

    Raises:
        ImportError: the setting names no class.
    """
    # Asked for each value of each record: no path is put together here.
    config = settings.HUYING
    path = getattr(config, "crypto_provider", None) or DEFAULT_PROVIDER
    return _provider(path, config.home)


def encrypt_text(text: str, *, context: str) -> bytes:
    """``text`` encrypted for the database. ``context`` names the place, as table, column, row id,
    so that a value copied into another row does not decrypt."""
    return provider().encrypt(text.encode(), context=context.encode())


def decrypt_text(sealed: bytes | memoryview, *, context: str) -> str:
    """What `encrypt_text` was given. Raises `CryptoError`, `KeyFileError`."""
    return provider().decrypt(bytes(sealed), context=context.encode()).decode()


def blind_index(value: str) -> bytes:
    """32 bytes by which an equal value is found, under the newest index key."""
    return provider().keyed_digest(KeyPurpose.INDEX, value.encode())


def blind_indexes(value: str) -> list[bytes]:
    """`blind_index` under every index key there is, for looking up what older keys wrote."""
    newest = blind_index(value)
    under_all = [
        provider().keyed_digest(KeyPurpose.INDEX, value.encode(), key_id=key_id)
        for key_id in provider().key_ids(KeyPurpose.INDEX)
    ]
    return under_all or [newest]


def drawn(case_id: UUID, percent: int) -> bool:
    """Whether the case is among the ``percent`` in a hundred drawn for checking.

    Nobody without the key can foresee it, and it is the same at every try.
    """
    code = provider().keyed_digest(KeyPurpose.SAMPLING, case_id.bytes)
    return int.from_bytes(code[:8], "big") % 100 < percent
