"""The catalogue made anew from the object store alone (law 1).

Contract: reads WARC files, story objects and run logs; never trusts a CDXJ line or the old catalogue.  Cost is one pass over the store,
memory does not grow with it.  An object that cannot be read is reported and passed over, and so is what is damaged of a WARC, whose other
records count; nothing in the store is touched.
Clean texts and revisions come next, from the WARC, by the pipeline (``crawlers/reread.py``), because this floor knows no text.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from archive import codec, foreign, layout
from archive.catalogue import Catalogue
from archive.gzipmembers import OpenAt
from archive.importing import imports
from archive.indexing import Report, indexed
from archive.records import Capture, Lead, Outcome, Story
from archive.store import Store, StoreError
from archive.stories import read_log

BATCH = 500
SAID = 3  # faults of one WARC that are told in full


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What one object gave: rows written, and why it, or a part of it, could not be read."""

    key: str
    rows: int
    problem: str | None = None
    revisits: tuple[Capture, ...] = ()  # of a file of others, left out until every original is known


def rebuild(store: Store, catalogue: Catalogue) -> Iterator[Rebuilt]:
    """Empty the catalogue and fill it from the store, object by object; StoreError when the store is empty or does not answer."""
    if next(iter(store.keys("")), None) is None:
        raise StoreError(f"{store.url} holds nothing: the catalogue is left as it is")
    catalogue.clear()
    for prefix in _TAKES:
        revisits: list[Capture] = []
        for key in _warcs(store) if prefix == "warc/" else store.keys(prefix):
            try:
                taken = take(store, catalogue, key)
            except (codec.CodecError, StoreError) as error:
                taken = Rebuilt(key=key, rows=0, problem=str(error))
            revisits += taken.revisits
            yield taken
        if revisits:
            yield Rebuilt(key=prefix, rows=foreign.add_revisits(catalogue, revisits))


def _warcs(store: Store) -> Iterator[str]:
    """Our own files, then those of others as they came in: of two records with one id the first counts, as it did then."""
    others: dict[str, None] = {}
    for key in store.keys("warc/"):
        if layout.is_imported(key):
            others[key] = None
        else:
            yield key
    for key in (key for done in sorted(imports(store), key=lambda done: done.time) for key in done.warcs):
        if key in others:
            del others[key]
            yield key
    yield from others


def take(store: Store, catalogue: Catalogue, key: str) -> Rebuilt:
    """Bring one object into the catalogue; no rows for one of which the catalogue knows nothing.

    CodecError or StoreError when it cannot be read.
    """
    nothing = Rebuilt(key=key, rows=0)
    return next((take_it(store, catalogue, key) for prefix, take_it in _TAKES.items() if key.startswith(prefix)), nothing)


def _take_warc(store: Store, catalogue: Catalogue, key: str) -> Rebuilt:
    if layout.is_imported(key):
        return _take_foreign(store, catalogue, key)
    rows, faults = 0, _Faults()
    found = _captures(partial(store.open, key), key, faults.note)
    while batch := list(islice(found, BATCH)):
        rows += catalogue.add_captures(batch)
    return Rebuilt(key=key, rows=rows, problem=faults.told())


def _take_foreign(store: Store, catalogue: Catalogue, key: str) -> Rebuilt:
    """A file of others; what is damaged in it was so when it came, and was told then (``archive/importing.py``)."""
    open_at = partial(store.open, key)
    rows, left = foreign.add(catalogue, _captures(open_at, key, lambda *_: None), open_at)
    return Rebuilt(key=key, rows=rows, revisits=tuple(left))


def _captures(open_at: OpenAt, key: str, report: Report) -> Iterator[Capture]:
    return (item for item in indexed(open_at, key, report) if isinstance(item, Capture))


def _take_story(store: Store, catalogue: Catalogue, key: str) -> Rebuilt:
    catalogue.put_story(codec.read(Story, store.read(key)))
    return Rebuilt(key=key, rows=1)


def _take_log(store: Store, catalogue: Catalogue, key: str) -> Rebuilt:
    rows = 0
    for story, item in read_log(store.read(key)):
        rows += 1
        if isinstance(item, Outcome):
            catalogue.add_outcomes(story, [item])
        elif isinstance(item, Lead):
            catalogue.add_leads(story, [item])
    return Rebuilt(key=key, rows=rows)


class _Faults:
    """What could not be read of a WARC: the first faults in words, the others as a number."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._count = 0

    def note(self, offset: int, message: str) -> None:
        """Take a fault."""
        self._count += 1
        if self._count <= SAID:
            self._said.append(f"offset {offset}: {message}")

    def told(self) -> str | None:
        """All of them on one line; None when there were none."""
        more = [f"and {self._count - SAID} more: copytrail verify"] if self._count > SAID else []
        return "; ".join(self._said + more) or None


_TAKES: dict[str, Callable[[Store, Catalogue, str], Rebuilt]] = {"warc/": _take_warc, "stories/": _take_story, "outcomes/": _take_log}
