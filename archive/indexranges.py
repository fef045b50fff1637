"""Captures by ranges of the index: of one key, of all keys that begin alike, from the oldest or from the newest on.

Contract: a :class:`Range` is of index keys (``archive/surts.py``), its end not included.  ``captures`` gives what lies in it by key and
time, ``newest_first`` the other way round, read in steps, so that memory does not grow; ``since`` and ``until`` (both included) are looked
up by the index where the range is one key, and held against each capture elsewhere.  ``count`` counts without reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from archive import codec
from archive.catalogue import Catalogue
from archive.catalogue_tables import Moment
from archive.catalogue_tables import captures as table
from archive.records import Capture
from archive.surts import surt

FIRST, MOST = 20, 500  # rows read at first, and later, at a time
_BEHIND = "\U0010ffff"  # comes after every id
_LAST = "\x7f"  # comes after every character of a key
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLACE = (table.c.surt, table.c.time, table.c.id)


@dataclass(frozen=True, slots=True)
class Range:
    """Index keys from ``start`` to before ``end``."""

    start: str
    end: str

    @classmethod
    def key(cls, url: str) -> "Range":
        """The one key of an address; no key has a space in it."""
        found = surt(url)
        return cls(found, f"{found} ")

    @classmethod
    def prefix(cls, url: str) -> "Range":
        """Every key that begins as that of the address does."""
        found = surt(url)
        return cls(found, found + _LAST)

    @classmethod
    def host(cls, name: str) -> "Range":
        """Every key of a host; ``name`` may carry a port."""
        return cls.prefix(f"http://{name}/")

    @classmethod
    def domain(cls, name: str) -> "Range":
        """Every key of a host and of the hosts below it: after the name comes ``)`` or ``,``."""
        found = surt(f"http://{name}/").removesuffix(")/")
        return cls(f"{found})", f"{found}-")

    @property
    def is_key(self) -> bool:
        """Whether there is only one key in it."""
        return self.end == f"{self.start} "


def captures(
    catalogue: Catalogue, wanted: Range, *, since: datetime | None = None, until: datetime | None = None, newest_first: bool = False
) -> Iterator[Capture]:
    """What lies in a range."""
    for capture in _down(catalogue, wanted, until) if newest_first else _up(catalogue, wanted, since):
        early, late = since is not None and capture.time < since, until is not None and capture.time > until
        if wanted.is_key and (early if newest_first else late):
            return
        if not early and not late:
            yield capture


def _up(catalogue: Catalogue, wanted: Range, since: datetime | None) -> Iterator[Capture]:
    place = (wanted.start, since if wanted.is_key and since is not None else _EARLIEST, "")
    step = FIRST
    while True:
        found = _step(catalogue, sa.and_(sa.tuple_(*_PLACE) > _bound(place), table.c.surt < wanted.end), _PLACE, step)
        if not found:
            return
        yield from found
        place, step = _place(found[-1]), MOST


def _down(catalogue: Catalogue, wanted: Range, until: datetime | None) -> Iterator[Capture]:
    place = (wanted.start, until if until is not None else _LATEST, _BEHIND) if wanted.is_key else (wanted.end, _EARLIEST, "")
    order = tuple(column.desc() for column in _PLACE)
    step = FIRST
    while True:
        found = _step(catalogue, sa.and_(sa.tuple_(*_PLACE) < _bound(place), table.c.surt >= wanted.start), order, step)
        if not found:
            return
        yield from found
        place, step = _place(found[-1]), MOST


def _place(capture: Capture) -> tuple[str, datetime, str]:
    return capture.surt, capture.time, capture.id


def _bound(place: tuple[str, datetime, str]) -> sa.Tuple:
    return sa.tuple_(sa.literal(place[0]), sa.literal(place[1], Moment), sa.literal(place[2]))


def _step(catalogue: Catalogue, where: sa.ColumnElement[bool], order: tuple[sa.ColumnElement[object], ...], step: int) -> list[Capture]:
    rows = catalogue.read(sa.select(table.c.body).where(where).order_by(*order).limit(step))
    return [codec.read(Capture, row[0]) for row in rows]


def count(catalogue: Catalogue, wanted: Range) -> int:
    """How many captures lie in a range."""
    query = sa.select(sa.func.count()).select_from(table).where(table.c.surt >= wanted.start, table.c.surt < wanted.end)
    return int(catalogue.read(query)[0][0])
