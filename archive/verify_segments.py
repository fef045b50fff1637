"""Segmented records: whether the pieces of each are there and fit together (WARC 1.1 §7).

Contract: pure.  ``check`` takes the segments of one record in the order of their numbers, the first of them the origin where it is known,
and gives what is wrong: the rule, the segment at which it shows, and words.  It holds no more than two of them.
"""

from collections.abc import Iterator
from typing import NamedTuple


class Segment(NamedTuple):
    """One piece; ``number`` is None for an origin that does not say that it is one, ``total`` is what the last piece says."""

    origin: str
    number: int | None
    file: str
    offset: int
    id: str | None
    total: int | None
    length: int
    uri: str | None


Told = tuple[str, Segment, str]


def check(first: Segment, others: Iterator[Segment]) -> Iterator[Told]:
    """Everything that is wrong with one record's segments."""
    known = first.id == first.origin
    if not known:
        yield "segment-origin", first, f"a continuation of {first.origin}, which is nowhere in what was verified"
    elif first.number is None:
        yield "segment-number", first, "continued elsewhere, and WARC-Segment-Number is not 1"
        return
    yield from _numbered(first, 1 if known else first.number or 2)
    last, length = first, first.length
    for segment in others:
        yield from _numbered(segment, (last.number or 0) + 1)
        if last.total is not None:
            yield "segment-end", last, f"a total length on segment {last.number}, which is not the last"
        if segment.uri != first.uri:
            yield "segment-target", segment, f"a segment of {first.uri} with the target {segment.uri}"
        last, length = segment, length + segment.length
    if last.total is None:
        yield "segment-end", last, f"segment {last.number} is the last in what was verified, and it has no total length"
    elif known and last.total != length:
        yield "segment-length", last, f"the segments have {length} bytes, WARC-Segment-Total-Length says {last.total}"


def _numbered(segment: Segment, expected: int) -> Iterator[Told]:
    if segment.number != expected:
        yield "segment-number", segment, f"segment {segment.number} of {segment.origin}, where {expected} should be"
