"""An article's captures in time: what is compared, and when a page that is missing is called so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from archive.kinds import Change, EventKind, PageKind
from archive.records import Capture, Document, Quality, RecordRef, Revision
from pipeline.versions import Known, absence, compare, worth_keeping

START = datetime(2026, 5, 5, 8, tzinfo=UTC)
URL = "http://paper.example/news/ferry-returns"
TEXT = "The ferry sails again on Monday. It takes eleven minutes."
HOME = "http://paper.example/"
AWAY = [
    (404, None, EventKind.GONE),
    (410, None, EventKind.GONE),
    (301, HOME, EventKind.REDIRECT_HOME),
    (302, "/", EventKind.REDIRECT_HOME),
    (402, None, EventKind.PAYWALLED),
    (451, None, EventKind.LEGAL_BLOCK),
    (200, PageKind.TEASER, EventKind.PAYWALLED),
    (200, PageKind.REDIRECT_HOME, EventKind.REDIRECT_HOME),
    (200, PageKind.LEGAL_WALL, EventKind.LEGAL_BLOCK),
]


def answer(minutes: int, status: int = 200, what: str | None = None) -> Capture:
    return Capture(
        id=f"urn:uuid:{minutes}",
        url=URL,
        surt="example,paper)/news/ferry-returns",
        time=START + timedelta(minutes=minutes),
        kind="response",
        status=status,
        mime="text/html",
        ref=RecordRef(key="warc/a.warc.gz", offset=0, length=1),
        payload_digest=None,
        payload_length=None,
        block_digest="sha256:0",
        location=what if 300 <= status < 400 else None,
    )


def page(capture: Capture, text: str = TEXT, kind: PageKind = PageKind.ARTICLE, problem: str | None = None) -> Document:
    return Document(capture=capture.id, url=URL, extractor="x/1", quality=Quality(kind=kind), title="Ferry", text=text, problem=problem)


def told(visits: Sequence[tuple[int, int, str | PageKind | None]]) -> list[Revision]:
    """The revisions of an article that was read at minute 0 and then visited; a string of a 200 is its text."""
    before, last, found = page(answer(0)), None, []
    for minutes, status, what in visits:
        capture = answer(minutes, status, what)
        kind = what if isinstance(what, PageKind) else PageKind.ARTICLE
        text = what if isinstance(what, str) and status == 200 else TEXT
        after = page(capture, text, kind) if status == 200 else None
        revision, _ = compare(Known(document=before, number=2, last=last), capture, after)
        if revision is not None and worth_keeping(revision):
            found.append(revision)
            last = revision
        before = after if after is not None and kind is PageKind.ARTICLE else before
    return found


@pytest.mark.parametrize(("status", "what", "event"), AWAY)
def test_an_article_is_called_missing_at_the_second_visit(status: int, what: str | PageKind | None, event: EventKind) -> None:
    """Suspected once, confirmed an hour later, and then said no more; both name the last text by its digest."""
    first, second = told([(60, status, what), (90, status, what), (120, status, what), (900, status, what)])

    assert (first.change, second.change) == (Change.SUSPECTED, Change.WITHDRAWN)
    assert [item.kind for item in (*first.events, *second.events)] == [event, event]
    assert (second.suspected, second.before, second.after) == ("urn:uuid:60", "urn:uuid:0", "urn:uuid:120")
    assert first.text_before == second.text_before is not None


@pytest.mark.parametrize(("status", "what", "event"), AWAY)
def test_a_return_before_that_is_a_note(status: int, what: str | PageKind | None, event: EventKind) -> None:
    """The visit in between takes the suspicion back: the next missing visit is a first one again."""
    first, note, second = told([(60, status, what), (70, 200, TEXT), (300, status, what)])

    assert [item.change for item in (first, note, second)] == [Change.SUSPECTED, Change.NONE, Change.SUSPECTED]
    assert note.suspected == first.after
    assert note.events == ()
    assert second.events[0].kind is event


@pytest.mark.parametrize(("text", "change"), [(TEXT, Change.RESTORED), (TEXT.replace("eleven", "twelve"), Change.EDIT)])
def test_what_was_gone_may_come_back(text: str, change: Change) -> None:
    """With its text it is restored, with another one it is that and an edit."""
    *_, back = told([(60, 404, None), (120, 404, None), (500, 200, text)])

    assert back.change is change
    assert back.events[-1].kind is EventKind.RESTORED
    assert (len(back.events) > 1) is (change is Change.EDIT)


def test_two_ways_to_be_missing_do_not_confirm_each_other() -> None:
    """Not found and then sent home are two suspicions."""
    assert [item.change for item in told([(60, 404, None), (180, 301, HOME)])] == [Change.SUSPECTED, Change.SUSPECTED]


@pytest.mark.parametrize(
    "kind",
    sorted(
        set(PageKind) - {PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG, PageKind.TEASER, PageKind.REDIRECT_HOME, PageKind.LEGAL_WALL}
    ),
)
@pytest.mark.parametrize("status", [200, 404])
def test_other_pages_say_nothing_of_the_article(kind: PageKind, status: int) -> None:
    """A wall or a page that is none of the article's is no edit; a wall that comes as 404 is no deletion either."""
    capture = answer(60, status)
    revision, reason = compare(Known(document=page(answer(0)), number=2), capture, page(capture, "Something else.", kind))

    if revision is not None:
        assert status == 404
        assert "wall" not in kind
        assert revision.events[0].kind is EventKind.GONE
    else:
        assert reason


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (500, None),
        (503, None),
        (403, None),
        (401, None),
        (429, None),
        (304, None),
        (301, "/news/ferry-returns-2"),
        (301, None),
        (302, "http://other.example/"),
    ],
)
def test_other_answers_say_nothing_of_the_article(status: int, what: str | None) -> None:
    """Trouble of the server, a refusal, a page that moved."""
    assert absence(answer(60, status, what), None) is None
    assert told([(60, status, what), (180, status, what)]) == []


def test_a_part_of_a_page_is_not_held_against_the_whole() -> None:
    """The reason says what was wrong with it."""
    capture = answer(60)
    revision, reason = compare(Known(document=page(answer(0)), number=2), capture, page(capture, "The ferry", problem="cut short"))

    assert revision is None
    assert "only a part could be read: cut short" in str(reason)
