"""What a page needs to be shown: the files that a browser fetches for it by itself.

Contract: pure.  ``of_page`` and ``of_sheet`` give the absolute addresses in the order of the bytes, each once, as they would be fetched,
at most ``MOST`` of them; ``more`` says that there are others.  Time grows with the length of the bytes alone, whatever they are, and
nothing raises.  References that are no web address (``data:``, ``blob:``, ``javascript:``) and the page itself are left out.

Of a page: images (``src`` and ``srcset`` of img, picture and ``input type=image``, ``poster`` of video, ``background``, ``href`` of an SVG
image or use, and ``data-src``, ``data-srcset``, from which scripts fill them), style sheets, icons, preloads and module preloads, scripts
that run, and what style elements and attributes refer to.  Not of it: sound and video, frames and objects, which are documents of their
own; what scripts put together; what stands in ``noscript`` and ``template``, which a browser with scripts does not fetch.  Of a style
sheet: every reference of ``pipeline.stylesheets``: images, fonts, imported sheets.

The page is read by a tokenizer, not into a tree: a tag with a million attributes takes lxml (libxml2 2.14) longer than minutes, and a
tree ends at 256 nested elements.  It follows the HTML standard §13.2.5 in what is a tag, an attribute, a comment and raw text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import islice

from archive.records import Page
from archive.urls import URL_LIMIT
from pipeline.markup import absolute, decode
from pipeline.stylesheets import set_references, sheet_references

SHEET = "text/css"  # a browser ignores a style sheet of another type
MOST = 1000  # of one page or sheet; a front page of a newspaper has a few hundred
_LOOKED_AT = 20 * MOST  # distinct references, good and bad: what bounds the work on a page of junk
_LONGEST = 4 * URL_LIMIT  # of one reference; longer ones are data: URLs

_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?)?"""
_TOKEN = re.compile(
    rf"<(?:!--(?:>|->|.*?(?:--!?>|\Z))|[!?/][^>]*+>?|(?P<name>[a-z][^\s/>]*+)(?P<attributes>(?:{_ATTRIBUTE})*+)[\s/]*+(?:>|\Z))",
    re.DOTALL | re.IGNORECASE,
)
_PARTS = re.compile(r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+))?)?""")
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])|\Z", re.IGNORECASE)
    for name in ("script", "style", "noscript", "template", "textarea", "title", "iframe", "noembed", "noframes", "xmp")
}
_ANYWHERE = re.compile(r"style|background", re.IGNORECASE)  # attributes that any element may have
_SHOWN_LINKS = frozenset({"stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "modulepreload"})
_PRELOADS = frozenset({"", "fetch", "font", "image", "script", "style", "track", "worker"})
_RUNS = re.compile(r"\s*(?:module|(?:text|application)/(?:x-)?(?:java|ecma|j|live)script[\d.]*)?\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(rb'@charset "([\w.:-]{1,40})";')

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a page or a style sheet needs."""

    urls: tuple[str, ...] = ()
    more: bool = False  # whether the limit has cut


def of_page(page: Page) -> Needed:
    """What an HTML page needs."""
    found: list[str] = []
    where = page.capture.url
    named_base = False
    for reference in islice(_references(decode(page.body, page.charset).text), _LOOKED_AT):
        if not isinstance(reference, Base):
            found.append(reference)
        elif not named_base:
            where, named_base = absolute(where, reference) or where, True
    return _needed(found, where, page.capture.url)


def of_sheet(page: Page) -> Needed:
    """What a style sheet needs."""
    declared = _CHARSET.match(page.body)
    charset = page.charset or (declared[1].decode("ascii") if declared else "utf-8")
    found = _distinct(sheet_references(decode(page.body, charset).text))
    return _needed(islice(found, _LOOKED_AT), page.capture.url, page.capture.url)


class Base(str):
    """The reference of a base element: what the others are held against, wherever it stands."""

    __slots__ = ()


