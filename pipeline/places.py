"""Where in a body an address is written: what a lead's ``record`` and ``offset`` say.

Contract: pure.  ``offset`` counts bytes of the record's entity body with its codings undone, of a sitemap that is itself a gzip file those
of what it unpacks to; there the address begins, as the page writes it.  It is None, never a guess, when the address is not written out: in
UTF-16, as a relative path without a slash, spelled with characters that go over the wire encoded, or beyond ``LIMIT`` bytes.  Of several
places that of a link with the lead's words is taken, for an entry that of an element of its own; None when no link bears the words.

One pass over the body, whatever it holds, and a look-up for each run of characters that has a slash.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from archive.kinds import Found
from archive.records import Lead, Page
from pipeline.blocks import key
from pipeline.listing import FeedError
from pipeline.sitemaps import unpacked

LIMIT = 50 * 1024 * 1024
# A run of characters with a slash in it; begun at its beginning alone and never given back, so that one without is read once.
_RUN = re.compile(rb"(?<![^\s\"'<>\[\]])[^\s\"'<>\[\]/]*+/[^\s\"'<>\[\]]*+")
_LINKED = frozenset({Found.LINK, Found.RELATED, Found.WIDGET})  # their titles are the words of their links
_LISTED = frozenset({Found.FEED, Found.SITEMAP, Found.SITEMAP_LINK})
_NEAR = 2000  # bytes from an address to the end of its link's words
_MOST = 20  # places of one address that are looked at
_MARKUP = re.compile(rb"<[^<>]*>?")


def located(leads: Sequence[Lead], page: Page) -> list[Lead]:
    """The leads that ``page`` gave, each with its record and, where that can be told, its offset."""
    body = _text(page.body)
    known = places(body, page.capture.url, {lead.url for lead in leads if lead.url})
    record = page.capture.refers_to or page.capture.id
    return [replace(lead, record=record, offset=_chosen(body, lead, known.get(lead.url or "", ()), page.charset)) for lead in leads]


def _text(body: bytes) -> bytes:
    try:
        return unpacked(body, LIMIT, cut=True)
    except FeedError:  # bytes that only begin like gzip
        return b""


def places(body: bytes, base: str, urls: Iterable[str]) -> Mapping[str, Sequence[int]]:
    """The offsets at which each of ``urls`` is written in ``body``: whole or, on the host of ``base``, as a path with its slash."""
    spelled = {spelling: url for url in urls for spelling in _spellings(url, base)}
    found: dict[str, list[int]] = {}
    for match in _RUN.finditer(body):
        run, start = match[0], match.start()
        if run[:5].lower() == b"href=":  # a value without quotation marks
            run, start = run[5:], start + 5
        url = spelled.get(_plain(run))
        if url is not None and len(found.setdefault(url, [])) < _MOST:
            found[url].append(start)
    return found


def _plain(run: bytes) -> bytes:
    """A run of characters with the escapes of HTML, XML and JSON undone, without a fragment."""
    if b"&" in run:
        run = run.replace(b"&amp;", b"&").replace(b"&#38;", b"&").replace(b"&#x26;", b"&")
    if b"\\" in run:
        run = run.replace(b"\\/", b"/").replace(b"\\u0026", b"&")
    return run.partition(b"#")[0]


def _spellings(url: str, base: str) -> Iterable[bytes]:
    parts, here = urlsplit(url), urlsplit(base)
    yield url.encode()
    yield url.removeprefix(f"{parts.scheme}:").encode()
    if parts.path == "/" and not parts.query:
        yield url[:-1].encode()
    elif parts.netloc == here.netloc:
        yield url.removeprefix(f"{parts.scheme}://{parts.netloc}").encode()


def _chosen(body: bytes, lead: Lead, offsets: Sequence[int], charset: str | None) -> int | None:
    if lead.found in _LINKED and lead.title:
        words = key(lead.title)
        return next((offset for offset in offsets if _words_after(body, offset, charset).startswith(words)), None)
    if lead.found in _LISTED:
        return next((offset for offset in offsets if body[offset - 1 : offset] in {b">", b"["}), offsets[0] if offsets else None)
    return offsets[0] if offsets else None


def _words_after(body: bytes, offset: int, charset: str | None) -> str:
    """The key of the words that follow an address, markup gone."""
    behind = body[offset : offset + _NEAR].partition(b">")[2]
    text = _MARKUP.sub(b"", behind)
    try:
        return key(html.unescape(text.decode(charset or "utf-8", "replace")))
    except LookupError:  # a charset that nobody knows
        return key(html.unescape(text.decode("utf-8", "replace")))
