"""Texts and revisions made anew from the WARC files, after a rebuild or with a newer extractor.

Contract: goes through the catalogue's captures in order of URL and time, one page a worker in memory; gives the same documents and
revisions as the crawl gave, because both come from the same bytes through the same functions.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from archive.records import Capture, Change, Document, Page, Revision
from archive.vault import Archive
from archive.warcread import WarcError
from pipeline.textpool import TextPool
from pipeline.versions import compare, readable

BATCH = 200


def reread(archive: Archive) -> tuple[int, int]:
    """Read every text and revision again; how many of each."""
    texts = 0
    with TextPool() as pool:
        batch: list[Document] = []
        for _, found in pool.extract(_pages(archive)):
            if isinstance(found, Document):
                batch.append(found)
                texts += 1
            if len(batch) >= BATCH:
                archive.catalogue.put_documents(batch)
                batch.clear()
        archive.catalogue.put_documents(batch)
    revisions = 0
    for _, group in groupby(archive.catalogue.all_captures(), key=lambda item: item.surt):
        for versions in _by_url(group):
            found_here = list(_revisions(archive, versions))
            archive.catalogue.put_revisions(found_here)
            revisions += len(found_here)
    return texts, revisions


def _by_url(captures: Iterable[Capture]) -> Iterable[list[Capture]]:
    """The captures of one SURT, which http and https share, by URL."""
    found: dict[str, list[Capture]] = {}
    for capture in captures:
        found.setdefault(capture.url, []).append(capture)
    return found.values()


def _pages(archive: Archive) -> Iterator[Page]:
    for capture in archive.catalogue.all_captures():
        if capture.kind == "response" and capture.status == 200:
            try:
                yield archive.page(capture)
            except WarcError:
                continue  # the rebuild has named the file already


def _revisions(archive: Archive, versions: Iterable[Capture]) -> Iterator[Revision]:
    """Hold each version of one URL against the version before it that carries an article."""
    before: Document | None = None
    number = 0
    for capture in versions:
        number += capture.status == 200
        after = archive.catalogue.document(capture.id)
        if before is not None:
            change, _ = compare(before, capture, after, number if capture.status == 200 else number + 1)
            if change is not None and change.change is not Change.NONE:
                yield change
        before = after if readable(after) else before
