"""Labelled digests as strangers write them: ``sha1:`` in Base32, ``sha256:`` in Base16, and every other way that was seen.

Contract: pure.  ``parse`` gives the algorithm and the raw digest of a WARC-Block-Digest, a WARC-Payload-Digest, a CDXJ row or a WACZ hash
(WARC 1.1 §5.8 names no encoding; annotations #48 and #80); None where it is none, or of an algorithm that nobody here can compute.
``Digests`` hashes one stream by several algorithms at once.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

_NAMES = {name: name for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s")} | {
    "sha-1": "sha1",
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
}


class Labelled(NamedTuple):
    """A digest with the name of what made it."""

    algorithm: str
    value: bytes


def parse(text: str) -> Labelled | None:
    """What a labelled digest says; the label ends at the first colon."""
    label, colon, value = text.strip().partition(":")
    algorithm = _NAMES.get(label.lower())
    if not colon or algorithm is None:
        return None
    raw = _decoded(value, hashlib.new(algorithm, usedforsecurity=False).digest_size)
    return None if raw is None else Labelled(algorithm, raw)


def bare(value: str, algorithm: str) -> Labelled | None:
    """A digest without its label, as pywb's indexes hold it."""
    return parse(f"{algorithm}:{value}")


def _decoded(value: str, size: int) -> bytes | None:
    """The bytes of a digest of ``size`` bytes, by whichever encoding has that length."""
    plain = value.rstrip("=")
    try:
        if len(plain) == 2 * size:
            return bytes.fromhex(plain)
        if len(plain) == -(-8 * size // 5):
            return base64.b32decode(plain.upper() + "=" * (-len(plain) % 8))
        if len(plain) == -(-4 * size // 3):
            return base64.b64decode(plain.replace("-", "+").replace("_", "/") + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        pass
    return None


class Digests:
    """Several digests of one stream, and its length."""

    __slots__ = ("_hashes", "length")

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        self.length = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self.length += len(data)
        for each in self._hashes.values():
            each.update(data)

    def of(self, algorithm: str) -> bytes:
        """The digest so far; KeyError for an algorithm that was not asked for."""
        return self._hashes[algorithm].digest()

    def agrees(self, stated: Labelled) -> bool:
        """Whether a stated digest is the one of this stream."""
        return self.of(stated.algorithm) == stated.value
