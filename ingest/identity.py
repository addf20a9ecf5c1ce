"""Identifiers of children become a keyed hash: same child, same hash; without the key, no way back."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata

import pyarrow as pa

from ingest.settings import private_file

KEY_FILE = "identity.key"


def identity_key() -> bytes:
    """The key: JUNHENG_IDENTITY_KEY, or a file made on first use that only its owner may read."""
    given = os.environ.get("JUNHENG_IDENTITY_KEY")
    if given:
        return given.encode()
    path = private_file(KEY_FILE)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key()
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32))
    return _read_key()


def _read_key() -> bytes:
    key = private_file(KEY_FILE).read_bytes().strip()
    if not key:
        raise RuntimeError(
            f"{private_file(KEY_FILE)} is empty: restore it, or every child would get a new key"
        )
    return key


def normal_identifier(identifier: str) -> str:
    """An identifier as it is hashed: width folded, without spaces at its ends, upper case."""
    return unicodedata.normalize("NFKC", identifier).strip().upper()


def hash_identifiers(identifiers: pa.StringArray) -> pa.StringArray:
    """HMAC-SHA256 (64 hexadecimal digits) of each; NULL stays NULL."""
    key = identity_key()
    hashed = [
        None if text is None else hmac.new(key, normal_identifier(text).encode(), hashlib.sha256).hexdigest()
        for text in identifiers.to_pylist()
    ]
    return pa.array(hashed, pa.string())
