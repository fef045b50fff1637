"""What kind of page a capture is."""

from pathlib import Path

import pytest
from support.pages import make_page

from archive.kinds import PageKind
from pipeline.quality import count_words
from pipeline.text import document

PAGES = Path(__file__).parent / "pages"
ARTICLE = (PAGES / "article.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("article", PageKind.ARTICLE, "declared an article"),
        ("consent_topic", PageKind.ARTICLE, "declared an article"),
        ("doubled", PageKind.ARTICLE, "4 paragraphs"),
        ("brief", PageKind.BRIEF, "28 words"),
        ("liveblog", PageKind.LIVE_BLOG, "JSON-LD LiveBlogPosting"),
        ("teaser", PageKind.TEASER, "JSON-LD isAccessibleForFree: false"),
        ("consent", PageKind.CONSENT_WALL, "says 'we value your privacy'"),
        ("consent_de", PageKind.CONSENT_WALL, "says 'alle akzeptieren'"),
        ("botwall", PageKind.BOT_WALL, "says 'just a moment'"),
        ("soft404", PageKind.SOFT_404, "says 'page not found'"),
        ("index", PageKind.INDEX, "the body is links, as is 97% of the page"),
        ("script_page", PageKind.EMPTY, "no visible text"),
    ],
)
def test_kinds(name: str, kind: PageKind, reason: str) -> None:
    """Each page is what it is, and says why."""
    found = document(make_page((PAGES / f"{name}.html").read_bytes())).quality

    assert found.kind is kind
    assert reason in found.reasons


@pytest.mark.parametrize("name", ["consent", "consent_de", "botwall", "soft404", "index"])
def test_nothing_makes_a_wall_an_article(name: str) -> None:
    """Neither a date, an author, og:type article nor a long address turns a wall or an error page into an article."""
    text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    dressed = text.replace(
        "<head>",
        '<head><meta property="og:type" content="article"><meta property="article:published_time" content="2026-05-04">'
        '<meta name="author" content="Mara Fenwick"><meta property="og:site_name" content="The Lowmoor Courier">',
    )

    assert document(make_page(dressed)).quality.kind not in {PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG}


def test_a_refusal_with_a_challenge_is_a_bot_wall() -> None:
    """The marks of a challenge count beside a refusal; on a page that lets us in they are everywhere."""
    challenge = (
        '<!DOCTYPE html><html><head><title>Hello</title></head><body><p>One second.</p><script src="https://captcha-delivery.com/c.js">'
    )

    assert document(make_page(challenge, status=403)).quality.kind is PageKind.BOT_WALL
    assert document(make_page(challenge, headers=(("CF-Mitigated", "challenge"),))).quality.kind is PageKind.BOT_WALL
    assert document(make_page(challenge)).quality.kind is not PageKind.BOT_WALL
    marked = ARTICLE.replace("</body>", '<script src="https://captcha-delivery.com/c.js"></script></body>')
    assert document(make_page(marked)).quality.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "status 404"), (410, "status 410"), (500, "status 500"), (451, "status 451")], ids=str
)
def test_an_error_is_no_article(status: int, reason: str) -> None:
    """A page that comes with an error is none of ours, however much it looks like an article."""
    found = document(make_page(ARTICLE, status=status)).quality

    assert (found.kind, found.reasons[0]) == (PageKind.NOT_ARTICLE, reason)


def test_a_consent_host_is_a_wall() -> None:
    """A redirect to the host that asks for consent ends at a wall, whatever language it speaks."""
    wall = "<!DOCTYPE html><html><head><title>…</title></head><body><p>Küpsiste kasutamine</p></body></html>"

    assert document(make_page(wall, url="https://consent.courier.example/v2/collect?sessionId=1")).quality.kind is PageKind.CONSENT_WALL


def test_the_front_page_is_an_index() -> None:
    """The root of a site lists articles, even one that shows whole paragraphs of them."""
    text = ARTICLE[: ARTICLE.index("<script")] + ARTICLE[ARTICLE.index("</script>") + 9 :]

    assert document(make_page(text, url="https://courier.example/")).quality.kind is PageKind.INDEX
    assert document(make_page(text)).quality.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("body", "mime", "kind"),
    [
        (b"", "text/html", PageKind.EMPTY),
        (b" \n", None, PageKind.EMPTY),
        (b"%PDF-1.7 ...", "application/pdf", PageKind.NOT_HTML),
        (b'{"a": 1}', "application/json", PageKind.NOT_HTML),
        (b"\x89PNG\r\n\x1a\n", "image/png", PageKind.NOT_HTML),
        (b"just text", "text/plain", PageKind.NOT_HTML),
        (b"just text", "text/html", PageKind.NOT_HTML),
        (b"<rss version='2.0'></rss>", "application/rss+xml", PageKind.NOT_HTML),
    ],
)
def test_what_is_no_html(body: bytes, mime: str | None, kind: PageKind) -> None:
    """Anything else than HTML is named as such, and has no text."""
    found = document(make_page(body, mime=mime))

    assert (found.quality.kind, found.text, found.blocks) == (kind, "", ())


@pytest.mark.parametrize("mime", ["text/plain", "application/octet-stream", None, "TEXT/HTML; charset=utf-8", "application/xhtml+xml"])
def test_html_under_any_type(mime: str | None) -> None:
    """Pages that begin like HTML are read as HTML, whatever the server calls them."""
    assert document(make_page(ARTICLE, mime=mime)).quality.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one two", 2), ("  don't  count — marks ", 4), ("渡し船が戻る", 3), ("ferry 渡し船", 2), ("паром вернулся", 2)],
)
def test_words(text: str, words: int) -> None:
    """Words are counted by their spaces; where a script sets none, two characters make a word."""
    assert count_words(text) == words
