"""Texts made again by the present extractor, and what that changed: after an upgrade, for one story or for everything.

Contract: ``reprocess`` reads again what no document of the present extractor stands for, from the WARC, in order of URL and time, and gives
for each page what became of its text.  The documents of earlier extractors stay beside the new ones; revisions stay too, because each says
by which extractor it was found and none is ever found across two.  Nothing that a person said is read or written.  Doing it again does
what is left; ``dry`` writes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from archive.records import Capture, Document, Selection, Story
from archive.selecting import chosen
from archive.vault import Archive
from crawlers.reread import BATCH, NO_ARTICLES, batches, pages, shared
from pipeline.losses import outlet_of
from pipeline.text import extractor
from pipeline.textpool import TextFailure, TextPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One page read again: its document, or why there is none now; ``before`` is what was known of it."""

    url: str
    before: Document | None
    after: Document | TextFailure

    @property
    def grown(self) -> int:
        """Characters by which the text is longer."""
        return len(_text(self.after)) - len(_text(self.before))

    @property
    def changed(self) -> bool:
        """Whether the text is another."""
        return _text(self.after) != _text(self.before)

    @property
    def other_kind(self) -> bool:
        """Whether the page is taken for something else than before."""
        both = isinstance(self.after, Document) and self.before is not None
        return both and self.after.quality.kind is not self.before.quality.kind  # type: ignore[union-attr]  # both are documents


def _text(item: Document | TextFailure | None) -> str:
    return item.text if isinstance(item, Document) else ""


@dataclass(slots=True, kw_only=True)
class OutletAgain:
    """What the present extractor changed at one outlet."""

    outlet: str
    pages: int = 0
    changed: int = 0
    longer: int = 0
    shorter: int = 0
    kinds_changed: int = 0
    failed: int = 0

    def take(self, item: Again) -> None:
        """Count a page; one that cannot be read now keeps the text that it has."""
        self.pages += 1
        if isinstance(item.after, TextFailure):
            self.failed += 1
            return
        self.changed += item.changed
        self.longer += item.grown > 0
        self.shorter += item.grown < 0
        self.kinds_changed += item.other_kind


def reprocess(archive: Archive, pool: TextPool, story: Story | None = None, *, dry: bool = False) -> Iterator[Again]:
    """Read again, and unless ``dry`` keep, what is not by the present extractor."""
    now = extractor()
    fresh: list[Document] = []
    for capture, after in pool.extract(pages(archive, _outdated(archive, story, now))):
        known = archive.catalogue.capture(capture)
        assert known is not None
        yield Again(url=known.url, before=archive.catalogue.document(capture), after=after)
        if isinstance(after, Document) and not dry:
            fresh.append(after)
        if len(fresh) >= BATCH:
            archive.catalogue.put_documents(fresh)
            fresh = []
    archive.catalogue.put_documents(fresh)
    if not dry:
        for batch in batches(_of_revisits(archive, story, now)):
            archive.catalogue.put_documents(batch)
        # A wall of no known system is told by its twins alone, which no single page shows.
        for batch in batches(shared(archive)):
            archive.catalogue.put_documents(batch)


def by_outlet(items: Iterable[Again], heard: Callable[[Again], object] = lambda _: None) -> list[OutletAgain]:
    """The changes summed up, those outlets first of which most changed."""
    outlets: dict[str, OutletAgain] = {}
    for item in items:
        heard(item)
        name = outlet_of(item.url)
        outlets.setdefault(name, OutletAgain(outlet=name)).take(item)
    return sorted(outlets.values(), key=lambda item: (-item.changed, item.outlet))


def _captures(archive: Archive, story: Story | None) -> Iterator[Capture]:
    return chosen(archive, Selection(story=story.slug if story else None))


def _outdated(archive: Archive, story: Story | None, now: str) -> Iterator[Capture]:
    for capture in _captures(archive, story):
        document = archive.catalogue.document(capture.id) if capture.kind == "response" else None
        if capture.kind == "response" and (document is None or document.extractor != now):
            yield capture


def _of_revisits(archive: Archive, story: Story | None, now: str) -> Iterator[Document]:
    """The texts of revisits whose response has a new text: each is that one."""
    for capture in _captures(archive, story):
        if capture.kind != "revisit" or capture.refers_to is None or capture.found in NO_ARTICLES:
            continue
        own, original = archive.catalogue.document(capture.id), archive.catalogue.document(capture.refers_to)
        if original is not None and original.extractor == now and (own is None or own.extractor != now):
            yield replace(original, capture=capture.id, url=capture.url)
