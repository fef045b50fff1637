"""Records that belong to captures in the files of other writers: found beside them, before or behind.

Contract: ``near`` gives, in the order of the file, the captures' own records and the records at most ``REACH`` places away that name one of
them in WARC-Concurrent-To or are named by it (WARC 1.1 §5.7), each once.  wget writes the request before the response, warcprox behind it,
and either may be the one that names the other.  Only the neighbourhood of the captures is read.  PullError where the store does not hold
what the catalogue says.
"""

import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from archive.gzipmembers import End, OpenAt, Tape, first, following
from archive.pullplan import Planned, PullError
from archive.warcfields import unbracketed
from archive.warcfound import Found, later
from archive.warcscan import scan

REACH = 4  # records on each side
NEAR = 1024 * 1024  # bytes between captures that are read rather than passed over
_BEFORE = 256 * 1024  # bytes in front of a capture in which its neighbours are looked for
_ANSWERS = ("response", "revisit")


@dataclass(slots=True, kw_only=True)
class Neighbour:
    """A record: where it lies, and the capture that it is."""

    offset: int
    length: int
    type: str
    id: str | None
    names: frozenset[str]
    capture: Planned | None = None
    kept: bool = False

    def belongs_to(self, answer: "Neighbour") -> bool:
        """Whether one of two records names the other."""
        return self.type not in _ANSWERS and (answer.id in self.names or self.id in answer.names)


def near(open_at: OpenAt, key: str, captures: Iterator[Planned], *, plain: bool) -> Iterator[Neighbour]:
    """The records of the file that ``open_at`` opens which belong to ``captures``, and these."""
    wanted, done = next(captures, None), 0
    while wanted is not None:
        start = _boundary(open_at, max(done, wanted.offset - _BEFORE), wanted.offset, plain=plain)
        found = _Window(wanted, captures)
        if start != wanted.offset and not found.is_reached_by(_neighbours(open_at, start, plain=plain)):
            start = wanted.offset
        for neighbour in found.of(_neighbours(open_at, start, plain=plain), key):
            done = neighbour.offset + neighbour.length
            yield neighbour
        wanted = found.wanted
