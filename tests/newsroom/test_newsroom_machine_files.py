"""The files that the demo's outlets write for machines: feeds, sitemaps, robots.txt and JSON-LD."""

import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree
from protego import Protego
from scrapy import Selector

from copytrail.newsroom import FIRST_CRAWL, SECOND_CRAWL, respond
from copytrail.newsroom.content import Article, outlets
from copytrail.newsroom.pages import shown

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
FEEDS = ["http://www.harbourtimes.example/rss", "http://strandpost.example/feed/", "http://sixline.example/atom.xml"]
SITEMAPS = ["http://vesta.example/sitemap-index.xml", "http://northcourier.example/sitemaps/index.xml"]
LISTED = [(article, crawl) for outlet in outlets().values() for crawl in (FIRST_CRAWL, SECOND_CRAWL) for article in shown(outlet, crawl)]


def body(url: str, now: datetime) -> bytes:
    """Return what the URL answers, which must be 200."""
    answer = respond(urlsplit(url).netloc, urlsplit(url).path, {}, now)
    assert answer.status == 200
    return answer.body


def robots(host: str) -> Protego:
    """Return the robots.txt of the host, as Scrapy reads it."""
    return Protego.parse(body(f"http://{host}/robots.txt", FIRST_CRAWL).decode())


@pytest.mark.parametrize("now", [FIRST_CRAWL, SECOND_CRAWL], ids=["first", "second"])
@pytest.mark.parametrize("url", FEEDS)
def test_feeds_are_well_formed_and_list_what_is_out(url: str, now: datetime) -> None:
    """A strict reader finds each article that is shown, with its headline and time; its link may carry the feed's tracking query."""
    outlet = outlets()[urlsplit(url).netloc]
    feed = feedparser.parse(body(url, now))
    assert not feed.bozo
    assert feed.encoding == outlet.charset
    assert [(entry.title, entry.link.partition("?")[0]) for entry in feed.entries] == [(a.title, a.url) for a in shown(outlet, now)]
    for entry, article in zip(feed.entries, shown(outlet, now), strict=True):
        assert entry.published_parsed[:6] == article.published.utctimetuple()[:6]
        assert urlsplit(entry.link).query == outlet.tracking


def test_pages_announce_their_feed() -> None:
    """The head of a page names the feed where there is one."""
    for url in FEEDS:
        page = Selector(text=body(f"http://{urlsplit(url).netloc}/", FIRST_CRAWL).decode("latin-1"))
        assert page.xpath("//link[@rel='alternate']/@href").get() == url


@pytest.mark.parametrize("now", [FIRST_CRAWL, SECOND_CRAWL], ids=["first", "second"])
@pytest.mark.parametrize("index", SITEMAPS)
def test_robots_txt_leads_to_the_news_sitemap(index: str, now: datetime) -> None:
    """robots.txt names the index, the index names the sitemap, and that lists what is out with headline and time; one is gzipped."""
    outlet = outlets()[urlsplit(index).netloc]
    assert list(robots(outlet.host).sitemaps) == [index]
    url = etree.fromstring(body(index, now)).findtext("s:sitemap/s:loc", "", SITEMAP)
    raw = body(url, now)
    news = etree.fromstring(gzip.decompress(raw) if url.endswith(".gz") else raw)
    assert [
        (
            entry.findtext("s:loc", namespaces=SITEMAP),
            entry.findtext("n:news/n:title", namespaces=SITEMAP),
            entry.findtext("n:news/n:publication_date", namespaces=SITEMAP),
        )
        for entry in news.findall("s:url", SITEMAP)
    ] == [(article.url, article.title, article.published.isoformat()) for article in shown(outlet, now)]


def test_robots_rules_matter(expected: Mapping[str, Any]) -> None:
    """What is named as refused is closed to copytrail, what is named as allowed is closed to others only."""
    for refused in expected["refused_robots"]:
        assert not robots(urlsplit(refused["url"]).netloc).can_fetch(refused["url"], "copytrail")
    for allowed in expected["allowed_robots"]:
        rules = robots(urlsplit(allowed["url"]).netloc)
        assert rules.can_fetch(allowed["url"], "copytrail")
        assert not rules.can_fetch(allowed["url"], "somebody")


def test_members_are_open_to_the_crawler(expected: Mapping[str, Any]) -> None:
    """No robots.txt stands in the way of a member, and no crawl delay is longer than a second."""
    for member in expected["members"]:
        host = urlsplit(member["url"]).netloc
        if host == "sixline.example":  # it has no robots.txt
            continue
        assert robots(host).can_fetch(member["url"], "copytrail")
        assert (robots(host).crawl_delay("copytrail") or 0) <= 1


def found_from(url: str) -> set[str]:
    """Return where one capture leads: the links in its text, and what the outlet's feed or sitemap lists."""
    outlet = outlets()[urlsplit(url).netloc]
    page = Selector(text=body(url, FIRST_CRAWL).decode("latin-1"))
    listed = {article.url for article in shown(outlet, FIRST_CRAWL)}
    return listed | {urljoin(url, link) for link in page.xpath("//article//p/a/@href | //article//u/a/@href").getall()}


def test_every_member_is_two_hops_from_the_seed_with_a_url(expected: Mapping[str, Any]) -> None:
    """From the one seed that gives a URL, links, feeds and sitemaps lead to the whole story."""
    start = expected["seeds"]["001_paper"]["original_url"]
    members = {member["url"] for member in expected["members"] if member["in"] == "first"}
    one = found_from(start) & members
    assert start in one < members
    assert members == one.union(*(found_from(url) & members for url in one))


def test_refused_pages_are_linked_from_members(expected: Mapping[str, Any]) -> None:
    """A crawler that follows a member's links meets the rule."""
    linked = {
        link
        for member in expected["members"]
        if member["in"] == "first"
        for link in Selector(text=body(member["url"], FIRST_CRAWL).decode("latin-1")).xpath("//article//a/@href").getall()
    }
    for refused in expected["refused_robots"]:
        assert urlsplit(refused["url"]).path in linked


@pytest.mark.parametrize(("article", "now"), LISTED, ids=lambda value: getattr(value, "path", None) or f"{value:%d}")
def test_pages_say_what_they_are(article: Article, now: datetime, expected: Mapping[str, Any]) -> None:
    """JSON-LD, canonical address and Open Graph agree with the article."""
    if article.url in expected["walled"]:
        return
    page = Selector(text=body(article.url, now).decode(outlets()[article.host].charset))
    said = json.loads(page.xpath("//script[@type='application/ld+json']/text()").get() or "")
    assert said["headline"] == article.title
    assert said["datePublished"] == article.published.isoformat()
    assert said["dateModified"] == article.modified.isoformat()
    assert page.xpath("//link[@rel='canonical']/@href").get() == article.url
    assert page.xpath("//meta[@property='og:title']/@content").get() == article.title
