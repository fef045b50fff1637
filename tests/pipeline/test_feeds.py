"""Feeds and sitemaps: what they list, and that hostile ones are refused."""

import contextlib
import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds import FeedError, is_feed, is_sitemap, parse_feed, parse_sitemap
from pipeline.listing import Entry

URL = "https://ledger.example/feeds/news"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Ledger</title><link>https://ledger.example/</link>
<item><title>Bridge &amp;amp; tide: &lt;b&gt;opens&lt;/b&gt; in May</title><link>/2024/bridge?a=1&amp;b=2#top</link>
<pubDate>Sun, 03 Mar 2024 10:00:00 +0100</pubDate>
<description><![CDATA[<p>Carts may <i>cross</i>.</p><script>x()</script>]]></description></item>
<item><title>Only an id</title><guid>https://ledger.example/guid</guid><pubDate>some day</pubDate></item>
<item><title>No address</title></item>
<item><title>A mail</title><link>mailto:desk@ledger.example</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://ledger.example/a/"><title>Ledger</title>
<entry><title type="html">Bridge &lt;i&gt;opens&lt;/i&gt;</title><link rel="alternate" href="bridge"/><id>tag:1</id>
<published>2024-03-03T10:00:00+01:00</published><updated>2024-03-04T10:00:00Z</updated><summary>Carts.</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://ledger.example/"><title>Ledger</title></channel>
<item rdf:about="https://ledger.example/bridge"><title>Bridge opens</title><link>https://ledger.example/bridge</link><dc:date>2024-03-03T09:00Z</dc:date></item></rdf:RDF>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Ledger",
    "items": [
        {
            "id": "1",
            "url": "bridge",
            "title": "Bridge opens",
            "content_html": "<p>Carts.</p>",
            "date_published": "2024-03-03T10:00:00+01:00",
        },
        {"id": "2", "title": "No address"},
        "no object",
    ],
}
NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://ledger.example/rivets.png</image:loc><image:title>Rivets</image:title></image:image>
<loc> https://ledger.example/bridge </loc>
<lastmod>2024-03-04</lastmod><news:news><news:publication><news:name>Ledger</news:name></news:publication>
<news:publication_date>2024-03-03T10:00:00+01:00</news:publication_date><news:title>Bridge &amp; tide</news:title></news:news></url>
<url><loc>https://ledger.example/news/ferry-queue_grows</loc></url><url><loc>ftp://ledger.example/x</loc></url></urlset>"""
INDEX = """<sitemapindex><sitemap><loc>/news.xml.gz</loc><lastmod>2024-03-04</lastmod></sitemap>
<sitemap><loc>/news.xml.gz</loc></sitemap></sitemapindex>"""
TEN = datetime(2024, 3, 3, 9, 0, tzinfo=UTC)


def test_rss() -> None:
    """Addresses are absolute and without fragment, texts without markup, times in UTC; what cannot be fetched is passed over."""
    first, second = parse_feed(RSS.encode(), URL)

    assert first == Entry(
        url="https://ledger.example/2024/bridge?a=1&b=2",
        title="Bridge & tide: opens in May",
        published=TEN,
        summary="Carts may cross . x()",
    )
    assert (second.url, second.published) == ("https://ledger.example/guid", None)


def test_atom() -> None:
    """The base of the document counts, and publication and change are two times."""
    (entry,) = parse_feed(ATOM.encode(), URL)

    assert entry == Entry(
        url="https://ledger.example/a/bridge",
        title="Bridge opens",
        published=TEN,
        summary="Carts.",
        modified=datetime(2024, 3, 4, 10, tzinfo=UTC),
    )


def test_rdf() -> None:
    """RSS 1.0 dates its entries in Dublin Core."""
    (entry,) = parse_feed(RDF.encode(), URL)

    assert (entry.url, entry.title, entry.published or entry.modified) == ("https://ledger.example/bridge", "Bridge opens", TEN)


def test_json_feed() -> None:
    """Entries without an address and values that are no entries are passed over."""
    (entry,) = parse_feed(json.dumps(JSON).encode(), URL)

    assert entry == Entry(url="https://ledger.example/feeds/bridge", title="Bridge opens", published=TEN, summary="Carts.")


def test_the_charset_of_the_header_is_believed() -> None:
    """A feed without a declaration is read as its Content-Type says."""
    body = "<rss version='2.0'><channel><item><title>Brücke</title><link>https://ledger.example/b</link></item></channel></rss>".encode(
        "cp1252"
    )

    assert parse_feed(body, URL, "application/rss+xml; charset=windows-1252")[0].title == "Brücke"


def test_a_feed_with_broken_xml_still_lists() -> None:
    """A bare ampersand breaks XML and not the feed."""
    (entry,) = parse_feed(
        b"<rss version='2.0'><channel><item><title>Bridge & tide</title><link>https://ledger.example/b</link></item>", URL
    )

    assert entry.title == "Bridge & tide"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>no feed</body></html>",
        b"plain text",
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b"{" + b'"a":{' * 50_000,
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><title>&a;</title></channel></rss>'.encode(
            "utf-16"
        ),
        b"<rss>" + b"<item>" * 200_000,
        b"<rss>" + b" " * 11_000_000,
    ],
    ids=["empty", "page", "text", "json", "json without items", "deep json", "entity", "external entity", "many tags", "too long"],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    """FeedError says why, in less than a second."""
    started = time.process_time()

    with pytest.raises(FeedError, match=r"\w"):
        parse_feed(body, URL)
    assert time.process_time() - started < 1


