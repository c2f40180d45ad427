"""SM3, HMAC-SM3, SM4-GCM and the seals' signatures, and the keys they use."""

from __future__ import annotations

import hashlib
import stat
import threading
import uuid

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huying.audit import crypto, sm3
from huying.audit.crypto import CryptoError, DefaultProvider, Signature
from huying.audit.keys import KeyFileError, KeyPurpose, KeyRing


@pytest.fixture
def provider(tmp_path):
    return DefaultProvider(tmp_path / "keys")


def key_files(provider):
    return sorted(provider.keys.folder.glob("*.key"))


def test_sm3_gives_the_standards_example_by_every_implementation():
    # GB/T 32905-2016, appendix A.
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3.sm3(b"abc").hex() == expected
    for digest, fresh in (sm3._by_cryptography(), sm3._fastest()):
        assert digest(b"abc").hex() == expected
        state = fresh()
        state.update(b"a")
        state.digest()
        state.update(b"bc")
        assert state.digest().hex() == expected


def test_sm3_does_without_openssl_behind_hashlib(monkeypatch):
    def refuse(*_):
        raise ValueError("unsupported hash type sm3")

    monkeypatch.setattr(hashlib, "new", refuse)
    digest, _ = sm3._fastest()
    assert digest(b"abc") == sm3.sm3(b"abc")


def test_hmac_is_that_of_rfc_2104(provider):
    key = provider.keys.current(KeyPurpose.INDEX)[1] + bytes(32)
    inner = sm3.sm3(bytes(b ^ 0x36 for b in key) + b"13800000000")
    expected = sm3.sm3(bytes(b ^ 0x5C for b in key) + inner)
    assert provider.keyed_digest(KeyPurpose.INDEX, b"13800000000") == expected


