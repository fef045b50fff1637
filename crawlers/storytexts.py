"""The texts of an archive that are held against each other: of each article of a story one, the first that was captured whole.

Contract: ``of_story`` follows the order of the story's members and counts the articles of which there is no text; ``one`` finds a document
by its URL or by a capture's id.  Who took what from whom is asked of texts as they came into the world, so that the first is taken, what
an outlet changed later is told by its revisions; with ``newest`` the last that shows the article.  A document goes under the id of its own
capture, also where that only stands for a record of another address.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from archive.records import Capture, Document, Selection
from archive.selecting import chosen, original_of, text_of
from archive.vault import Archive
from pipeline.versions import comparable

FIRST, NEWEST = "texts as they were first captured", "texts as they were last captured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A document with the capture that shows it; ``digest`` is that of the payload, also where a revisit stands for another record."""

    capture: Capture
    document: Document
    digest: str | None


def of_story(archive: Archive, slug: str, *, newest: bool = False) -> tuple[tuple[Held, ...], int]:
    """The documents of a story, and of how many articles there is none; NoSuchStory when the catalogue does not know it."""
    veil = archive.veil()  # also for who may see everything: what is worked out here is shown
    captures = (item for item in chosen(archive, Selection(story=slug)) if veil.hides(item) is None)
    articles = groupby(captures, key=lambda item: item.url)
    found = [_one(archive, group, newest=newest) for _, group in articles]
    return tuple(filter(None, found)), found.count(None)


def one(archive: Archive, what: str, *, newest: bool = False) -> Held | None:
    """The document of a capture's id, or of a URL."""
    if what.startswith("urn:"):
        capture = archive.catalogue.capture(what)
        return _one(archive, [capture] if capture else [], newest=newest)
    return _one(archive, archive.catalogue.captures_of(what), newest=newest)


def first_of(archive: Archive, captures: Iterable[Capture]) -> Held | None:
    """The first whole text among the captures of an article, the oldest first."""
    return next(_shown(archive, captures), None)


def _one(archive: Archive, captures: Iterable[Capture], *, newest: bool) -> Held | None:
    return first_of(archive, reversed(list(captures)) if newest else captures)


def _shown(archive: Archive, captures: Iterable[Capture]) -> Iterator[Held]:
    for capture in captures:
        document = text_of(archive, capture)
        if document is not None and comparable(document):
            original = original_of(archive, capture)
            digest = capture.payload_digest or (original.payload_digest if original else None)
            yield Held(capture=capture, document=replace(document, capture=capture.id), digest=digest)
