"""Sitemaps, news sitemaps and their indexes, gzipped or not, and the plain list of URLs that the protocol also allows.

``parse_sitemap`` gives what a sitemap lists: entries (articles) and children (other sitemaps).  Elements are known by their local names,
because outlets get the namespaces wrong.  Limits are the protocol's (sitemaps.org: 50,000 URLs and 50 MB unpacked): beyond them, and for
whatever is no sitemap, the error is ``FeedError``.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from pipeline.listing import Entry, FeedError, absolute, moment, plain, refuse_entities

LIMIT = 50 * 1024 * 1024  # bytes, unpacked
_MOST = 50_000  # entries
_SNIFFED = 4096
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex|rss|feed|html|rdf)\b", re.IGNORECASE)
_PARENTS = frozenset({"url", "sitemap", "news"})
_FIELDS = frozenset({"loc", "lastmod", "publication_date", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What a sitemap lists."""

    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()


def is_sitemap(body: bytes) -> bool:
    """Whether the bytes, unpacked if need be, begin like a sitemap in XML."""
    try:
        start = unpacked(body, _SNIFFED, cut=True)[:_SNIFFED].replace(b"\0", b"")
    except FeedError:
        return False
    root = _ROOT.search(start)
    return root is not None and root[1].lower() in {b"urlset", b"sitemapindex"}


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """What the sitemap lists that was fetched from ``url``; FeedError when it is none."""
    text = unpacked(body, LIMIT)
    if not text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"\0" not in text[:4]:
        return Sitemap(entries=tuple(_listed(text, url)))
    refuse_entities(text)
    entries: list[Entry] = []
    children: list[str] = []
    for kind, fields in _elements(text):
        if (target := absolute(fields.get("loc"), url)) is None:
            continue
        if kind == "sitemap":
            children.append(target)
        else:
            entries.append(_entry(target, fields))
        if len(entries) + len(children) > _MOST:
            raise FeedError(f"lists more than {_MOST} URLs")
    return Sitemap(entries=tuple(entries), children=tuple(dict.fromkeys(children)))


def _entry(url: str, fields: dict[str, str]) -> Entry:
    published, modified = moment(fields.get("publication_date")), moment(fields.get("lastmod"))
    return Entry(url=url, title=plain(fields.get("title")), published=published, modified=modified)


def _elements(text: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Each url and sitemap element with the first of each field in it."""
    fields: dict[str, str] = {}
    root = ""
    try:
        for _, element in etree.iterparse(io.BytesIO(text), events=("end",), resolve_entities=False, no_network=True, huge_tree=False):
            root, parent = _name(element), _name(element.getparent())
            # Images and videos in an entry have a loc and a title too.
            if root in _FIELDS and parent in _PARENTS and element.text:
                fields.setdefault(root, element.text)
            elif root in {"url", "sitemap"}:
                yield root, fields
                fields = {}
                element.clear()
    except (etree.LxmlError, ValueError) as error:
        raise FeedError(f"cannot be read as a sitemap: {error}") from error
    if root not in {"urlset", "sitemapindex"}:
        raise FeedError(f"the root element is {root!r}, not urlset or sitemapindex")


def _name(element: etree._Element | None) -> str:
    return "" if element is None else etree.QName(element).localname.lower()


def _listed(text: bytes, url: str) -> Iterator[Entry]:
    lines = text.decode("utf-8-sig", "replace").split()
    if not lines or len(lines) > _MOST or not all(line.startswith(("http://", "https://")) for line in lines):
        raise FeedError("neither XML nor a list of URLs")
    for line in lines:
        if target := absolute(line, url):
            yield Entry(url=target)


def unpacked(body: bytes, limit: int, *, cut: bool = False) -> bytes:
    """The bytes of a sitemap with gzip undone, never more than ``limit``: beyond it FeedError, or the beginning with ``cut``."""
    if not body.startswith(_GZIP):
        if len(body) > limit and not cut:
            raise FeedError(f"a sitemap of {len(body)} bytes; the limit is {limit}")
        return body[:limit] if cut else body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise FeedError(f"broken gzip: {error}") from error
    if cut:
        return text
    if len(text) > limit:
        raise FeedError(f"unpacks to more than {limit} bytes")
    if not unpacker.eof:
        raise FeedError("gzip that is cut short")
    return text
