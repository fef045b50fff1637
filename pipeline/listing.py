"""What feeds and sitemaps have in common: an entry, the one error, and how their texts, URLs and times are read."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit

from archive.urls import BadUrl, clean
from pipeline.dates import instant, iso

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_TAG = re.compile(r"<[a-z/!][^<>]{0,4000}>", re.IGNORECASE)
_REFERENCE = re.compile(r"&#?\w{2,8};")
_UTF16 = 64  # bytes in which UTF-16 and UTF-32 show their zeros
_LONGEST_TEXT = 20_000  # characters of a summary: some feeds carry whole articles


class FeedError(ValueError):
    """A feed or sitemap that cannot be read, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article as a feed or a sitemap lists it."""

    url: str
    title: str | None = None
    published: datetime | None = None
    summary: str | None = None
    modified: datetime | None = None

    @property
    def text(self) -> str:
        """All words that the entry has for itself: title, summary and those of the URL's path, which is all that most sitemaps give."""
        path = re.sub(r"[\W_]+", " ", unquote(urlsplit(self.url).path)).strip()
        return " ".join(filter(None, (self.title, self.summary, path)))


def refuse_entities(body: bytes) -> None:
    """FeedError for a document that declares entities: no feed needs them, bombs and file disclosure do."""
    if _ENTITY.search(body.replace(b"\0", b"") if b"\0" in body[:_UTF16] else body):
        raise FeedError("declares entities")


def absolute(link: object, base: str) -> str | None:
    """``link`` as a URL that can be fetched; None for what is none."""
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        return clean(urljoin(base, link.strip()))
    except (BadUrl, ValueError):
        return None


def absolute_id(link: object) -> str | None:
    """An entry's id when it is its address too; a bare number is none, and must not be read as a relative URL."""
    return link if isinstance(link, str) and link.startswith(("http://", "https://")) else None


_HALF = re.compile("[\ud800-\udfff]")  # half a character, which JSON can hold and no encoding can


def plain(text: object) -> str | None:
    """``text`` without markup, on one line; None for what is no text or has no words."""
    if not isinstance(text, str):
        return None
    text = _TAG.sub(" ", _HALF.sub("\ufffd", text[:_LONGEST_TEXT]))
    return " ".join(_REFERENCE.sub(lambda match: html.unescape(match[0]), text).split()) or None


def moment(text: object) -> datetime | None:
    """A time in ISO 8601 or RFC 5322, in UTC; None for what is none."""
    stated = iso(text) if isinstance(text, str) and text.strip() else None
    try:
        return instant(stated).astimezone(UTC) if stated else None
    except (ValueError, OverflowError):
        return None
