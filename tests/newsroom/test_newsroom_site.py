"""What the demo's outlets answer: a pure function of request and time, which keeps to ``expected.yaml``."""

import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from scrapy import Selector

from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, Response, respond
from copytrail.newsroom.content import Article, Outlet, outlets

CRAWLS = {"first": FIRST_CRAWL, "second": SECOND_CRAWL}
ARTICLES = [article for outlet in outlets().values() for article in outlet.articles]


def get(url: str, now: datetime = FIRST_CRAWL, /, **headers: str) -> Response:
    """Ask for a URL; header names are written with an underscore."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return respond(parts.netloc, path, {name.replace("_", "-"): value for name, value in headers.items()}, now)


def text(response: Response) -> str:
    """Return the body as a browser would read it."""
    charset = re.search(r"charset=(\S+)", dict(response.headers)["content-type"])
    return response.body.decode(charset[1] if charset else "utf-8")


def words(response: Response) -> str:
    """Return what a reader sees of the page, in one line."""
    return " ".join(" ".join(Selector(text=text(response)).xpath("//body//text()").getall()).split())


def pages(outlet: Outlet) -> Iterator[str]:
    """Yield the URL of every HTML page that the outlet has at some time."""
    yield from (f"http://{outlet.host}{path}" for path, template in outlet.routes.items() if template.endswith(".html"))
    for article in outlet.articles:
        yield article.url
        if article.amp:
            yield f"{article.url}amp/"


EVERY_PAGE = [url for outlet in outlets().values() for url in pages(outlet)]


def references(url: str, now: datetime) -> Iterator[str]:
    """Yield every address that the page links to, loads or names in its head."""
    page = Selector(text=text(get(url, now, cookie="consent=yes")))
    for found in page.xpath("//@href | //@src | //@action | //meta[starts-with(@content, 'http')]/@content").getall():
        yield urljoin(url, found)


@pytest.mark.parametrize("url", EVERY_PAGE)
def test_the_same_request_gives_the_same_bytes(url: str) -> None:
    """Nothing but the request and the time goes into an answer."""
    assert get(url, accept_encoding="gzip") == get(url, accept_encoding="gzip")


@pytest.mark.parametrize("now", CRAWLS.values(), ids=CRAWLS)
@pytest.mark.parametrize("url", EVERY_PAGE)
def test_every_link_leads_to_a_page_of_the_newsroom(url: str, now: datetime, expected: Mapping[str, Any]) -> None:
    """A page links to nothing outside, and to nothing dead but what an outlet took down."""
    gone = {entry["url"] for entry in expected["gone"]}
    for link in set(references(url, now)):
        assert urlsplit(link).hostname in outlets(), link
        assert get(link, now).status in {200, 301, 303} or (now == SECOND_CRAWL and link in gone), link


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.path)
def test_an_article_appears_when_it_is_published(article: Article) -> None:
    """Before its time an article's URL answers 404; from then on 200."""
    assert get(article.url, article.published - timedelta(seconds=1)).status == 404
    assert get(article.url, article.published).status == 200


@pytest.mark.parametrize("article", [article for article in ARTICLES if article.events], ids=lambda article: article.path)
def test_an_event_happens_at_its_time(article: Article) -> None:
    """A second before the event the page is as it was, from its time on it differs."""
    for event in article.events:
        before, after = get(article.url, event.at - timedelta(seconds=1)), get(article.url, event.at)
        assert before.status == 200
        assert after.status == (event.status or 200)
        assert words(before) != words(after)


def test_every_article_is_spoken_of(expected: Mapping[str, Any]) -> None:
    """Each article is a member, a distractor, refused or walled, and is only one of them."""
    lists = [
        [entry["url"] for entry in expected["members"]],
        expected["distractors"],
        [entry["url"] for entry in expected["refused_robots"]],
        expected["walled"],
    ]
    named = [url for urls in lists for url in urls]
    comments = "http://strandpost.example/comments/nobody-asked-us-to-close-the-bridge-says-minister/"
    assert sorted(named) == sorted([*(article.url for article in ARTICLES), comments])


def test_members_are_there_in_the_crawl_that_can_find_them(expected: Mapping[str, Any]) -> None:
    """A member of the second crawl is not there in the first."""
    for member in expected["members"]:
        assert get(member["url"], FIRST_CRAWL).status == (200 if member["in"] == "first" else 404)


def test_changes_show_the_words_that_are_expected(expected: Mapping[str, Any]) -> None:
    """Removed words stand in the first crawl's page only, added words in the second's only."""
    for change in expected["changes"]:
        before, after = words(get(change["url"], FIRST_CRAWL)), words(get(change["url"], SECOND_CRAWL))
        for removed in change["removed"]:
            assert removed in before
            assert removed not in after.replace(change["added"][-1], "")
        for added in change["added"]:
            assert added not in before
            assert added in after


def test_gone_pages_answer_so(expected: Mapping[str, Any]) -> None:
    """A page that an outlet takes down was there in the first crawl."""
    for gone in expected["gone"]:
        assert (get(gone["url"], FIRST_CRAWL).status, get(gone["url"], SECOND_CRAWL).status) == (200, gone["status"])


