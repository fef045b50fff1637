"""What a later version of an article changed: its events, its passages, and how much they mean together.

``revision(before, after, number=…, time=…)`` holds two documents of one URL against each other.  Its ``events`` are of text, title, authors
and time of publication (``pipeline.events``); its ``change`` is what they come to:

* NONE: there is none, and the texts are equal, character by character.
* COSMETIC: typography, white space and order alone, or what a page changes by itself.
* CORRECTION: a note that announces a correction or update was added (``rules/corrections.yaml``).
* HEADLINE: the title changed, and nothing else but typography.
* EDIT: anything else.

Spans are found sentence by sentence, then word by word, and are offsets into both texts: replacing each span of the older text by
``added`` gives the newer one, exactly (``applied``).  Authors and publication are compared only where both versions state them at the same
place of the page: what one place says and another does not is no change.
``Incomparable`` is raised for two documents that must not be held against each other: of different extractors, because a new release
changes one body in ten by itself (text.md §5), of a page that is no article, because a wall is never an edit, or of a part of a page.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.kinds import Change, EventKind, PageKind
from archive.records import Document, Event, Revision, Span
from pipeline import events
from pipeline.sentences import fold

READABLE = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})


class Incomparable(ValueError):
    """Two documents between which a difference would say nothing about the article."""


def revision(before: Document, after: Document, *, number: int, time: datetime) -> Revision:
    """The change from ``before`` to ``after``, the ``number``-th version, captured at ``time``."""
    _check(before, after)
    aligned = events.text_alignment(before.text, after.text)
    spans = events.spans(aligned)
    found = (*_of_values(before, after), *(events.text_events(aligned) if spans else ()))
    return Revision(
        url=after.url,
        number=number,
        change=_change(before, after, {event.kind for event in found}),
        before=before.capture,
        after=after.capture,
        time=time,
        extractor=after.extractor,
        title_before=before.title,
        title_after=after.title,
        spans=spans,
        events=found,
        text_before=text_digest(before),
        text_after=text_digest(after),
    )


def _check(before: Document, after: Document) -> None:
    if before.extractor != after.extractor:
        raise Incomparable(f"texts of two extractors: {before.extractor} and {after.extractor}")
    for document in (before, after):
        if document.quality.kind not in READABLE:
            raise Incomparable(f"{document.capture} is {document.quality.kind}: {'; '.join(document.quality.reasons)}")
        if document.problem is not None:
            raise Incomparable(f"{document.capture} is a part of a page: {document.problem}")


def _change(before: Document, after: Document, kinds: set[EventKind]) -> Change:
    if EventKind.CORRECTION in kinds:
        return Change.CORRECTION
    if telling := kinds - {EventKind.COSMETIC}:
        return Change.HEADLINE if telling == {EventKind.HEADLINE} else Change.EDIT
    return Change.COSMETIC if kinds or before.text != after.text or before.title != after.title else Change.NONE


def _of_values(before: Document, after: Document) -> Iterator[Event]:
    """The events of title, authors and time of publication."""
    if before.title != after.title:
        yield events.value_event(EventKind.HEADLINE, "title", before.title or "", after.title or "")
    signed = [", ".join(author.name for author in document.authors) for document in (before, after)]
    if all(signed) and _names(signed[0]) != _names(signed[1]) and _same_place(before, after, "authors"):
        yield events.value_event(EventKind.BYLINE, "authors", *signed)
    if before.published and after.published and _same_place(before, after, "published") and _moved(before.published, after.published):
        yield events.value_event(EventKind.DATE, "published", before.published, after.published)


def _names(signed: str) -> list[str]:
    return sorted(fold(name) for name in signed.split(", "))


def _same_place(before: Document, after: Document, field: str) -> bool:
    return dict(before.provenance).get(field) == dict(after.provenance).get(field)


def _moved(before: str, after: str) -> bool:
    """Whether two times are two times: one that is stated more exactly is the same, and so is one in another zone."""
    try:
        first, second = datetime.fromisoformat(before), datetime.fromisoformat(after)
    except ValueError:
        return before != after
    exact = "T" in before and "T" in after and (first.tzinfo is None) == (second.tzinfo is None)
    return first != second if exact else before[:10] != after[:10]


def text_digest(document: Document) -> str:
    """The digest of a document's text in UTF-8, labelled."""
    return f"sha256:{hashlib.sha256(document.text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def spans(before: str, after: str) -> tuple[Span, ...]:
    """The changed passages of two texts, in order, each as small as whole words allow."""
    return events.spans(events.text_alignment(before, after))


def applied(before: str, found: Iterable[Span]) -> str:
    """``before`` with every span's change made."""
    parts, at = [], 0
    for span in found:
        parts += [before[at : span.before[0]], span.added]
        at = span.before[1]
    return "".join([*parts, before[at:]])
