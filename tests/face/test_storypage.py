"""The story page: everything is on it, nothing of it can do harm, and it needs nothing but itself."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.smallarchive import AGENCY, DAYS, GONE, NEW, OLD, PAPER, SLUG, small_archive

from archive.kinds import Change, EventKind, State, Verdict
from archive.records import Span
from archive.vault import Archive
from copytrail.marked import ADDED, REMOVED, SAME, Paragraph, Piece, paragraphs, words
from copytrail.storypage import CHANGES, EVENTS, VERDICTS, days, link, page, summary
from copytrail.storyview import StoryView, story_view
from copytrail.timeline import MARGIN, MOST_TICKS, timeline

NOW = DAYS[2] + timedelta(hours=1)
VOID = {"meta", "br", "circle", "line", "path"}


class Elements(HTMLParser):
    """Every element with its attributes, and the text of ``ins``, ``del`` and ``h1``; elements that are not closed are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"ins": [], "del": [], "h1": [], "title": []}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in self.texts:
            self.texts[self._open[-1]].append(data)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("page")) as opened:
        yield opened


@pytest.fixture(scope="module")
def view(archive: Archive) -> StoryView:
    story = archive.catalogue.story(SLUG)
    assert story is not None
    return story_view(archive, story, NOW)


def test_the_page_is_well_formed_and_escapes_what_strangers_wrote(view: StoryView) -> None:
    """Titles with angle brackets are text; each element that opens closes."""
    elements = Elements(page(view))

    assert elements.texts["h1"] == ["The <bridge>"]
    assert not {"bridge", "shut"} & {tag for tag, _ in elements.found}


def test_the_page_asks_for_nothing(view: StoryView) -> None:
    """No script, no frame, no form, no image, no font, no style from elsewhere; a policy says so too."""
    text = page(view)
    elements = Elements(text)

    assert not {"script", "link", "img", "iframe", "object", "form", "base", "image", "use"} & {tag for tag, _ in elements.found}
    assert not [
        name for _, attributes in elements.found for name in attributes if name.startswith("on") or name in {"src", "srcset", "style"}
    ]
    assert not re.search(r"@import|url\(", text)
    (policy,) = [known["content"] for tag, known in elements.found if tag == "meta" and "http-equiv" in known]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_only_web_addresses_become_links(view: StoryView) -> None:
    """A URL of another kind is shown and cannot be followed."""
    hostile = replace(view, articles=(replace(view.articles[0], url="javascript:alert(1)"), *view.articles[1:]))
    links = [known["href"] or "" for tag, known in Elements(page(hostile)).found if tag == "a"]

    assert "javascript:alert(1)" in page(hostile)
    assert all(target.startswith(("#", "http://")) for target in links)
    assert [link(url) for url in ("data:text/html,x", " javascript:x", "https://a.example/")] == [None, None, "https://a.example/"]


def test_every_link_within_the_page_leads_somewhere(view: StoryView) -> None:
    """Numbers in the timeline, the changes and the seeds lead to the article's row."""
    elements = Elements(page(view)).found
    places = {known["id"] for _, known in elements if "id" in known}

    assert {known["href"] for tag, known in elements if tag == "a" and (known["href"] or "").startswith("#")} <= {
        f"#{place}" for place in places
    }


def test_an_edit_is_marked(view: StoryView) -> None:
    """What went is struck out, what came is underlined, paragraphs that stayed are only counted."""
    elements = Elements(page(view))

    assert elements.texts["del"] == ["Struck out", "Two"]
    assert elements.texts["ins"] == ["Underlined", "Three"]
    assert page(view).count("1 paragraph unchanged") == 2


def test_articles_are_numbered_and_carry_every_record(view: StoryView) -> None:
    """Each capture with its WARC, offset, length, id and digest."""
    text = page(view)

    assert [(article.number, article.url, article.state) for article in view.articles] == [
        (1, AGENCY, "current"),
        (2, PAPER, "changed"),
        (3, GONE, "gone"),
    ]
    for capture in view.captures:
        assert capture.id in text
        assert f"at {capture.ref.offset}, {capture.ref.length} bytes" in text
    assert len(view.captures) == 7


def test_seeds_leads_and_losses_are_told(view: StoryView) -> None:
    """Which original each seed has, which title nobody has found, and what could not be kept."""
    assert [(item.seed.id, item.article.url if item.article else None) for item in view.seeds] == [("one", PAPER), ("two", None)]
    assert [(item.lead.title, item.article.url if item.article else None) for item in view.leads] == [
        ("Nobody has it", None),
        ("closed", AGENCY),
    ]
    assert [item.url for item in view.losses] == ["http://dead.example/d"]
    assert "unreachable" in page(view)


def test_the_page_says_which_texts_are_held_against_each_other(archive: Archive, view: StoryView) -> None:
    """Those that were captured first, or on demand the last; a tie is told of these."""
    story = archive.catalogue.story(SLUG)
    assert story is not None
    newest = story_view(archive, story, NOW, newest=True)
    paper = [next(article for article in found.articles if article.url == PAPER) for found in (view, newest)]

    assert [found.texts for found in (view, newest)] == ["texts as they were first captured", "texts as they were last captured"]
    assert [article.first and article.first.text for article in paper] == [OLD, NEW]


def test_every_warc_is_named_with_its_digest(archive: Archive, view: StoryView) -> None:
    """As the manifests state it, so that a reader can compare."""
    stated = {key: info.sha256 for key, info in view.files if info is not None}

    assert list(stated) == list(archive.store.keys("warc/"))
    assert all(str(digest).removeprefix("sha256:") in page(view) for digest in stated.values())


