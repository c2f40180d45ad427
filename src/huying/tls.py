"""https without an authority of somebody else: one of our own, for phones in the house's network.

A phone gives its position, and keeps an app for times without signal, only under https. The
authority signs one thing, this server's certificate; its key stays in the data folder.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificatePublicKeyTypes,
    PublicKeyTypes,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from huying.embedded import private_folder

AUTHORITY_YEARS: Final = 10
SERVER_DAYS: Final = 397
"""Phones refuse certificates that run longer."""

RENEW_BEFORE: Final = timedelta(days=30)
CLOCKS_DIFFER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as files."""

    cert: Path
    key: Path


class BadPair(ValueError):
    """A certificate and key that no server can use; the message says why."""


def check(pair: Pair, now: datetime) -> None:
    """Whether a server can use them, before one is started with them.

    Raises:
        BadPair: unreadable, not PEM, a key with a password, two that do not belong together, or
            a certificate that is over or has not begun.
    """
    try:
        cert = x509.load_pem_x509_certificate(pair.cert.read_bytes())
    except OSError as error:
        raise BadPair(f"{pair.cert} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadPair(f"{pair.cert} is no certificate in PEM.") from None
    try:
        key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    except OSError as error:
        raise BadPair(f"{pair.key} cannot be read: {error.strerror}.") from None
    except TypeError:
        raise BadPair(f"{pair.key} has a password; the server needs a key without one.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadPair(f"{pair.key} is no private key in PEM.") from None
    if _public(key.public_key()) != _public(cert.public_key()):
        raise BadPair(f"The key {pair.key} does not belong to the certificate {pair.cert}.")
    if now >= cert.not_valid_after_utc:
        raise BadPair(f"The certificate {pair.cert} ended on {cert.not_valid_after_utc:%Y-%m-%d}.")
    if now < cert.not_valid_before_utc:
        raise BadPair(f"The certificate {pair.cert} begins {cert.not_valid_before_utc:%Y-%m-%d}.")


def _public(key: CertificatePublicKeyTypes | PublicKeyTypes) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def authority_of(home: Path) -> Pair:
    """Where the local authority lies."""
    return Pair(home / "tls" / "authority.crt", home / "tls" / "authority.key")


def server_of(home: Path) -> Pair:
    """Where the certificate lies that it made for this server."""
    return Pair(home / "tls" / "server.crt", home / "tls" / "server.key")


def prepare(home: Path, names: Sequence[str], now: datetime) -> Pair:
    """The server's certificate for these names, made if there is none that still fits.

    The authority is made once: phones trust that one.
    """
    private_folder(home)
    private_folder(home / "tls")
    authority, server = authority_of(home), server_of(home)
    if not (authority.cert.exists() and authority.key.exists()):
        _make_authority(authority, now)
    wanted = {_name(each) for each in names}
    if not fits(server, authority, wanted, now):
        _make_server(server, authority, sorted(wanted, key=str), now)
    return server


def fits(server: Pair, authority: Pair, wanted: set[x509.GeneralName], now: datetime) -> bool:
    """Whether the certificate is the authority's, for all of the names, for a while yet."""
    if not (server.cert.exists() and server.key.exists()):
        return False
    made = x509.load_pem_x509_certificate(server.cert.read_bytes())
    by = x509.load_pem_x509_certificate(authority.cert.read_bytes())
    told = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    for_long = made.not_valid_after_utc - now > RENEW_BEFORE
    return made.issuer == by.subject and wanted <= set(told) and for_long


def fingerprint(cert: Path) -> str:
    """What one compares before trusting it: SHA-256, in pairs."""
    digest = x509.load_pem_x509_certificate(cert.read_bytes()).fingerprint(hashes.SHA256())
    return ":".join(f"{byte:02X}" for byte in digest)


def der(cert: Path) -> bytes:
    """The certificate in the form that phones install."""
    made = x509.load_pem_x509_certificate(cert.read_bytes())
    return made.public_bytes(serialization.Encoding.DER)


def _make_authority(to: Pair, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "huying"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"huying local {socket.gethostname()}"[:64]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, name, key.public_key(), now, timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(to, key, made)


def _make_server(
    to: Pair, authority: Pair, names: Sequence[x509.GeneralName], now: datetime
) -> None:
    by = x509.load_pem_x509_certificate(authority.cert.read_bytes())
    signs = serialization.load_pem_private_key(authority.key.read_bytes(), None)
    assert isinstance(signs, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "huying")])
    made = (
        _begun(subject, by.subject, key.public_key(), now, timedelta(days=SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False
        )
        .sign(signs, hashes.SHA256())
    )
    _write(to, key, made)


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    start = now.astimezone(UTC) - CLOCKS_DIFFER
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
    )


def _name(text: str) -> x509.GeneralName:
    """A host name, or an address with or without brackets."""
    try:
        return x509.IPAddress(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return x509.DNSName(text)


def _write(to: Pair, key: ec.EllipticCurvePrivateKey, cert: x509.Certificate) -> None:
    """Both files, readable by us alone; the key first, so that no certificate is without one."""
    plain = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for path, body in ((to.key, plain), (to.cert, cert.public_bytes(serialization.Encoding.PEM))):
        draft = path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
        draft.replace(path)
