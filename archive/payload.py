"""The payload of an HTTP answer, hashed where it lies: the body with its transfer coding removed, its content coding kept (WARC 1.1 §5.9).

Contract: ``payload`` reads ``block`` from behind the head to its end, in constant memory; BadFraming when its chunks break.
"""

import hashlib
from typing import IO, NamedTuple

from archive.heads import Head
from archive.http import entity


class Payload(NamedTuple):
    """What a payload is known by."""

    digest: str
    length: int  # bytes


def payload(head: Head, block: IO[bytes]) -> Payload:
    """Digest and length."""
    digest, length = hashlib.sha256(), 0
    for piece in entity(head, block):
        digest.update(piece)
        length += len(piece)
    return Payload(f"sha256:{digest.hexdigest()}", length)
