"""Captures that somebody else made, as the catalogue needs them.

Contract: what decides about a later capture is never taken on trust.  Of each response the payload is read and hashed, whatever its
header says: a false digest would let a page that we fetch be written as a revisit of bytes that are not its own.  A revisit that names its
original by URL and date only, or by an id that is not here, gets the id of the response that was captured there and then (WARC 1.1
§6.7.2), when the archive holds it.  Import and rebuild both come here, so that the catalogue is the same after either (law 1).
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from archive.catalogue import Catalogue
from archive.gzipmembers import OpenAt
from archive.heads import BadHead, parse_head
from archive.http import BadFraming
from archive.payload import Payload, payload
from archive.records import Capture
from archive.warcscan import scan

BATCH = 500


def add(catalogue: Catalogue, captures: Iterable[Capture], open_at: OpenAt) -> tuple[int, list[Capture]]:
    """Index the captures of one file, given as they lie in it; ``open_at`` opens it.

    Rows added, and the revisits that were left out because their originals are not in the catalogue, or not yet: :func:`add_revisits`.
    """
    rows = 0
    left: list[Capture] = []
    rest = iter(captures)
    while batch := list(islice(rest, BATCH)):
        rows += catalogue.add_captures(_hashed([item for item in batch if item.kind == "response"], open_at))
        for revisit in batch:
            if revisit.kind == "revisit":
                known = _settled(catalogue, revisit)
                rows += catalogue.add_captures([known] if known else [])
                left += [] if known else [revisit]
    return rows, left


def add_revisits(catalogue: Catalogue, revisits: Iterable[Capture]) -> int:
    """Index revisits, each with its original where that is known by now; rows added."""
    return catalogue.add_captures(_settled(catalogue, revisit) or revisit for revisit in revisits)


def _settled(catalogue: Catalogue, revisit: Capture) -> Capture | None:
    """A revisit with the id of its original; None when that is not in the catalogue."""
    original = catalogue.capture(revisit.refers_to) if revisit.refers_to else None
    if original is None and revisit.refers_to_url is not None and revisit.refers_to_time is not None:
        then = revisit.refers_to_time.replace(microsecond=0)
        there = catalogue.captures_of(revisit.refers_to_url)
        original = next((item for item in there if item.kind == "response" and item.time.replace(microsecond=0) == then), None)
    if original is None:
        return None
    # A revisit without a head says of its answer only that it was the same.
    return replace(revisit, refers_to=original.id, status=revisit.status or original.status, mime=revisit.mime or original.mime)


def _hashed(responses: list[Capture], open_at: OpenAt) -> Iterator[Capture]:
    """The responses with digest and length of the payload that is there; as they are where its framing does not tell."""
    waiting = {capture.ref.offset: capture for capture in responses}
    start = min(waiting, default=0)
    for record in scan(lambda offset: open_at(start + offset), lambda *_: None) if waiting else ():
        capture = waiting.pop(start + record.offset, None)
        found = _payload(io.BufferedReader(record.block)) if capture is not None else None
        if capture is not None:
            yield capture if found is None else replace(capture, payload_digest=found.digest, payload_length=found.length)
        if not waiting:
            return
    yield from waiting.values()


def _payload(block: io.BufferedReader) -> Payload | None:
    try:
        found = payload(parse_head(block), block)
    except (BadHead, BadFraming):
        return None
    return found if found.length else None
