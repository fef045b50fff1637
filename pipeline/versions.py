"""One article's captures in time: which texts are held against each other, and what a missing page means.

Contract: pure.  A capture is compared with the last one before it that carried an article's text; a wall or an error page between the two
is stepped over (law 4).

An answer that says that the article is not at its address any more (``absence``: 404 or 410, the way to the front page, a teaser or 402 in
the place of the whole text, 451) is *suspected* at first, and *withdrawn* when another answer of the same kind comes an hour later or more;
however often it is said after that, it is said once.  A page that comes back after that is *restored*; one that comes back before has only
been away for a moment, and the revision that says so is NONE, with ``suspected`` naming the capture that raised the suspicion.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from archive.kinds import Change, EventKind, PageKind
from archive.records import Capture, Document, Event, Revision
from pipeline.edits import READABLE, Incomparable, revision, text_digest
from pipeline.outcomes import WALLS
from pipeline.quality import of_redirect

GONE = frozenset({404, 410})
CONFIRMED = timedelta(hours=1)  # from the first answer that does not have the article to the second
_AWAY = frozenset({Change.SUSPECTED, Change.WITHDRAWN})
_BY_STATUS = {**dict.fromkeys(GONE, EventKind.GONE), 402: EventKind.PAYWALLED, 451: EventKind.LEGAL_BLOCK}
_BY_KIND = {
    PageKind.TEASER: EventKind.PAYWALLED,
    PageKind.LEGAL_WALL: EventKind.LEGAL_BLOCK,
    PageKind.REDIRECT_HOME: EventKind.REDIRECT_HOME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an article before one of its captures."""

    document: Document  # the last text that can be compared
    number: int  # of the version that the capture is
    last: Revision | None = None


def readable(document: Document | None) -> bool:
    """Whether a text may stand for a version of its article."""
    return document is not None and document.quality.kind in READABLE


def comparable(document: Document | None) -> bool:
    """Whether a text may be held against another: a part of a page would look like an edit (law 4)."""
    return readable(document) and document is not None and document.problem is None


def worth_keeping(found: Revision | None) -> bool:
    """Whether a comparison says something: a change, or that a suspicion was groundless."""
    return found is not None and (found.change is not Change.NONE or found.suspected is not None)


def absence(capture: Capture, kind: PageKind | None) -> EventKind | None:
    """In which way an answer says that the article is not there; ``kind`` is that of its page, where it was read.  A wall says nothing."""
    if kind in _BY_KIND or kind in WALLS:
        return _BY_KIND.get(kind)
    if 300 <= capture.status < 400:
        way = of_redirect(capture.url, capture.location)
        return EventKind.REDIRECT_HOME if way is not None and way.kind is PageKind.REDIRECT_HOME else None
    return _BY_STATUS.get(capture.status)


def compare(known: Known, capture: Capture, after: Document | None) -> tuple[Revision | None, str | None]:
    """The revision that ``capture`` is against the text before it, or the reason why there is none."""
    missing = absence(capture, after.quality.kind if after is not None else None)
    if missing is not None:
        return _missing(known, capture, missing)
    if after is None:
        return None, "captured; it has no text to compare"
    if not readable(after):
        return None, f"captured; not compared, because it is a page of kind {after.quality.kind}"
    if not comparable(after):
        return None, f"captured; not compared, because only a part could be read: {after.problem}"
    try:
        change = revision(known.document, after, number=known.number, time=capture.time)
    except Incomparable as error:
        return None, f"captured; not compared: {error}"
    return _returned(change, known.last), None


def _returned(change: Revision, last: Revision | None) -> Revision:
    """The change of an article that may have been away before."""
    if last is None or last.change not in _AWAY:
        return change
    if last.change is Change.SUSPECTED:
        return replace(change, suspected=last.after)
    kind = Change.RESTORED if change.change in {Change.NONE, Change.COSMETIC} else change.change
    return replace(change, change=kind, events=(*change.events, Event(kind=EventKind.RESTORED)))


def _missing(known: Known, capture: Capture, kind: EventKind) -> tuple[Revision | None, str | None]:
    last = known.last if known.last is not None and known.last.change in _AWAY else None
    if last is not None and last.change is Change.WITHDRAWN:
        return None, f"{last.events[0].kind} already"
    if last is None or last.events[0].kind is not kind:
        return _away(known, capture, kind, None), None
    if capture.time - last.time < CONFIRMED:
        return None, f"{kind} again, too soon after the first time to confirm it"
    return _away(known, capture, kind, last.after), None


def _away(known: Known, capture: Capture, kind: EventKind, suspected: str | None) -> Revision:
    return Revision(
        url=capture.url,
        number=known.number,
        change=Change.WITHDRAWN if suspected else Change.SUSPECTED,
        before=known.document.capture,
        after=capture.id,
        time=capture.time,
        extractor=known.document.extractor,
        title_before=known.document.title,
        events=(Event(kind=kind),),
        text_before=text_digest(known.document),
        suspected=suspected,
    )
