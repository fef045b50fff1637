"""Records that belong to captures in the files of other writers: found beside them, before or behind.

Contract: ``near`` gives, in the order of the file, the captures' own records and the records at most ``REACH`` places away that name one of
them in WARC-Concurrent-To or are named by it (WARC 1.1 §5.7), each once.  wget writes the request before the response, warcprox behind it,
and either may be the one that names the other.  Only the neighbourhood of the captures is read.  PullError where the store does not hold
what the catalogue says.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from archive.gzipmembers import End, OpenAt, Tape, first, following
from archive.pullplan import Planned, PullError
from archive.warcfound import Found, later
from archive.warcscan import scan

REACH = 4  # records on each side
NEAR = 1024 * 1024  # bytes between captures that are read rather than passed over
_BEFORE = 256 * 1024  # bytes in front of a capture in which its neighbours are looked for
_BEGIN = b"\nWARC/1."
_ANSWERS = ("response", "revisit")


@dataclass(slots=True, kw_only=True)
class Neighbour:
    """A record: where it lies, what it names, and the capture that it is."""

    offset: int
    length: int  # 0 when it is not whole
    type: str
    id: str | None
    names: frozenset[str]
    capture: Planned | None = None
    kept: bool = False

    def belongs_to(self, answer: "Neighbour") -> bool:
        """Whether one of two records names the other."""
        return self.length > 0 and self.type not in _ANSWERS and (answer.id in self.names or self.id in answer.names)


def near(open_at: OpenAt, key: str, captures: Iterator[Planned], *, plain: bool) -> Iterator[Neighbour]:
    """The records of the file that ``open_at`` opens which belong to ``captures``, and these."""
    finder = _Finder(key, captures)
    while finder.wanted is not None:
        place = finder.wanted.offset
        start = _boundary(open_at, max(finder.end, place - _BEFORE), place, plain=plain)
        yield from finder.through(_neighbours(open_at, start, plain=plain))
        if finder.waits_for(place):  # a file within the file, perhaps, in which the search began
            yield from finder.through(_neighbours(open_at, place, plain=plain))
        if finder.waits_for(place):
            raise PullError(f"{key}: no record begins at {place}")


class _Finder:
    """A walk along records that keeps what is wanted: captures, and what belongs to them."""

    def __init__(self, key: str, captures: Iterator[Planned]) -> None:
        self._key = key
        self._captures = captures
        self.wanted = next(captures, None)
        self.end = 0  # of what was given

    def waits_for(self, place: int) -> bool:
        """Whether the capture at a place was not found yet."""
        return self.wanted is not None and self.wanted.offset == place

    def through(self, records: Iterator[Neighbour]) -> Iterator[Neighbour]:
        """What is wanted of the records, until no more of it is near."""
        recent: deque[Neighbour] = deque()
        answers: deque[Neighbour] = deque(maxlen=REACH)
        since = 0
        for record in records:
            if self.wanted is not None and record.offset == self.wanted.offset:
                self._hit(record, self.wanted, recent)
                answers.append(record)
                since = 0
            elif self.wanted is not None and record.offset > self.wanted.offset:
                break
            else:
                since += 1
                record.kept = any(record.belongs_to(answer) for answer in answers)
            recent.append(record)
            if len(recent) > REACH:
                yield from self._give(recent.popleft())
            if since >= REACH and self._is_far(record):
                break
        for record in recent:
            yield from self._give(record)

    def _hit(self, record: Neighbour, wanted: Planned, before: deque[Neighbour]) -> None:
        if not record.length or (record.id, record.length) != (wanted.id, wanted.length):
            held = f"{record.length} bytes of {record.id}" if record.length else "nothing whole"
            raise PullError(f"{self._key}: offset {wanted.offset} holds {held}, not {wanted.length} of {wanted.id}")
        record.capture, record.kept = wanted, True
        for other in before:
            other.kept = other.kept or other.belongs_to(record)
        self.wanted = next(self._captures, None)

    def _is_far(self, record: Neighbour) -> bool:
        return self.wanted is None or self.wanted.offset > record.offset + NEAR

    def _give(self, record: Neighbour) -> Iterator[Neighbour]:
        if record.kept:
            self.end = record.offset + record.length
            yield record


def _neighbours(open_at: OpenAt, start: int, *, plain: bool) -> Iterator[Neighbour]:
    """The records from a place in the file on, each when its length is known."""
    behind = partial(later, open_at, start)
    last: Found | None = None
    for scanned in scan(behind, lambda *_: None):
        if last is not None:
            yield _neighbour(last, start)
        last = Found(scanned, behind, plain=plain)
    if last is not None:
        yield _neighbour(last, start)


def _neighbour(record: Found, start: int) -> Neighbour:
    return Neighbour(offset=start + record.offset, length=record.length, type=record.type, id=record.id, names=record.concurrent_to)


def _boundary(open_at: OpenAt, start: int, place: int, *, plain: bool) -> int:
    """Where a record begins at ``start`` or behind it; ``place`` when none is found in front of it."""
    if start == 0:
        return 0
    found = _next_plain(open_at, start, place) if plain else _next_member(open_at, start)
    return found if found is not None and found < place else place


def _next_plain(open_at: OpenAt, start: int, place: int) -> int | None:
    with open_at(start - 1) as stream:
        at = stream.read(place - start + len(_BEGIN)).find(_BEGIN)
    return start + at if at >= 0 else None


def _next_member(open_at: OpenAt, start: int) -> int | None:
    tape = Tape(partial(later, open_at, start))
    try:
        member = first(tape)
        if member is not None and member.end is End.JUNK:
            member = following(tape, member)
        return None if member is None else start + member.offset
    finally:
        tape.close()
