"""What a reader sees of a page: its visible blocks in order, each with its text, its element and its links.

``visible(tree)`` walks the tree once.  A block is a run of inline content between the borders of block elements or line breaks; hidden
elements, scripts and form controls give nothing.  ``key`` folds a text to its letters and digits, so that a block and the line that the
extractor made of it compare equal whatever became of spaces and marks.  ``names`` says what a page's author calls an element.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from pipeline.whitespace import squeeze

# fmt: off
_BORDERS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
# fmt: on
_MARKS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = re.compile(r"[a-z]+")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONG = 4096  # characters of a text whose key is not worth keeping
_WHOLE = frozenset({"html", "body"})
_UNSEEN = frozenset({"head", "script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea", "datalist"})


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link as the page writes it."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Visible:
    """One block: its text with white space folded, its ``key``, the element that holds it, the links in it and how much of it they are."""

    text: str
    key: str
    element: HtmlElement
    anchors: tuple[Anchor, ...]
    linked: int  # characters inside links

    @property
    def link_share(self) -> float:
        """The share of the text that is link, 0 to 1."""
        return min(1.0, self.linked / len(self.text)) if self.text else 0.0


def key(text: str) -> str:
    """The letters and digits of ``text``, case-folded."""
    return _remembered(text) if len(text) < _LONG else _folded(text)


def names(element: HtmlElement) -> frozenset[str]:
    """The words in the classes and the id of an element, "someClassName" being three."""
    return _words(element.get("class") or "", element.get("id") or "")


@lru_cache(maxsize=2048)
def _words(classes: str, identity: str) -> frozenset[str]:
    return frozenset(_NAME.findall(_CAMEL.sub(" ", f"{classes} {identity}").lower()))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_MARKS).decode()
    return _MARKS.sub("", "".join(text.casefold().split()))


_remembered = lru_cache(maxsize=2048)(_folded)  # every stage asks for the keys of the same paragraphs


def _is_hidden(element: HtmlElement) -> bool:
    """Whether the markup itself says that the element is not shown; a page that hides all of itself is shown by a script."""
    if element.get("hidden") is None:
        style = element.get("style")
        if style is None or "display:none" not in "".join(style.split()).lower():
            return False
    return element.tag not in _WHOLE


class _Walk:
    """The inline content since the last border, the elements around it, and the link that is open, which may span borders."""

    __slots__ = ("anchors", "holders", "link", "linked", "parts")

    def __init__(self) -> None:
        self.holders: list[HtmlElement] = []
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.linked = 0
        self.link: tuple[str, int] | None = None  # address of the open link, and the part with which its text starts

    def hold(self, event: str, element: HtmlElement) -> None:
        """Go into an element that is a border, or out of it."""
        if event == "start":
            self.holders.append(element)
        else:
            self.holders.pop()

    def follow(self, event: str, element: HtmlElement) -> None:
        """Go into a link, or out of it."""
        if event == "start":
            self.link = (element.get("href") or "", len(self.parts))
        else:
            self._close()

    def _close(self) -> None:
        if self.link is None:
            return
        (href, start), self.link = self.link, None
        words = squeeze("".join(self.parts[start:]))
        self.linked += len(words)
        if href and words:
            self.anchors.append(Anchor(href, words))

    def border(self) -> Visible | None:
        """End the block, in which there are parts, at a border; an open link goes on in the next."""
        link = self.link
        self._close()
        text = squeeze("".join(self.parts))
        block = Visible(text, key(text), self.holders[-1], tuple(self.anchors), self.linked) if text else None
        self.parts.clear()
        self.anchors, self.linked = [], 0
        self.link = link and (link[0], 0)
        return block


def visible(tree: HtmlElement) -> Iterator[Visible]:
    """The visible blocks of the page in document order; ``tree`` is one that ``markup.parse`` gave, without comments."""
    walk = _Walk()
    parts, holders = walk.parts, walk.holders
    events = iterwalk(tree, events=("start", "end"))
    for event, element in events:
        tag = element.tag
        if event == "start":
            if tag in _UNSEEN or _is_hidden(element):
                events.skip_subtree()
                continue
            border, text = tag in _BORDERS or not holders, element.text
        else:
            border, text = bool(holders) and element is holders[-1], element.tail  # one that was skipped has an end too
        if border:
            if parts and (block := walk.border()):
                yield block
            walk.hold(event, element)
        elif tag == "a":
            walk.follow(event, element)
        if text and (parts or not text.isspace()):
            parts.append(text)
