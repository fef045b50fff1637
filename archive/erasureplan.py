"""What an erasure has to change, found before anything is changed.

Contract: ``places_of`` gives the records of captures, with request and metadata, as the stretches of their WARC files that go together;
``lines_with`` the lines of seeds and run logs, and the resource records of such seeds, in which passages of the erased texts stand;
``touched`` every object in which a place lies, and every index and table that has a row of an erased record.  Nothing is written.  A text
that others wrote down in other words is not found.  PullError, WarcError and StoreError when the store does not hold what the catalogue
says.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from archive import layout
from archive.erasedrows import derived, without
from archive.importing import imports
from archive.pullnear import Neighbour, near
from archive.pullplan import Plan
from archive.records import Capture, Document, RecordRef
from archive.store import Store, StoreError
from archive.stories import SEED_RECORDS
from archive.vault import Archive
from archive.warcfound import is_plain
from archive.warcread import record_at
from archive.warcstream import records
from archive.withdrawals import Place, Touched

FREE_TEXT = frozenset({"text", "title", "evidence"})  # fields of seeds and leads in which words of a page stand
_SHORTEST = 40  # characters of a passage by which a text is known again
_PIECE = 1024 * 1024
_WRITTEN_IN = re.compile(r"a resource record at (\d+) of (\S+)")  # ``crawlers/seedrecords.py``


def places_of(store: Store, captures: Iterable[Capture]) -> Iterator[Place]:
    """Where the records of some captures lie."""
    with Plan(whole=False) as plan:
        plan.add(captures, asked=True)
        for key in plan.files():
            open_at = partial(store.open, key)
            plain = is_plain(open_at)
            run: list[Neighbour] = []
            for record in near(open_at, key, plan.in_file(key), plain=plain):
                if run and (plain or run[-1].offset + run[-1].length != record.offset):  # between plain records stand line ends
                    yield _place(store, key, run)
                    run = []
                run.append(record)
            yield _place(store, key, run)


def _place(store: Store, key: str, run: Sequence[Neighbour]) -> Place:
    said = tuple((item.id or "-", item.type, _digest(store, RecordRef(key=key, offset=item.offset, length=item.length))) for item in run)
    return Place(key=key, offset=run[0].offset, length=run[-1].offset + run[-1].length - run[0].offset, records=said)


def _digest(store: Store, ref: RecordRef) -> str:
    with record_at(store, ref) as record:
        return record.sole("WARC-Block-Digest") or "-"


def passages(documents: Iterable[Document]) -> frozenset[str]:
    """What a text is known by: its headline, standfirst and paragraphs, and the seed's long lines that are parts of these."""
    said = (text for item in documents for text in (item.title, item.standfirst, *item.text.split("\n")) if text)
    return frozenset(line for text in said if len(line := _plain(text)) >= _SHORTEST)


def lines_with(archive: Archive, words: Collection[str], urls: Collection[str], prefix: str) -> Iterator[Place]:
    """The lines of what people gave (``seeds/``) or of what runs noted (``outcomes/``) that are of the text, or were read on its page."""
    if words or urls:
        for key in archive.store.keys(prefix):
            offset, found = 0, False
            for line in archive.store.read(key).splitlines(keepends=True):
                body = line.rstrip(b"\n")
                if _holds(json.loads(body), words, urls):
                    found = True
                    yield Place(key=key, offset=offset, length=len(body))
                offset += len(line)
            if found and prefix == "seeds/":
                yield from _seed_records(archive, key)


def _holds(value: Any, words: Collection[str], urls: Collection[str]) -> bool:
    if isinstance(value, dict):
        if value.get("parent") in urls:  # of a lead: the page on which its title and evidence were read
            return True
        return any(_said(held, words) if name in FREE_TEXT else _holds(held, words, urls) for name, held in value.items())
    return isinstance(value, list) and any(_holds(held, words, urls) for held in value)


def _said(value: object, words: Collection[str]) -> bool:
    """Whether a field is a part of the text, or at least half of it is: who quotes one sentence of it has said something of their own."""
    text = _plain(value) if isinstance(value, str) else ""
    if len(text) >= _SHORTEST and any(text in passage for passage in words):
        return True
    return sum(len(passage) for passage in words if passage in text) * 2 >= max(len(text), 1)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _seed_records(archive: Archive, key: str) -> Iterator[Place]:
    """The resource records in which an object of seeds was written into WARC files."""
    for slug in archive.catalogue.slugs():
        lead = archive.catalogue.lead(slug, SEED_RECORDS + key)
        found = _WRITTEN_IN.fullmatch(lead.evidence) if lead is not None else None
        if found is not None:
            with archive.store.open(found[2], int(found[1])) as stream:
                record = next(records(stream, int(found[1])))
                said = ((record.id, record.type, record.sole("WARC-Block-Digest") or "-"),)
                yield Place(key=found[2], offset=record.offset, length=record.length, records=said)


def touched(store: Store, places: Sequence[Place], erased: Collection[str]) -> Iterator[Touched]:
    """What is to be changed, each object once, by key."""
    for key in sorted({place.key for place in places}):
        yield _kept(store, key, [place for place in places if place.key == key])
    warcs = {place.key for place in places if place.key.startswith("warc/")}
    tables = (key for prefix in ("tables/", layout.MERGED) for key in store.keys(prefix) if derived(key))
    for key in (*map(layout.cdxj_key, sorted(warcs)), *tables):
        if store.info(key) is None:
            continue
        data = store.read(key)
        if without(key, data, places, erased) is not None:
            yield Touched(key=key, size=len(data), sha256=f"sha256:{hashlib.sha256(data).hexdigest()}")
    for done in imports(store):
        if not warcs.isdisjoint(done.warcs) and store.info(layout.rest_key(done.sha256)) is not None:
            data = store.read(layout.rest_key(done.sha256))
            yield Touched(key=layout.rest_key(done.sha256), size=len(data), sha256=f"sha256:{hashlib.sha256(data).hexdigest()}")


class Rest:
    """The digest of all bytes of an object but those at some places, taken while they go by."""

    def __init__(self, places: Iterable[Place]) -> None:
        """``places`` are of one object."""
        self._gaps = sorted((place.offset, place.offset + place.length) for place in places)
        self._digest = hashlib.sha256()
        self._position = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        start, end = self._position, self._position + len(data)
        for gap, behind in self._gaps:
            if gap < end and behind > start:
                self._digest.update(data[start - self._position : max(gap - self._position, 0)])
                start = min(behind, end)
        self._digest.update(data[start - self._position :])
        self._position = end

    @property
    def digest(self) -> str:
        """Labelled."""
        return f"sha256:{self._digest.hexdigest()}"


def _kept(store: Store, key: str, places: Sequence[Place]) -> Touched:
    """An object before, and the digest of what stays of it."""
    whole, position = hashlib.sha256(), 0
    kept = Rest(places)
    with store.open(key) as stream:
        while data := stream.read(_PIECE):
            whole.update(data)
            kept.update(data)
            position += len(data)
    if any(place.offset + place.length > position for place in places):
        raise StoreError(f"{key} is shorter than the catalogue says")
    return Touched(key=key, size=position, sha256=f"sha256:{whole.hexdigest()}", kept=kept.digest)
