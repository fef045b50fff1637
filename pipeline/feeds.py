"""Feeds: what an outlet says it has published, as entries.

``parse_feed`` reads RSS, Atom, RDF and JSON Feed from the bytes that came.  URLs are absolute, without fragment, fit to be fetched; an
entry without one is passed over.  Texts are plain, without markup.  Times are aware and in UTC; one that cannot be read is None.
Whatever the bytes are, the only error is ``FeedError``: what declares entities, is too long or is no feed is refused.
``parse_sitemap`` and ``is_sitemap`` stand in ``pipeline.sitemaps`` and are given here too, so that a reader of lists needs one module.
"""

import io
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from pipeline.listing import Entry, FeedError, absolute, absolute_id, moment, plain, refuse_entities
from pipeline.sitemaps import Sitemap, is_sitemap, parse_sitemap

__all__ = ["Entry", "FeedError", "Sitemap", "is_feed", "is_sitemap", "parse_feed", "parse_sitemap"]

LIMIT = 10 * 1024 * 1024  # bytes of a feed
_TAGS = 100_000  # signs that could open one: feedparser takes 30 µs for each, and the largest honest feeds have 20,000
_SNIFFED = 4096
_XML_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|rdf|html|head|body)\b", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org')
_PAGES = ("text/html", "application/xhtml+xml")


def is_feed(body: bytes, mime: str | None) -> bool:
    """Whether the bytes are a feed; what the server calls them only matters for JSON."""
    start = body[:_SNIFFED].replace(b"\0", b"")
    if root := _XML_ROOT.search(start):
        return root[1].lower() in {b"rss", b"feed", b"rdf"}
    return mime not in _PAGES and bool(_JSON_FEED.search(start))


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> tuple[Entry, ...]:
    """The entries of the feed that was fetched from ``url``, in its order; FeedError when it is none."""
    if len(body) > LIMIT:
        raise FeedError(f"a feed of {len(body)} bytes; the limit is {LIMIT}")
    if body.lstrip()[:1] == b"{":
        return tuple(_json_entries(body, url))
    if body.count(b"<") > _TAGS:
        raise FeedError(f"more than {_TAGS} tags")
    refuse_entities(body)
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    try:
        # Sanitising is for browsers and takes most of the time; a stream keeps feedparser from opening what looks like a path or a URL.
        feed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
        entries = tuple(_xml_entries(feed, url))
    except Exception as error:  # its fallback parser is fed hostile bytes, and no list of what it may raise exists
        raise FeedError(f"cannot be read as a feed: {type(error).__name__}: {error}") from error
    if not feed.get("version"):
        raise FeedError("neither RSS, Atom nor RDF")
    return entries


def _xml_entries(feed: Any, url: str) -> Iterator[Entry]:
    for item in feed.entries:
        link = item.get("feedburner_origlink") or item.get("link") or absolute_id(item.get("id"))
        if target := absolute(link, url):
            yield Entry(
                url=target,
                title=plain(item.get("title")),
                summary=plain(item.get("summary")),
                published=_instant(dict.get(item, "published_parsed")),
                modified=_instant(dict.get(item, "updated_parsed")),
            )


def _instant(parsed: time.struct_time | None) -> datetime | None:
    """Feedparser's time, which is in UTC; ``item.get`` would give the one time for the other."""
    try:
        return datetime(*parsed[:6], tzinfo=UTC) if parsed else None
    except ValueError:
        return None


def _json_entries(body: bytes, url: str) -> Iterator[Entry]:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"cannot be read as a JSON feed: {error}") from error
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise FeedError("JSON, but no JSON feed")
    for item in feed["items"]:
        if isinstance(item, dict) and (target := absolute(item.get("url") or item.get("external_url") or absolute_id(item.get("id")), url)):
            yield Entry(
                url=target,
                title=plain(item.get("title")),
                summary=plain(item.get("summary") or item.get("content_text") or item.get("content_html")),
                published=moment(item.get("date_published")),
                modified=moment(item.get("date_modified")),
            )
