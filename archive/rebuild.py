"""The catalogue made anew from the object store alone (law 1).

Contract: reads WARC files, story objects and run logs; never trusts a CDXJ line or the old catalogue.  Cost is one pass over the store,
memory does not grow with it.  A WARC or object that cannot be read is reported and passed over; nothing in the store is touched.
Clean texts and revisions come next, from the WARC, by the pipeline (``crawlers/reread.py``), because this floor knows no text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from archive import codec
from archive.catalogue import Catalogue
from archive.records import Lead, Outcome, Story
from archive.store import Store, StoreError
from archive.stories import read_log
from archive.warcread import WarcError, captures

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What one object gave: rows written, or why it could not be read."""

    key: str
    rows: int
    problem: str | None = None


def rebuild(store: Store, catalogue: Catalogue) -> Iterator[Rebuilt]:
    """Empty the catalogue and fill it from the store, object by object; StoreError when the store is empty or does not answer."""
    if next(iter(store.keys("")), None) is None:
        raise StoreError(f"{store.url} holds nothing: the catalogue is left as it is")
    catalogue.clear()
    for prefix, take in (("warc/", _take_warc), ("stories/", _take_story), ("outcomes/", _take_log)):
        for key in store.keys(prefix):
            try:
                yield Rebuilt(key=key, rows=take(store, catalogue, key))
            except (WarcError, codec.CodecError, StoreError) as error:
                yield Rebuilt(key=key, rows=0, problem=str(error))


def _take_warc(store: Store, catalogue: Catalogue, key: str) -> int:
    rows = 0
    with store.open(key) as stream:
        found = captures(stream, key)
        while batch := list(islice(found, BATCH)):
            rows += catalogue.add_captures(batch)
    return rows


def _take_story(store: Store, catalogue: Catalogue, key: str) -> int:
    catalogue.put_story(codec.read(Story, store.read(key)))
    return 1


def _take_log(store: Store, catalogue: Catalogue, key: str) -> int:
    rows = 0
    for story, item in read_log(store.read(key)):
        rows += 1
        if isinstance(item, Outcome):
            catalogue.add_outcomes(story, [item])
        elif isinstance(item, Lead):
            catalogue.add_leads(story, [item])
    return rows