def test_news_sitemap() -> None:
    """News title and date are the article's; titles and addresses of images are not."""
    sitemap = parse_sitemap(NEWS.encode(), "https://ledger.example/sitemap.xml")

    assert sitemap.children == ()
    assert sitemap.entries == (
        Entry(url="https://ledger.example/bridge", title="Bridge & tide", published=TEN, modified=datetime(2024, 3, 4, tzinfo=UTC)),
        Entry(url="https://ledger.example/news/ferry-queue_grows"),
    )
    assert sitemap.entries[1].text == "news ferry queue grows"


def test_sitemap_index_packed_or_not() -> None:
    """Children are given once, absolute; gzip is known by its first bytes."""
    for body in (INDEX.encode(), gzip.compress(INDEX.encode()), INDEX.encode("utf-16")):
        sitemap = parse_sitemap(body, "https://ledger.example/sitemap.xml")

        assert (sitemap.entries, sitemap.children) == ((), ("https://ledger.example/news.xml.gz",))


def test_a_sitemap_may_be_a_list_of_urls() -> None:
    """The protocol's plain text form."""
    sitemap = parse_sitemap(b"\xef\xbb\xbfhttps://ledger.example/a\r\nhttps://ledger.example/b\r\n", "https://ledger.example/sitemap.txt")

    assert [entry.url for entry in sitemap.entries] == ["https://ledger.example/a", "https://ledger.example/b"]


BOMB = (
    b"<!DOCTYPE urlset ["
    b'<!ENTITY a "bbbbbbbbbb">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(9)) + b"]><urlset>&a8;</urlset>"
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>no sitemap</body></html>",
        b"<urlset><url><loc>https://ledger.example/a</loc>",
        b"\x1f\x8bno gzip",
        gzip.compress(NEWS.encode())[:-20],
        gzip.compress(b"<urlset>" + b" " * 60_000_000 + b"</urlset>"),
        BOMB,
        b'<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/hostname">]><urlset><url><loc>https://ledger.example/&a;</loc></url></urlset>',
        b"<urlset>" + b"<url><loc>https://ledger.example/a</loc></url>" * 50_001 + b"</urlset>",
        b"<urlset>" + b"<a>" * 300 + b"</a>" * 300 + b"</urlset>",
        RSS.encode(),
    ],
    ids=["empty", "page", "cut", "no gzip", "gzip cut", "gzip bomb", "entity bomb", "external entity", "too many", "too deep", "feed"],
)
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    """FeedError says why, in a few seconds of work and without unpacking beyond the limit."""
    started = time.process_time()

    with pytest.raises(FeedError, match=r"\w"):
        parse_sitemap(body, "https://ledger.example/sitemap.xml")
    assert time.process_time() - started < 5


def test_feeds_and_sitemaps_are_told_apart_by_their_bytes() -> None:
    """What the server calls them does not matter: feeds are served as text/html, pages as text/xml."""
    assert all(is_feed(body.encode(), "text/html") for body in (RSS, ATOM, RDF))
    assert is_feed(json.dumps(JSON).encode(), "application/json")
    assert all(is_sitemap(body) for body in (NEWS.encode(), INDEX.encode(), gzip.compress(INDEX.encode())))
    page = b"<!DOCTYPE html><html><head><title>About rss</title></head><body>&lt;rss&gt; <feed></body></html>"
    assert not is_feed(page, "text/xml")
    assert not is_sitemap(page)
    assert not is_feed(NEWS.encode(), None)
    assert not is_sitemap(RSS.encode())
    assert not is_feed(b"", None)
    assert not is_sitemap(b"\x1f\x8b")


PIECES = (
    *("<rss>", "<channel>", "<item>", "<title>", "<link>", "</item>", "<pubDate>99999-01-01", "<entry>", "<feed>", "<updated>"),
    *("<urlset>", "<url>", "<loc>", "</loc>", "</url>", "</urlset>", "https://a.example/", "http://[", "{", '"items":'),
    *("<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE a [", "]>", "&lt;", "&", "&#0;", "<a:b c='", "<?xml version='1.0' encoding='utf-7'?>"),
    *("\0", "\ufeff", "\ud800"),
)
MARKUP = st.lists(st.sampled_from(PIECES), max_size=30).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))


@given(body=st.binary(max_size=300) | MARKUP | MARKUP.map(gzip.compress))
def test_hostile_bytes_give_entries_or_an_error(body: bytes) -> None:
    """Whatever the bytes: URLs that can be fetched, or FeedError, and never a crash."""
    is_feed(body, None)
    is_sitemap(body)
    entries: list[Entry] = []
    with contextlib.suppress(FeedError):
        entries += parse_feed(body, URL)
    with contextlib.suppress(FeedError):
        entries += parse_sitemap(body, URL).entries

    assert all(entry.url.startswith(("http://", "https://")) for entry in entries)