def test_the_library_gives_the_sm4_gcm_of_rfc_8998():
    # Appendix A.1.
    cipher = Cipher(
        algorithms.SM4(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")),
        modes.GCM(bytes.fromhex("00001234567800000000ABCD")),
    ).encryptor()
    cipher.authenticate_additional_data(bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
    plain = bytes.fromhex("".join(letter * 16 for letter in "ABCDEFEA"))
    assert (cipher.update(plain) + cipher.finalize()).hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert cipher.tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"


def test_what_is_encrypted_reads_back_and_only_in_its_place(provider):
    sealed = provider.encrypt("张三".encode(), context=b"case_contact.name.1")
    assert "张三".encode() not in sealed
    assert provider.decrypt(sealed, context=b"case_contact.name.1") == "张三".encode()
    with pytest.raises(CryptoError, match="another place"):
        provider.decrypt(sealed, context=b"case_contact.name.2")
    assert provider.encrypt(b"", context=b"") != provider.encrypt(b"", context=b"")
    assert provider.decrypt(provider.encrypt(b"", context=b""), context=b"") == b""


def test_every_flipped_bit_and_every_cut_is_noticed(provider):
    sealed = provider.encrypt(b"13800000000", context=b"c")
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        with pytest.raises((CryptoError, KeyFileError)):
            provider.decrypt(bytes(damaged), context=b"c")
        with pytest.raises((CryptoError, KeyFileError)):
            provider.decrypt(sealed[:place], context=b"c")


def test_old_keys_read_and_the_newest_writes(provider):
    old = provider.encrypt(b"x", context=b"")
    before = provider.keyed_digest(KeyPurpose.INDEX, b"x")
    data, index = provider.keys.rotate(KeyPurpose.DATA), provider.keys.rotate(KeyPurpose.INDEX)
    assert provider.decrypt(old, context=b"") == b"x"
    assert data.encode() in provider.encrypt(b"x", context=b"")
    first, last = provider.key_ids(KeyPurpose.INDEX)
    assert last == index
    assert provider.keyed_digest(KeyPurpose.INDEX, b"x", key_id=first) == before
    assert provider.keyed_digest(KeyPurpose.INDEX, b"x") != before


def test_another_process_reads_what_a_new_key_wrote(provider):
    provider.keys.current(KeyPurpose.DATA)
    other = DefaultProvider(provider.keys.folder)
    other.keys.current(KeyPurpose.DATA)
    provider.keys.rotate(KeyPurpose.DATA)
    assert other.decrypt(provider.encrypt(b"x", context=b""), context=b"") == b"x"


def test_keys_are_private_separate_and_each_installations_own(provider, tmp_path):
    for purpose in KeyPurpose:
        provider.keys.current(purpose)
    files = key_files(provider)
    assert len(files) == len(KeyPurpose)
    assert len({file.read_text() for file in files}) == len(files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE(provider.keys.folder.stat().st_mode) == 0o700
    other = DefaultProvider(tmp_path / "other")
    assert other.keys.current(KeyPurpose.DATA) != provider.keys.current(KeyPurpose.DATA)


def test_a_key_that_others_can_read_is_refused(provider):
    provider.encrypt(b"x", context=b"")
    key_files(provider)[0].chmod(0o644)
    with pytest.raises(KeyFileError, match="0600"):
        DefaultProvider(provider.keys.folder).encrypt(b"x", context=b"")


def test_a_damaged_or_lost_key_is_told(provider):
    sealed = provider.encrypt(b"x", context=b"")
    file = key_files(provider)[0]
    content = file.read_text()
    file.write_text("zz")
    with pytest.raises(KeyFileError, match="16 bytes"):
        DefaultProvider(provider.keys.folder).decrypt(sealed, context=b"")
    file.write_text(content)
    file.rename(file.with_suffix(".away"))
    with pytest.raises(KeyFileError, match="no data key"):
        DefaultProvider(provider.keys.folder).decrypt(sealed, context=b"")


def test_processes_that_start_together_make_one_key(tmp_path):
    rings = [KeyRing(tmp_path / "keys") for _ in range(8)]
    found = []
    threads = [
        threading.Thread(target=lambda ring=ring: found.append(ring.current(KeyPurpose.DATA)))
        for ring in rings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_signatures(provider, tmp_path):
    key_id, algorithm = provider.signing_key()
    signature = Signature(key_id, algorithm, provider.sign(b"root", key_id=key_id))
    assert provider.verify(b"root", signature)
    assert not provider.verify(b"toor", signature)
    assert not provider.verify(b"root", signature._replace(value=bytes(64)))
    assert not provider.verify(b"root", signature._replace(key_id="gone"))
    assert not provider.verify(b"root", signature._replace(algorithm="none"))
    assert not DefaultProvider(tmp_path / "other").verify(b"root", signature)
    provider.keys.rotate(KeyPurpose.SEAL)
    assert provider.signing_key().key_id != key_id
    assert provider.verify(b"root", signature)


def test_the_draw_is_steady_and_near_its_share(provider, monkeypatch):
    monkeypatch.setattr(crypto, "provider", lambda: provider)
    cases = [uuid.UUID(int=n) for n in range(4000)]
    drawn = [case for case in cases if crypto.drawn(case, 10)]
    assert drawn == [case for case in cases if crypto.drawn(case, 10)]
    assert 300 < len(drawn) < 500
    assert not any(crypto.drawn(case, 0) for case in cases)
    assert all(crypto.drawn(case, 100) for case in cases)


def test_looking_up_finds_what_older_keys_wrote(provider, monkeypatch):
    monkeypatch.setattr(crypto, "provider", lambda: provider)
    written = crypto.blind_index("13800000000")
    provider.keys.rotate(KeyPurpose.INDEX)
    assert written in crypto.blind_indexes("13800000000")
    assert crypto.blind_index("13800000000") in crypto.blind_indexes("13800000000")
    assert len(crypto.blind_indexes("13800000000")) == 2


class Certified(DefaultProvider):
    """Stands for a certified module."""


def test_the_setting_chooses_the_provider(monkeypatch, tmp_path):
    class Chosen:
        home = tmp_path
        crypto_provider = f"{__name__}.Certified"

    monkeypatch.setattr(crypto.settings, "HUYING", Chosen)
    made = crypto.provider()
    assert type(made).__name__ == "Certified"
    assert made.keys.folder == tmp_path / "keys"
    assert crypto.provider() is made
