"""Segmented records: whether the pieces of each are there and fit together (WARC 1.1 §7).

Contract: pure.  ``check`` takes the segments of one record in the order of their numbers, the first of them the origin where it is known,
and gives what is wrong: the rule, the segment at which it shows, and words.
"""

from collections.abc import Iterator, Sequence
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


def check(segments: Sequence[Segment]) -> Iterator[Told]:
    """Everything that is wrong with one record's segments."""
    first, *others = segments
    if first.id != first.origin:
        yield "segment-origin", first, f"a continuation of {first.origin}, which is nowhere in what was verified"
    elif first.number is None:
        yield "segment-number", first, "continued elsewhere, and WARC-Segment-Number is not 1"
        return
    yield from _numbers(segments)
    yield from _total(segments)
    for segment in others:
        if segment.uri != first.uri:
            yield "segment-target", segment, f"a segment of {first.uri} with the target {segment.uri}"


def _numbers(segments: Sequence[Segment]) -> Iterator[Told]:
    expected = 1 if segments[0].id == segments[0].origin else segments[0].number or 2
    for segment in segments:
        if segment.number != expected:
            yield "segment-number", segment, f"segment {segment.number} of {segment.origin}, where {expected} should be"
        expected = (segment.number or 0) + 1


def _total(segments: Sequence[Segment]) -> Iterator[Told]:
    *before, last = segments
    for segment in before:
        if segment.total is not None:
            yield "segment-end", segment, f"a total length on segment {segment.number}, which is not the last"
    if last.total is None:
        yield "segment-end", last, f"segment {last.number} is the last in what was verified, and it has no total length"
    elif segments[0].id == segments[0].origin and last.total != (length := sum(segment.length for segment in segments)):
        yield "segment-length", last, f"the segments have {length} bytes, WARC-Segment-Total-Length says {last.total}"