def _needed(references: Iterable[str], where: str, itself: str) -> Needed:
    urls = dict.fromkeys(url for reference in references if (url := absolute(where, reference)) is not None)
    urls.pop(itself, None)
    return Needed(urls=tuple(islice(urls, MOST)), more=len(urls) > MOST)


def _references(text: str) -> Iterator[str]:
    """The references of a page, each once, bases among them."""
    return _distinct(reference for name, attributes, raw in _tags(text) for reference in _of_tag(name, attributes, raw))


def _distinct(references: Iterable[str]) -> Iterator[str]:
    seen: set[tuple[type, str]] = set()
    for reference in references:
        mark = (type(reference), reference)
        if len(reference) <= _LONGEST and mark not in seen and reference.strip():
            seen.add(mark)
            yield reference


def _tags(text: str) -> Iterator[tuple[str, Attributes, str]]:
    """Each start tag that can matter, with its attributes and, of an element of raw text, that text."""
    position = 0
    while tag := _TOKEN.search(text, position):
        position = tag.end()
        if tag["name"] is None:
            continue
        name, raw = tag["name"].lower(), ""
        if name in _RAW:
            end = _RAW[name].search(text, position)
            assert end is not None, "the end of the text ends every element"
            raw, position = text[position : end.start()], end.start()
        if name in _READ or name == "style" or _ANYWHERE.search(tag["attributes"]):
            yield name, _attributes(tag["attributes"]), raw


def _attributes(text: str) -> Attributes:
    """Names in lower case, values with their character references undone; of two with one name the first counts."""
    found: dict[str, str] = {}
    for name, *values in _PARTS.findall(text):
        value = next(filter(None, values), "")
        found.setdefault(name.lower(), _unescaped(value) if "&" in value else value)
    return found


def _unescaped(value: str) -> str:
    try:
        return unescape(value)
    except ValueError:  # a number of more digits than Python reads
        return value


def _of_tag(name: str, attributes: Attributes, raw: str) -> Iterator[str]:
    if name == "style":
        yield from sheet_references(raw)
    if reader := _READ.get(name):
        yield from reader(attributes)
    if "background" in attributes:
        yield attributes["background"]
    if "style" in attributes:
        yield from sheet_references(attributes["style"])


def _image(attributes: Attributes) -> Iterator[str]:
    for name in ("src", "data-src"):
        yield attributes.get(name, "")
    yield from _source(attributes)


def _source(attributes: Attributes) -> Iterator[str]:
    for name in ("srcset", "data-srcset"):
        yield from set_references(attributes.get(name, ""))


def _input(attributes: Attributes) -> Iterator[str]:
    if attributes.get("type", "").strip().lower() == "image":
        yield attributes.get("src", "")


def _script(attributes: Attributes) -> Iterator[str]:
    if _RUNS.fullmatch(attributes.get("type", "")):
        yield attributes.get("src", "")


def _link(attributes: Attributes) -> Iterator[str]:
    relations = set(attributes.get("rel", "").lower().split())
    preload = "preload" in relations and attributes.get("as", "").strip().lower() in _PRELOADS
    if preload or relations & _SHOWN_LINKS:
        yield attributes.get("href", "")
    if preload:
        yield from set_references(attributes.get("imagesrcset", ""))


def _drawing(attributes: Attributes) -> Iterator[str]:
    """Of an SVG element; a reference into the page itself names no file."""
    for name in ("href", "xlink:href"):
        if not (reference := attributes.get(name, "")).startswith("#"):
            yield reference


def _base(attributes: Attributes) -> Iterator[str]:
    if "href" in attributes:
        yield Base(attributes["href"])


_READ: Mapping[str, Callable[[Attributes], Iterator[str]]] = {
    "base": _base,
    "feimage": _drawing,
    "image": _drawing,
    "img": _image,
    "input": _input,
    "link": _link,
    "script": _script,
    "source": _source,
    "use": _drawing,
    "video": lambda attributes: iter((attributes.get("poster", ""),)),
}
