"""What a server's validators are worth."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.kinds import Change, Truncation
from archive.records import Capture, RecordRef, Revision
from pipeline.validators import conditions, has_lied, lie, suffices

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
SINCE = "Sun, 01 Nov 2026 12:00:00 GMT"


def capture(day: float, body: str = "a", **more: Any) -> Capture:
    """A capture of the page on a day; ``body`` names its payload."""
    known = {"etag": '"1"', "status": 200, "kind": "response", "payload_digest": f"sha256:{body}", "payload_length": 1, **more}
    place = RecordRef(key="k", offset=0, length=1)
    when = START + timedelta(days=day)
    return Capture(id=f"urn:x:{day}", url="u", surt="u", time=when, mime="text/html", ref=place, block_digest="sha256:0", **known)


def not_modified(day: float, **more: Any) -> Capture:
    return capture(day, status=304, kind="revisit", payload_digest=None, profile="server-not-modified", **more)


def revision(before: Capture, after: Capture, change: Change) -> Revision:
    return Revision(url="u", number=2, change=change, before=before.id, after=after.id, time=after.time, extractor="x")


@pytest.mark.parametrize(
    ("captures", "day", "expected"),
    [
        ([], 1, {}),
        ([capture(0)], 1, {"If-None-Match": '"1"'}),
        ([capture(0, last_modified=SINCE)], 1, {"If-None-Match": '"1"', "If-Modified-Since": SINCE}),
        ([capture(0, etag=None)], 1, {}),
        ([capture(0)], 7, {}),
        ([capture(0), not_modified(6)], 6.9, {"If-None-Match": '"1"'}),
        ([capture(0), not_modified(6)], 7, {}),
        ([capture(0), capture(6, kind="revisit")], 8, {"If-None-Match": '"1"'}),
        ([capture(0), capture(1, status=404)], 2, {}),
        ([capture(0, truncated=Truncation.LENGTH)], 1, {}),
        ([not_modified(0)], 1, {}),
        ([capture(0), capture(1, "b")], 2, {}),
        ([capture(0), capture(1, "b"), capture(2, "b", etag='"2"')], 3, {}),
        ([capture(0), capture(1, "b", etag='"2"'), capture(2)], 3, {"If-None-Match": '"1"'}),
        ([capture(0, etag='W/"1"'), capture(1, "b", etag='W/"1"')], 2, {"If-None-Match": 'W/"1"'}),
    ],
)
def test_when_a_request_is_conditional(captures: list[Capture], day: float, expected: dict[str, str]) -> None:
    """With the validators of the last answer, unless the last whole one is a week old, or the server has been found out."""
    assert conditions(captures, [], START + timedelta(days=day), WEEK) == expected


def test_for_files_that_nobody_reads_an_old_answer_is_enough() -> None:
    """Without a term the last whole answer may be of any age, but not the server's lies."""
    assert conditions([capture(0)], [], START + 100 * WEEK, None)
    assert not conditions([capture(0), capture(1, "b")], [], START + 100 * WEEK, None)


@pytest.mark.parametrize(
    ("etag", "modified", "change", "lied"),
    [
        ('"1"', None, None, True),
        ('"1"', None, Change.NONE, True),
        ('W/"1"', None, Change.COSMETIC, False),
        ('W/"1"', None, Change.EDIT, True),
        ('W/"1"', None, Change.HEADLINE, True),
        ('W/"1"', None, Change.WITHDRAWN, False),
        (None, SINCE, Change.NONE, False),
        (None, SINCE, Change.CORRECTION, True),
        (None, None, Change.EDIT, False),
    ],
)
def test_what_a_lie_is(etag: str | None, modified: str | None, change: Change | None, lied: bool) -> None:  # noqa: FBT001 -- a column
    """A strong ETag stands for bytes, a weak one and a date for the text; the same bytes are never a lie."""
    before, after = (capture(day, body, etag=etag, last_modified=modified) for day, body in ((0, "a"), (1, "b")))
    same = capture(2, "a", etag=etag, last_modified=modified)
    revisions = [revision(before, after, change)] if change else []

    assert bool(lie(before, after, change)) is lied
    assert has_lied([before, after], revisions) is lied
    assert lie(before, same, change) is None
    assert not has_lied([before, same], [])


def test_other_validators_and_cut_answers_promise_nothing() -> None:
    """Another ETag may come with another body, an ETag counts before the date, and a part of a body proves nothing."""
    old, new = capture(0, last_modified=SINCE), capture(1, "b", etag='"2"', last_modified=SINCE)
    cut = capture(1, "b", truncated=Truncation.DISCONNECT)

    assert lie(old, new, Change.EDIT) is None
    assert lie(old, cut, Change.EDIT) is None
    assert not has_lied([old, new, cut], [revision(old, new, Change.EDIT), revision(old, cut, Change.EDIT)])
    assert lie(capture(0, status=404), capture(1, "b"), None) is None


@pytest.mark.parametrize(
    ("last", "enough"),
    [
        (None, False),
        (capture(0), True),
        (capture(0, status=404), True),
        (capture(0, status=304, kind="revisit"), True),
        (capture(0, status=503), False),
        (capture(0, status=429), False),
        (capture(0, truncated=Truncation.LENGTH), True),
        (capture(0, truncated=Truncation.DISCONNECT), False),
        (capture(-7), False),
    ],
)
def test_what_need_not_be_asked_for_again(last: Capture | None, enough: bool) -> None:  # noqa: FBT001 -- a column of the table
    """A young answer, also that there is no such file; not a server's trouble, not a part, not an old one."""
    assert suffices(last, START, WEEK) is enough
