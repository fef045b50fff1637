"""The documents of an archive that are held against each other: of each article the newest capture that shows it.

Contract: ``of_story`` follows the order of the story's members and leaves out pages without a text, which it counts; ``one`` finds a
document by its URL or by a capture's id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from archive.records import Capture, Document, Selection
from archive.selecting import chosen, original_of, text_of
from archive.vault import Archive
from pipeline.versions import comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A document with the capture that shows it; ``digest`` is that of the payload, also where a revisit stands for another record."""

    capture: Capture
    document: Document
    digest: str | None


def of_story(archive: Archive, slug: str) -> tuple[tuple[Held, ...], int]:
    """The documents of a story, and of how many articles there is none; NoSuchStory when the catalogue does not know it."""
    newest = [_newest(archive, list(group)) for _, group in groupby(chosen(archive, Selection(story=slug)), key=lambda item: item.url)]
    held: dict[str, Held] = {}
    for item in filter(None, newest):
        held.setdefault(item.document.capture, item)  # two addresses may have one capture's text
    return tuple(held.values()), newest.count(None)


def one(archive: Archive, what: str) -> Held | None:
    """The document of a capture's id, or the newest of a URL."""
    if what.startswith("urn:"):
        capture = archive.catalogue.capture(what)
        return _newest(archive, [capture] if capture else [])
    return _newest(archive, archive.catalogue.captures_of(what))


def _newest(archive: Archive, captures: Sequence[Capture]) -> Held | None:
    return next(_shown(archive, reversed(captures)), None)


def _shown(archive: Archive, captures: Iterator[Capture]) -> Iterator[Held]:
    for capture in captures:
        document = text_of(archive, capture)
        if document is not None and comparable(document):
            original = original_of(archive, capture)
            digest = capture.payload_digest or (original.payload_digest if original else None)
            yield Held(capture=capture, document=document, digest=digest)
