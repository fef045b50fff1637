"""Whether a server's word that nothing has changed is asked for, and whether it has been kept.

Contract: pure, from the captures of one URL, oldest first, and its revisions; so what is decided here can be decided again from the
catalogue alone.  A server's validators promise something (RFC 9110 §8.8.1):

* One strong ETag stands for one body, byte by byte.  Two whole answers with one strong ETag and different payloads break it.
* A weak ETag (``W/``), and Last-Modified where there is no ETag (§8.8.2.2: weak, as long as nothing proves more), stand for bodies that
  mean the same.  Other bytes break nothing; another *text* does: a revision that is an edit, a new headline or a correction.

Whoever has broken it once is not asked for changes any more but for the page, each time.  All others are asked for the page in full when
the last whole answer is older than the archive wants to rely on a server: one that says 304 whatever happens is found out no later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from archive.kinds import Change, Truncation
from archive.records import Capture, Revision

EDITS = frozenset({Change.EDIT, Change.HEADLINE, Change.CORRECTION})


class Promise(NamedTuple):
    """What an answer may be recognised by."""

    name: str  # "ETag" or "Last-Modified"
    value: str
    strong: bool


def conditions(
    captures: Sequence[Capture], revisions: Iterable[Revision], now: datetime, full_every: timedelta | None
) -> Mapping[str, str]:
    """The header fields that make the next request conditional; none when the page is to be asked for in full.

    ``full_every`` is how long a whole answer is relied on; None: for ever.
    """
    last = captures[-1] if captures else None
    if last is None or last.truncated is not None or last.status not in {200, 304} or has_lied(captures, revisions):
        return {}
    whole = max((capture.time for capture in captures if _is_whole(capture)), default=None)
    if whole is None or (full_every is not None and now - whole >= full_every):
        return {}
    found = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {name: value for name, value in found.items() if value}


def suffices(last: Capture | None, now: datetime, young: timedelta) -> bool:
    """Whether a file has been asked for and answered lately: also that it is not there, but not that the server was in trouble."""
    if last is None or last.truncated not in {None, Truncation.LENGTH} or last.status >= 500 or last.status == 429:
        return False
    return now - last.time < young


def has_lied(captures: Iterable[Capture], revisions: Iterable[Revision]) -> bool:
    """Whether the server has given one validator to two versions of this URL."""
    whole = [capture for capture in captures if _is_whole(capture)]
    first: dict[Promise, str | None] = {}
    for capture in whole:
        promise = _promise(capture)
        if promise is not None and promise.strong and first.setdefault(promise, capture.payload_digest) != capture.payload_digest:
            return True
    by_id = {capture.id: capture for capture in whole}
    pairs = [(by_id.get(item.before), by_id.get(item.after), item.change) for item in revisions]
    return any(before and after and lie(before, after, change) for before, after, change in pairs)


def lie(before: Capture, after: Capture, change: Change | None) -> str | None:
    """The words for a promise that ``after`` breaks; ``change`` is what it did to the text of ``before``, where that is known."""
    old, new = _promise(before), _promise(after)
    if old is None or old != new or not (_is_whole(before) and _is_whole(after)) or before.payload_digest == after.payload_digest:
        return None
    if old.strong:
        return f"the server gave the same {old.name} for another body"
    return f"the server gave the same {old.name} for another text" if change in EDITS else None


def _is_whole(capture: Capture) -> bool:
    """Whether the capture is of a whole answer 200, in full or as a revisit of the same payload."""
    return capture.status == 200 and capture.truncated is None and capture.payload_digest is not None


def _promise(capture: Capture) -> Promise | None:
    """What is compared first: RFC 9110 §13.1.3 has a server ignore If-Modified-Since beside If-None-Match."""
    if capture.etag:
        return Promise("ETag", capture.etag, not capture.etag.startswith("W/"))
    return Promise("Last-Modified", capture.last_modified, strong=False) if capture.last_modified else None
