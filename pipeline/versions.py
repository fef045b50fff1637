"""One article's captures in time: which texts are held against each other, and what a missing page means.

Contract: pure.  A capture is compared with the last one before it that carried an article's text; a wall, a teaser or an error page between
the two is stepped over (law 4).  An answer that says the page is gone is a revision too: *withdrawn*, once, however often it is said;
and a page that comes back with the same text is *restored*.
"""

from dataclasses import replace

from archive.kinds import Change, PageKind
from archive.records import Capture, Document, Revision
from pipeline.edits import Incomparable, revision

READABLE = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})
GONE = frozenset({404, 410})


def readable(document: Document | None) -> bool:
    """Whether a text may stand for a version of its article."""
    return document is not None and document.quality.kind in READABLE


def comparable(document: Document | None) -> bool:
    """Whether a text may be held against another: a part of a page would look like an edit (law 4)."""
    return readable(document) and document is not None and document.problem is None


def compare(
    before: Document, capture: Capture, after: Document | None, number: int, last: Change | None
) -> tuple[Revision | None, str | None]:
    """The revision that ``capture`` is against the text before it, or the reason why there is none; ``last`` is the revision before it."""
    if capture.status in GONE:
        return (None, "gone already") if last is Change.WITHDRAWN else (_withdrawn(before, capture, number), None)
    if after is None:
        return None, "captured; it has no text to compare"
    if not readable(after):
        return None, f"captured; not compared, because it is a page of kind {after.quality.kind}"
    if not comparable(after):
        return None, f"captured; not compared, because only a part could be read: {after.problem}"
    try:
        change = revision(before, after, number=number, time=capture.time)
    except Incomparable as error:
        return None, f"captured; not compared: {error}"
    back = last is Change.WITHDRAWN and change.change in {Change.NONE, Change.COSMETIC}
    return (replace(change, change=Change.RESTORED) if back else change), None


def _withdrawn(before: Document, capture: Capture, number: int) -> Revision:
    return Revision(
        url=capture.url,
        number=number,
        change=Change.WITHDRAWN,
        before=before.capture,
        after=capture.id,
        time=capture.time,
        extractor=before.extractor,
        title_before=before.title,
    )
