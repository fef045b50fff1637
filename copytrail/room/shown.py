"""An archived page as it can be shown without danger: its words, its order and its pictures, and nothing that acts.

Contract: ``cleaned(page)`` runs in a process of its own (``pipeline.textpool``), because a page may be made to take for ever (measured:
100,000 open elements took nh3 136 s); it keeps the elements of an allow-list (nh3, on an HTML5 parser) and no style, leads every link to
what this room holds of it, and names the pictures.  ``framed`` makes the whole document: pictures that are held stand in it as data, so
that it asks for nothing.  It is served under ``POLICY``, which forbids every request, script and form, and gives it no origin.
"""

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from html import escape

import nh3

from archive.records import Page
from copytrail.room.addresses import memento
from pipeline.markup import absolute, base, decode, parse

PICTURES = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/svg+xml", "image/webp", "image/x-icon"})
MOST_PICTURES, PICTURE_LIMIT = 60, 2 * 1024 * 1024  # of one page, and bytes of one
PAGE_LIMIT = 8 * 1024 * 1024  # bytes of a page that is cleaned
_ACTING = {"audio", "canvas", "iframe", "math", "noembed", "noframes", "object", "script", "style", "svg", "template", "video"}
_WITH_CONTENT = _ACTING | {"select", "textarea", "title"}  # go with all that is in them
_TAGS = nh3.ALLOWED_TAGS - {"area", "map"}
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_IMG = re.compile(r'<img(?: [a-z]+="[^"]*")*>')  # as nh3 writes it: quotation marks in values are escaped
_ALT = re.compile(r' alt="([^"]*)"')
_NOSCRIPT = re.compile(r"</?noscript[^>]*>", re.IGNORECASE)
STYLE = (
    ":root{color-scheme:light dark}body{margin:1rem auto;max-width:42rem;padding:0 1rem;font:1rem/1.5 Georgia,serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{border-collapse:collapse}td,th{padding:.2rem .5rem;vertical-align:top}pre{white-space:pre-wrap}"
)
POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A page's body; each picture's address is ``MARK`` and its number among ``pictures``."""

    body: str
    mark: str
    pictures: tuple[str, ...]
    left_out: str = ""  # in words: what a limit cut


def cleaned(page: Page) -> Cleaned:
    """Clean a page of HTML."""
    text = decode(page.body[:PAGE_LIMIT], page.charset).text
    tree = parse(text)
    start = page.capture.url if tree is None else base(tree, page.capture.url)
    mark, pictures = f"https://{secrets.token_hex(16)}.invalid/", dict[str, int]()

    def kept(tag: str, name: str, value: str) -> str | None:
        if name not in {"href", "src", "cite"}:
            return value
        url = absolute(start, value)
        if url is None:
            return None
        if tag != "img":
            return memento(url, page.capture.time)
        number = pictures.setdefault(url, len(pictures))
        return f"{mark}{number}" if number < MOST_PICTURES else None

    body = nh3.clean(
        _NOSCRIPT.sub("", text),
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"http", "https"},
        url_relative="pass_through",
    )
    cut = [f"what comes after {PAGE_LIMIT:,} bytes"] if len(page.body) > PAGE_LIMIT else []
    if len(pictures) > MOST_PICTURES:
        cut.append(f"{len(pictures) - MOST_PICTURES} of {len(pictures)} pictures")
    return Cleaned(body=body, mark=mark, pictures=tuple(pictures)[:MOST_PICTURES], left_out=" and ".join(cut))


def framed(found: Cleaned, title: str, picture: Callable[[str], tuple[str, bytes] | None]) -> str:
    """The document; ``picture`` gives type and bytes of one that is held, and None for another, of which its description stays."""
    marked = re.compile(rf'src="{re.escape(found.mark)}(\d+)"')

    def drawn(tag: re.Match[str]) -> str:
        named = marked.search(tag[0])
        held = picture(found.pictures[int(named[1])]) if named else None
        if held is not None and named is not None:
            return tag[0].replace(named[0], f'src="{_data(*held)}"')
        described = _ALT.search(tag[0])
        return f"<i>{described[1]}</i>" if described else ""

    return document(_note(found.left_out) + _IMG.sub(drawn, found.body), title)


def of_text(text: str, title: str, left_out: str = "") -> str:
    """The document of a page that is plain text."""
    return document(f"{_note(left_out)}<pre>{escape(text)}</pre>", title)


def _note(left_out: str) -> str:
    """What a limit cut, said before everything else."""
    return f"<p><strong>Not shown here: {escape(left_out)}. The record has all of it.</strong></p>" if left_out else ""


def of_picture(kind: str, body: bytes, title: str) -> str:
    """The document of a page that is a picture."""
    return document(f'<img src="{_data(kind, body)}" alt="">', title)


def of_words(words: str, title: str) -> str:
    """The document of a page that is not shown: why it is not."""
    return document(f"<p>{escape(words)}</p>", title)


def document(body: str, title: str) -> str:
    """A whole page around a clean body."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="und"><head>{head}</head><body>{body}</body></html>'


def _data(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
