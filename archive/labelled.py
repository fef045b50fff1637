"""Labelled digests as strangers write them: ``sha1:`` in Base32, ``sha256:`` in Base16, and every other way that was seen.

Contract: pure.  ``parse`` gives the algorithm and the raw digest of a WARC-Block-Digest, a WARC-Payload-Digest, a CDXJ row or a WACZ hash
(WARC 1.1 §5.8 names no encoding; annotations #48 and #80); None where it is none, or of an algorithm that nobody here can compute.
``is_known`` tells the two apart.  ``Digests`` hashes one stream by several algorithms at once.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

OURS = "sha256"  # by which every payload is hashed, to be held against indexes and our metadata records

# Bytes of each; blake2b and blake2s are also made shorter, by parameters that a label does not tell.
_SIZES = {
    "md5": 16,
    "sha1": 20,
    "sha224": 28,
    "sha256": 32,
    "sha384": 48,
    "sha512": 64,
    "sha3-224": 28,
    "sha3-256": 32,
    "sha3-384": 48,
    "sha3-512": 64,
    "blake2s": 32,
    "blake2b": 64,
}
_LABELS = {name: name for name in _SIZES} | {f"sha-{bits}": f"sha{bits}" for bits in (1, 224, 256, 384, 512)}
_MAKERS = {name: getattr(hashlib, name.replace("-", "_")) for name in _SIZES}
_ONE_SIZE = frozenset(_LABELS) - {"blake2s", "blake2b"}


class Labelled(NamedTuple):
    """A digest with the name of what made it."""

    algorithm: str
    value: bytes


def parse(text: str) -> Labelled | None:
    """What a labelled digest says; the label ends at the first colon."""
    label, colon, value = text.strip().partition(":")
    algorithm = _LABELS.get(label.lower())
    if not colon or algorithm is None:
        return None
    raw = _decoded(value, _SIZES[algorithm])
    return None if raw is None else Labelled(algorithm, raw)


def is_known(text: str) -> bool:
    """Whether the label is of an algorithm whose digests have one size, so that a value that cannot be read is wrong."""
    return text.strip().partition(":")[0].lower() in _ONE_SIZE


def bare(value: str, algorithm: str) -> Labelled | None:
    """A digest without its label, as pywb's indexes hold it."""
    return parse(f"{algorithm}:{value}")


def agree(stated: Labelled, known: Iterable[Labelled]) -> bool:
    """Whether a digest is among those known of one thing; one of an algorithm that is not cannot be told, and counts as agreeing."""
    comparable = [item for item in known if item.algorithm == stated.algorithm]
    return not comparable or stated in comparable


def _decoded(value: str, size: int) -> bytes | None:
    """The bytes of a digest of ``size`` bytes, by whichever encoding has that length."""
    plain = value.rstrip("=")
    try:
        if len(plain) == 2 * size:
            return binascii.unhexlify(plain)
        if len(plain) == -(-8 * size // 5):
            return base64.b32decode(plain.upper() + "=" * (-len(plain) % 8))
        if len(plain) == -(-4 * size // 3):
            return base64.b64decode(plain.replace("-", "+").replace("_", "/") + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        pass
    return None


class Digests:
    """Several digests of one stream, and its length."""

    __slots__ = ("_hashes", "_updates", "length")

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes: dict[str, Any] = {}
        self._updates: list[Callable[[bytes], None]] = []
        for name in algorithms:
            self._hashes[name] = found = _MAKERS[name](usedforsecurity=False)
            self._updates.append(found.update)
        self.length = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self.length += len(data)
        for update in self._updates:
            update(data)

    def of(self, algorithm: str) -> bytes:
        """The digest so far; KeyError for an algorithm that was not asked for."""
        value: bytes = self._hashes[algorithm].digest()
        return value

    def agrees(self, stated: Labelled) -> bool:
        """Whether a stated digest is the one of this stream."""
        return self.of(stated.algorithm) == stated.value
