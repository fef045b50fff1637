"""What kind of page a capture is."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.pages import make_page

from archive.kinds import PageKind
from archive.records import Page, Quality
from pipeline.quality import count_words, of_redirect
from pipeline.text import document
from pipeline.walls import refusal

HERE = Path(__file__).parent
PAGES = HERE / "pages"
ARTICLE = (PAGES / "article.html").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases/quality.yaml").read_text(encoding="utf-8"))
TEXTS = {PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG}


def page_of(case: dict[str, Any]) -> Page:
    """The page of a row of the table."""
    given = {key: case[key] for key in ("url", "status") if key in case}
    return make_page((PAGES / "quality" / f"{case['page']}.html").read_bytes(), headers=tuple(case.get("headers", {}).items()), **given)


@cache
def judged(name: str) -> Quality:
    """The verdict on the page of that name."""
    return document(page_of(next(case for case in CASES if case["page"] == name))).quality


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["page"])
def test_systems_and_shapes(case: dict[str, Any]) -> None:
    """Each page of the table is what it is and says why: walls, error pages, lists, players, and articles that look like them."""
    found = judged(case["page"])

    assert found.kind == case["kind"]
    assert any(case["reason"] in reason for reason in found.reasons), found.reasons


def test_the_table_is_whole() -> None:
    """Every page has a row, every kind that is judged by its page alone has a page, and 20 articles or more look like something else."""
    names = [case["page"] for case in CASES]

    assert sorted(names) == sorted(path.stem for path in (PAGES / "quality").glob("*.html"))
    assert {case["kind"] for case in CASES} == {str(kind) for kind in PageKind} - {PageKind.NOT_HTML, PageKind.WALL}
    assert sum(name.startswith("not-") for name in names) >= 20


def test_a_confidence_is_no_promise_that_is_broken() -> None:
    """Of the verdicts of each grade at least the share is right that the grade says."""
    grades: dict[float, list[bool]] = defaultdict(list)
    for case in CASES:
        grades[judged(case["page"]).confidence].append(judged(case["page"]).kind == case["kind"])

    assert len(grades) >= 3
    assert not {grade: right for grade, right in grades.items() if sum(right) / len(right) < grade}


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
        ("botwall", PageKind.BOT_WALL, "Cloudflare: mark '/orchestrate/chl_'"),
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


DRESS = (
    '<head><meta property="og:type" content="article"><meta property="article:published_time" content="2026-05-04">'
    '<meta name="author" content="Mara Fenwick"><meta property="og:site_name" content="The Lowmoor Courier">'
)
UNDRESSED = [case for case in CASES if case["kind"].endswith("_wall") or case["kind"] in {"soft_404", "maintenance"}]


@pytest.mark.parametrize("case", UNDRESSED, ids=lambda case: case["page"])
def test_nothing_makes_a_wall_an_article(case: dict[str, Any]) -> None:
    """Neither a date, an author, og:type article nor a long address turns a wall or an error page into an article."""
    page = page_of(case)
    text = page.body.decode()
    dressed = text.replace("<head>", DRESS) if "<head>" in text else text.replace("<html", f"<html>{DRESS}</head><html", 1)
    given = {key: case[key] for key in ("url", "status") if key in case}

    assert document(make_page(dressed, headers=page.headers, **given)).quality.kind not in TEXTS


def test_marks_count_where_there_is_nothing_to_read() -> None:
    """A challenge's own mark on a bare page is a wall with any status; what protected pages carry too counts beside a refusal alone."""
    challenge = "<!DOCTYPE html><html><head><title>Hello</title></head><body><p>One second.</p><script src='https://{}'></script>"
    own, shared = challenge.format("ct.captcha-delivery.com/c.js"), challenge.format("www.google.com/recaptcha/api.js")

    assert document(make_page(own)).quality.kind is PageKind.BOT_WALL
    assert document(make_page(shared, status=403)).quality.kind is PageKind.BOT_WALL
    assert document(make_page(shared)).quality.kind is not PageKind.BOT_WALL
    assert document(make_page(shared, headers=(("CF-Mitigated", "challenge"),))).quality.kind is PageKind.BOT_WALL
    marked = ARTICLE.replace("</body>", '<script src="https://ct.captcha-delivery.com/c.js"></script></body>')
    assert document(make_page(marked)).quality.kind is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("status", "headers", "body", "system"),
    [
        (404, (), "<script>window._cf_chl_opt={}</script>", "Cloudflare"),
        (410, (), "<p>errors.edgesuite.net/18.5c</p>", "Akamai"),
        (202, (("x-amzn-waf-action", "challenge"),), "", "AWS WAF"),
        (404, (("X-Vercel-Mitigated", "deny"),), "no", "Vercel"),
        (403, (), '{"url":"https://geo.captcha-delivery.com/captcha/"}', "DataDome"),
        (403, (("Server", "AkamaiGHost"),), "no", "Akamai"),
        (404, (("Server", "AkamaiGHost"),), "<p>Not here.</p>", None),
        (404, (("Server", "cloudflare"),), '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>', None),
        (404, (), '<div id="onetrust-banner-sdk">We value your privacy</div><script src="/recaptcha/api.js"></script>', None),
        (500, (), "<p>Sorry.</p>", None),
    ],
)
def test_a_wall_may_come_with_any_status(status: int, headers: tuple[tuple[str, str], ...], body: str, system: str | None) -> None:
    """An answer other than a plain page is a wall's when a header or its own mark says so; a plain error of a protected site is none."""
    page = make_page(body, status=status, headers=headers)
    found = refusal(page)

    assert (found.reasons[0].partition(":")[0] if found else None) == system
    assert found is None or (found.kind is PageKind.BOT_WALL and document(page).quality == found)


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("/", PageKind.REDIRECT_HOME),
        ("https://www.courier.example/", PageKind.REDIRECT_HOME),
        ("/index.html", PageKind.REDIRECT_HOME),
        ("/en/", PageKind.REDIRECT_HOME),
        ("https://consent.yahoo.com/v2/collectConsent?sessionId=1", PageKind.CONSENT_WALL),
        ("https://guce.advertising.com/collectIdentifiers", PageKind.CONSENT_WALL),
        ("https://geo.captcha-delivery.com/captcha/?cid=1", PageKind.BOT_WALL),
        ("/account/login?return=%2F2026", PageKind.LOGIN_WALL),
        ("/2026/05/harbour-ferry-returns/", None),
        ("https://courier.example/2026/05/ferry-back", None),
        ("/bay/login-trouble-at-the-bank", None),
        ("https://other.example/", None),
        ("/?p=4711", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_where_a_redirect_leads(location: str | None, kind: PageKind | None) -> None:
    """The way home or to a wall is named; the way to another address of the article is not."""
    found = of_redirect("https://courier.example/2026/05/harbour-ferry-returns", location)

    assert (found.kind if found else None) == kind


@pytest.mark.parametrize("url", ["https://courier.example/", "https://courier.example/en", "https://courier.example/bay"])
def test_a_front_page_may_move_to_another(url: str) -> None:
    """A front page or a section that leads to the front page is no article that was taken away."""
    assert of_redirect(url, "https://courier.example/") is None


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (404, PageKind.NOT_ARTICLE, "status 404"),
        (410, PageKind.NOT_ARTICLE, "status 410"),
        (500, PageKind.NOT_ARTICLE, "status 500"),
        (451, PageKind.LEGAL_WALL, "status 451"),
    ],
    ids=str,
)
def test_an_error_is_no_article(status: int, kind: PageKind, reason: str) -> None:
    """A page that comes with an error is none of ours, however much it looks like an article."""
    found = document(make_page(ARTICLE, status=status)).quality

    assert (found.kind, found.reasons[0]) == (kind, reason)


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
