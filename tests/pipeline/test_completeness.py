"""Signs that a text is not all of its article."""

import json
from pathlib import Path

import pytest
from support.pages import make_page

from archive.kinds import PageKind, TextAlarmKind
from archive.records import Document, TextAlarm
from benchmarks import text_quality
from pipeline.outcomes import WALLS
from pipeline.text import document
from pipeline.textpool import TextPool

ARTICLE = (Path(__file__).parent / "pages" / "article.html").read_text(encoding="utf-8")
URL = "https://courier.example/2026/05/harbour-ferry-returns"
LINES = [
    f"On day {number} the ferry carried {number * 11} people and {number * 3} bicycles over the bay, more than all had thought."
    for number in range(1, 11)
]
BODY = "".join(f"<p>{line}</p>" for line in LINES)


def page_with(body: str = BODY, head: str = "", *, end: str = "</article></body></html>") -> str:
    return f"<!DOCTYPE html><html lang='en'><head><title>Ferry figures</title>{head}</head><body><article><h1>Ferry figures</h1>{body}{end}"


def alarms_of(text: str) -> tuple[TextAlarm, ...]:
    return document(make_page(text)).alarms


def stated(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": "Ferry figures", **fields})}</script>'


APART = "".join(
    f"<div class='x{number}'><span>{line.replace('ferry', 'tram')} It ran at night too.</span></div>" for number, line in enumerate(LINES)
)
OUTSIDE = f"</article><div class='second'>{APART}</div></body></html>"
CASES = {
    "short of what it states": (
        page_with(head=stated(wordCount=900, isAccessibleForFree=True)),
        TextAlarmKind.SHORT_OF_STATED,
        "of the 900 words",
    ),
    "declared and empty": (
        page_with("<div></div>", stated(), end="</article></body></html>").replace("<h1>Ferry figures</h1>", ""),
        TextAlarmKind.EMPTY,
        "none was taken",
    ),
    "a numbered page": (page_with(f"{BODY}<p>Page 1 of 3</p>"), TextAlarmKind.NEXT_PAGE, "Page 1 of 3"),
    "a link to the second page": (page_with(head=f'<link rel="next" href="{URL}?page=2">'), TextAlarmKind.NEXT_PAGE, "page=2"),
    "a second page in the path": (page_with(head=f'<link rel="next" href="{URL}/2">'), TextAlarmKind.NEXT_PAGE, "/2"),
    "cut in a word": (page_with(end="<p>and then the fer"), TextAlarmKind.TRUNCATED, "without an end tag"),
    "drawn by a script": (
        f"<html><head><title>Ferry</title></head><body><div id='root'></div><p>Loading</p><script>{'x=1;' * 2000}</script></body></html>",
        TextAlarmKind.SCRIPT_ONLY,
        "words shown",
    ),
    "nested too deep": (f"<html><body>{'<div>' * 300}<p>{LINES[0]}</p>{'</div>' * 300}</body></html>", TextAlarmKind.TOO_DEEP, "300 deep"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_missing_is_named(name: str) -> None:
    """Each way in which a text can be less than its article raises its alarm, with the figures."""
    text, kind, words = CASES[name]
    found = {alarm.kind: alarm.message for alarm in alarms_of(text)}

    assert words in found.get(kind, str(found))
    assert kind in found


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        page_with(),
        page_with(head=stated(wordCount=215)),
        page_with(head='<link rel="next" href="/2026/05/another-article">'),
        page_with(head='<link rel="next" href="https://courier.example/page/2">'),
        page_with(f"{BODY}<p>The report has 3 parts; page 1 of it is about the quay.</p>"),
        page_with(end=f"</article><aside>{APART}</aside></body></html>"),
        page_with(end=f"</article><footer>{APART}</footer></body></html>"),
        page_with(end=f"</article><ul>{''.join(f'<li>{line} tram</li>' for line in LINES)}</ul></body></html>"),
        page_with().removesuffix("</body></html>"),
        "<html><body><p>Please enable JavaScript and cookies to continue</p></body></html>",
    ],
    ids=[
        "article",
        "plain",
        "stated right",
        "next article",
        "next list",
        "a page in words",
        "aside",
        "footer",
        "list",
        "no end tags",
        "wall",
    ],
)
def test_a_whole_text_raises_none(text: str) -> None:
    """What surrounds articles on most pages, and tags that nobody needs, raise no alarm; neither does a wall."""
    assert alarms_of(text) == ()


def test_prose_that_was_not_taken() -> None:
    """Paragraphs of the article's own kind behind its text, of which the extractor took none, raise an alarm."""
    found = document(make_page(page_with(end=OUTSIDE)))
    taken = "tram" in found.text

    assert taken or [alarm.kind for alarm in found.alarms] == [TextAlarmKind.SHORT_OF_PAGE]


def test_an_error_page_raises_none() -> None:
    """A page that came with an error has no text to lose."""
    assert document(make_page(page_with(head=stated(wordCount=900)), status=500)).alarms == ()


def test_real_pages_raise_few(shared: Path) -> None:
    """Of every third real page at most one in twenty raises an alarm, and none is a wall."""
    with TextPool(workers=2, deadline=60) as pool:
        found = [result for _, result in pool.extract(text_quality.pages(shared, 3)) if isinstance(result, Document)]
    raised = [result.url for result in found if result.alarms]
    walls = [result.url for result in found if result.quality.kind in {*WALLS, PageKind.SOFT_404, PageKind.REDIRECT_HOME}]

    assert len(found) > 100
    assert len(raised) <= len(found) / 20
    assert walls == []