def test_the_summary_counts(view: StoryView) -> None:
    """In a sentence that can be read aloud."""
    assert summary(view) == (
        "3 articles from 3 outlets, captured 7 times, 21–23 November 2026. One changed after publication."
        " One is gone from the web, and kept here."
    )


def test_an_article_that_was_not_found_once_is_not_called_gone(archive: Archive, view: StoryView) -> None:
    """One visit is no proof: the page says so until a second one has asked."""
    (last,) = archive.catalogue.revisions_of(GONE)
    article = replace(view.articles[2], state=State.MISSING, changes=((last.time, Change.SUSPECTED),))
    suspected = replace(
        view,
        articles=(*view.articles[:2], article),
        changes=tuple(replace(item, change=Change.SUSPECTED) if item.article.url == GONE else item for item in view.changes),
    )

    assert summary(suspected).endswith("One changed after publication. One could not be found at the last visit.")
    assert "not found once" in page(suspected)
    drawing = timeline(suspected)
    assert drawing is not None
    assert drawing.lanes[2].end == drawing.lanes[2].start


def test_a_story_without_captures_has_a_page(view: StoryView) -> None:
    """Before the first crawl there is little to show, and no error."""
    empty = replace(view, articles=(), changes=(), losses=(), files=(), seeds=())

    assert "Nothing has been captured yet." in page(empty)
    assert timeline(empty) is None


def test_the_same_view_gives_the_same_page(view: StoryView) -> None:
    """The page can be compared with an earlier one."""
    assert page(view) == page(view)


def test_every_verdict_and_change_has_its_words() -> None:
    """A new member of a closed list must not reach the page without a name."""
    assert set(VERDICTS) == set(Verdict)
    assert set(CHANGES) == set(Change)
    assert set(EVENTS) == set(EventKind)


def test_the_timeline_lies_within_its_margins(view: StoryView) -> None:
    """Marks stand in the order of time, between the margins; a page that is gone is not drawn as being there."""
    drawing = timeline(view)
    assert drawing is not None

    for lane in drawing.lanes:
        places = [mark.x for mark in lane.marks]
        assert places == sorted(places)
        assert MARGIN <= min(lane.start, *places) <= max(lane.end, *places) <= 100 - MARGIN
    gone = drawing.lanes[2]
    assert gone.end == gone.start < gone.marks[-1].x
    assert [mark.kind for mark in gone.marks] == ["capture", "withdrawn"]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9000)))
def test_ticks_are_few_for_any_span(view: StoryView, span: timedelta) -> None:
    """From one second to a quarter of a century."""
    article = view.articles[0]
    last = replace(article.captures[0], time=article.captures[0].time + span)
    drawing = timeline(replace(view, articles=(replace(article, published=None, captures=(article.captures[0], last)),)))

    assert drawing is not None
    assert len(drawing.ticks) <= MOST_TICKS + 1


def test_paragraphs_show_what_changed_and_count_the_rest() -> None:
    """An added paragraph stands alone; one that went stands where it was."""
    after = "One.\nTwo changed.\nThree.\nFour.\nNew."
    spans = (
        Span(before=(0, 0), after=(9, 16), removed="", added="changed"),
        Span(before=(0, 0), after=(30, 30), removed="\nGone.", added=""),
        Span(before=(0, 0), after=(30, 35), removed="", added="\nNew."),
    )

    assert paragraphs(after, spans) == (
        Paragraph(unchanged=1),
        Paragraph((Piece(SAME, "Two "), Piece(ADDED, "changed"), Piece(SAME, "."))),
        Paragraph(unchanged=2),
        Paragraph((Piece(REMOVED, "Gone."),)),
        Paragraph((Piece(ADDED, "New."),)),
    )


@given(st.text("ab \n", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4), st.text("xy\n", max_size=4)), max_size=4))
def test_no_word_of_a_changed_paragraph_is_lost(after: str, cuts: list[tuple[int, int, str]]) -> None:
    """All that was removed and all that was added is shown, in order."""
    spans, at = [], 0
    for start, length, removed in sorted(cuts):
        begin, end = max(at, min(start, len(after))), max(at, min(start + length, len(after)))
        spans.append(Span(before=(0, 0), after=(begin, end), removed=removed, added=after[begin:end]))
        at = end
    found = paragraphs(after, spans)

    shown = {kind: "".join(piece.text for item in found for piece in item.pieces if piece.kind == kind) for kind in (REMOVED, ADDED)}
    assert shown[REMOVED] == "".join(span.removed for span in spans).replace("\n", "")
    assert shown[ADDED] == "".join(span.added for span in spans).replace("\n", "")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Same", "Same", [(SAME, "Same")]),
        (None, "New", [(SAME, "New")]),
        ("Old", None, [(SAME, "Old")]),
        ("Bridge shut in May", "Bridge shut in June", [(SAME, "Bridge shut in "), (REMOVED, "May"), (ADDED, "June")]),
        ("Nobody asked us", "Port denies all", [(REMOVED, "Nobody asked us"), (SAME, " "), (ADDED, "Port denies all")]),
    ],
)
def test_headlines_are_marked_word_by_word_where_they_are_alike(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    """Two that share little stand one after the other."""
    assert [(piece.kind, piece.text) for piece in words(before, after)] == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ((2026, 5, 20), (2026, 5, 20), "20 May 2026"),
        ((2026, 5, 13), (2026, 5, 20), "13–20 May 2026"),
        ((2026, 4, 30), (2026, 5, 2), "30 April – 2 May 2026"),
        ((2025, 12, 31), (2026, 1, 1), "31 December 2025 – 1 January 2026"),
    ],
)
def test_spans_of_days_are_short(first: tuple[int, int, int], last: tuple[int, int, int], expected: str) -> None:
    """What both ends share is said once."""
    assert days(datetime(*first, tzinfo=UTC), datetime(*last, tzinfo=UTC)) == expected
