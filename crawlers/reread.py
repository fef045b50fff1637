"""Texts and revisions made anew from the WARC files, after a rebuild or with a newer extractor.

Contract: goes through the catalogue's captures in order of URL and time, one page a worker in memory; gives the same documents and
revisions as the crawl gave, because both come from the same bytes through the same functions; only of a wall of no known system it
may know more, because it sees a whole day at once (``pipeline.history``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby, islice

from archive.kinds import Found, Truncation
from archive.records import Capture, Document, Page, Revision
from archive.vault import Archive
from archive.warcread import WarcError
from crawlers.contents import is_contents
from pipeline.history import History, Said, reconsidered
from pipeline.losses import outlet_of
from pipeline.textpool import TextPool
from pipeline.versions import Known, comparable, compare, worth_keeping
from pipeline.walls import refusal

BATCH = 200
NO_ARTICLES = frozenset({Found.ROBOTS, Found.REQUISITE})
_NO_PAGE = frozenset({301, 302, 303, 304, 307, 308})


def reread(archive: Archive) -> tuple[int, int]:
    """Read every text and revision again; how many of each."""
    texts = 0
    with TextPool() as pool:
        for batch in batches(
            found for _, found in pool.extract(pages(archive, archive.catalogue.all_captures())) if isinstance(found, Document)
        ):
            archive.catalogue.put_documents(batch)
            texts += len(batch)
    for batch in batches(_again(archive)):
        archive.catalogue.put_documents(batch)
        texts += len(batch)
    for batch in batches(shared(archive)):
        archive.catalogue.put_documents(batch)
    revisions = 0
    for _, group in groupby(archive.catalogue.all_captures(), key=lambda item: item.surt):
        for versions in _by_url(group):
            found_here = list(_revisions(archive, versions))
            archive.catalogue.put_revisions(found_here)
            revisions += len(found_here)
    return texts, revisions


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents, some at a time: one transaction each."""
    rest = iter(documents)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _again(archive: Archive) -> Iterator[Document]:
    """The texts of revisits: each is the text of the response that it stands for."""
    for capture in archive.catalogue.all_captures():
        original = capture.refers_to if capture.kind == "revisit" and capture.found not in NO_ARTICLES else None
        document = archive.catalogue.document(original) if original else None
        if document is not None:
            yield replace(document, capture=capture.id, url=capture.url)


def shared(archive: Archive) -> Iterator[Document]:
    """The texts that many addresses of an outlet gave on one day: none of them is an article's."""
    for _, group in groupby(archive.catalogue.all_captures(), key=lambda item: outlet_of(item.url)):
        days: dict[date, Said] = {}
        captures = [(capture.id, capture.time.date()) for capture in group if capture.found not in NO_ARTICLES]
        for identifier, day in captures:
            days.setdefault(day, Said()).add(archive.catalogue.document(identifier))
        for identifier, day in captures if any(said.shared for said in days.values()) else ():
            document = archive.catalogue.document(identifier)
            found = reconsidered(document, History(twins=days[day].twins(document))) if document is not None else None
            if found is not None and found is not document:
                yield found


def _by_url(captures: Iterable[Capture]) -> Iterable[list[Capture]]:
    """The captures of one SURT, which http and https share, by URL."""
    found: dict[str, list[Capture]] = {}
    for capture in captures:
        found.setdefault(capture.url, []).append(capture)
    return found.values()


def pages(archive: Archive, captures: Iterable[Capture]) -> Iterator[Page]:
    """The pages of whole answers that may carry an article, and of walls; robots.txt, tables of contents and requisites do not."""
    for capture in captures:
        cut = capture.truncated not in {None, Truncation.LENGTH}
        if capture.kind != "response" or capture.status in _NO_PAGE or capture.found in NO_ARTICLES or cut:
            continue
        try:
            page = archive.page(capture)
        except WarcError:
            continue  # `rebuild` and `verify` name the file
        worth = not is_contents(page, capture.found) if capture.status == 200 else refusal(page) is not None
        if worth:
            yield page


def _revisions(archive: Archive, versions: Iterable[Capture]) -> Iterator[Revision]:
    """Hold each version of one URL against the version before it that carries an article."""
    before: Document | None = None
    shown: Document | None = None  # by the address, whatever it was
    number = 0
    last: Revision | None = None
    for capture in versions:
        number += capture.status == 200
        after = archive.catalogue.document(capture.id)
        if after is not None and (other := reconsidered(after, History(article=before, last=shown))) is not after:
            after = other
            archive.catalogue.put_documents([other])
        shown = after or shown
        if before is not None:
            known = Known(document=before, number=number if capture.status == 200 else number + 1, last=last)
            change, _ = compare(known, capture, after)
            if change is not None and worth_keeping(change):
                last = change
                yield change
        before = after if capture.status == 200 and comparable(after) else before