def test_aliases_lead_to_their_member(expected: Mapping[str, Any]) -> None:
    """A redirect points to the member; the other addresses show it and name it as canonical."""
    for alias in expected["aliases"]:
        answer = get(alias["url"])
        if alias["kind"] == "redirect":
            assert answer.status == 301
            assert urljoin(alias["url"], dict(answer.headers)["location"]) == alias["of"]
        else:
            assert Selector(text=text(answer)).xpath("//link[@rel='canonical']/@href").get() == alias["of"]


def test_the_consent_page_stands_before_the_article(expected: Mapping[str, Any]) -> None:
    """Without the cookie the answer is 200 and no article; its link sets the cookie and leads back."""
    for url in expected["walled"]:
        wall = get(url)
        assert wall.status == 200
        assert "Before you continue" in words(wall)
        assert "counterweights" not in words(wall)
        accept = urljoin(url, Selector(text=text(wall)).xpath("//a[@class='accept']/@href").get())
        answer = dict(get(accept).headers)
        assert urljoin(accept, answer["location"]) == url
        assert "counterweights" in words(get(url, cookie=answer["set-cookie"].partition(";")[0]))


def test_the_consent_form_leads_to_walled_articles_only() -> None:
    """The address to go back to comes from outside: any other than a walled article is not found."""
    assert get("http://www.harbourtimes.example/consent?to=http://sixline.example/").status == 404


def test_validators_are_answered_with_304_until_the_page_changes(expected: Mapping[str, Any]) -> None:
    """A week later the pages named so are not modified, and those with other bytes or words are sent again."""
    for url in [*expected["not_modified"], *expected["same_text"], *(change["url"] for change in expected["changes"])]:
        first = dict(get(url, FIRST_CRAWL).headers)
        conditions = {"if_none_match": first.get("etag", ""), "if_modified_since": first.get("last-modified", "")}
        again = get(url, SECOND_CRAWL, **{name: value for name, value in conditions.items() if value})
        if url in expected["not_modified"]:
            assert (again.status, again.body) == (304, b"")
        else:
            assert again.status == 200
            assert again.body != get(url, FIRST_CRAWL).body


def test_same_text_is_the_same_text(expected: Mapping[str, Any]) -> None:
    """Where only the frame of a page changes, its paragraphs do not."""
    for url in expected["same_text"]:
        bodies = [Selector(text=text(get(url, now))).xpath("//article//p[not(@class)]").getall() for now in CRAWLS.values()]
        assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("vesta.example", {"last-modified"}),
        ("www.harbourtimes.example", {"etag", "last-modified"}),
        ("northcourier.example", {"etag"}),
        ("strandpost.example", {"etag"}),
        ("sixline.example", set()),
    ],
)
def test_each_outlet_has_its_validators(host: str, sent: set[str]) -> None:
    """Every way of a conditional request occurs, and one outlet has none."""
    assert {name for name, _ in get(f"http://{host}/").headers} & {"etag", "last-modified"} == sent


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"if_none_match": '"other", *'}, 304),
        ({"if_none_match": '"other"', "if_modified_since": "Wed, 13 May 2026 09:00:00 GMT"}, 200),
        ({"if_modified_since": "Wed, 13 May 2026 09:00:00 GMT"}, 304),
        ({"if_modified_since": "Fri, 08 May 2026 09:00:00 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
    ],
)
def test_conditions_are_evaluated_as_rfc_9110_says(condition: dict[str, str], status: int) -> None:
    """If-None-Match goes before If-Modified-Since; a date that cannot be read is no condition."""
    assert get("http://www.harbourtimes.example/news", **condition).status == status


def test_gzip_is_sent_to_those_who_take_it() -> None:
    """The coded body is the plain one, and only the outlet with gzip codes it."""
    url = "http://www.harbourtimes.example/"
    plain, coded = get(url), get(url, accept_encoding="gzip, deflate")
    assert dict(coded.headers)["content-encoding"] == "gzip"
    assert gzip.decompress(coded.body) == plain.body
    assert "content-encoding" not in dict(get("http://vesta.example/", accept_encoding="gzip").headers)


def test_one_outlet_writes_latin_1() -> None:
    """Its letters are sent in one byte each, what the charset lacks as a reference."""
    answer = get("http://strandpost.example/coast/library-boat-begins-its-season/")
    assert "Ulsø".encode("latin-1") in answer.body
    assert "Ulsø" in words(answer)
    assert "“short stop”" in words(get("http://strandpost.example/coast/nobody-asked-us-to-close-the-bridge-says-minister/"))


def test_unknown_hosts_paths_and_methods() -> None:
    """A host that is no outlet's and a path that is no page's give 404; the outlets are for reading."""
    assert get("http://www.example/").status == 404
    assert get("http://vesta.example/nothing").status == 404
    assert get("http://vesta.example/assets/..%2fsite.py").status == 404
    assert respond("vesta.example", "/", {}, FIRST_CRAWL, method="POST").status == 405
    assert get("http://sixline.example/robots.txt").status == 404


def test_the_date_of_an_answer_is_the_newsrooms() -> None:
    """The clock that is passed in dates the answer."""
    assert dict(get("http://vesta.example/", datetime(2026, 5, 14, 1, 2, 3, tzinfo=UTC)).headers)["date"] == "Thu, 14 May 2026 01:02:03 GMT"
