"""What a reader sees of a page: its visible blocks in order, each with its text, its element and its links.

``visible(tree)`` walks the tree once.  A block is a run of inline content between the borders of block elements or line breaks; hidden
elements, scripts and form controls give nothing.  ``key`` folds a text to its letters and digits, so that a block and the line that the
extractor made of it compare equal whatever became of spaces and marks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml.etree import XPath, iterwalk
from lxml.html import HtmlElement

from pipeline.markup import squeeze

# fmt: off
_BORDERS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
# fmt: on
_CANDIDATES = XPath("//*[@hidden or contains(@style, 'none')]")
_MARKS = re.compile(r"[\W_]+")
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
    return _MARKS.sub("", text.casefold())


def _hidden(tree: HtmlElement) -> set[HtmlElement]:
    """The elements of which the markup itself says that they are not shown; a page that hides all of itself is shown by a script."""
    found = cast(list[HtmlElement], _CANDIDATES(tree))
    return {element for element in found if element.tag not in _WHOLE and ("hidden" in element.attrib or "display:none" in _style(element))}


def _style(element: HtmlElement) -> str:
    return "".join((element.get("style") or "").split()).lower()


class _Walk:
    """The inline content since the last border, the elements around it, and the link that is open, which may span borders."""

    def __init__(self) -> None:
        self.holders: list[HtmlElement] = []
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.linked = 0
        self.link: tuple[str, int] | None = None  # address of the open link, and the part with which its text starts

    def start(self, element: HtmlElement) -> Visible | None:
        """Go into an element; gives the block that its border ends."""
        ended = None
        if element.tag in _BORDERS or not self.holders:
            ended = self._border()
            self.holders.append(element)
        elif element.tag == "a":
            self.link = (element.get("href") or "", len(self.parts))
        self._add(element.text)
        return ended

    def end(self, element: HtmlElement) -> Visible | None:
        """Go out of an element, or past a comment; gives the block that its border ends."""
        ended = None
        if element is self.holders[-1]:
            ended = self._border()
            self.holders.pop()
        elif element.tag == "a":
            self._close()
        self._add(element.tail)
        return ended

    def _add(self, text: str | None) -> None:
        if text and (self.parts or not text.isspace()):
            self.parts.append(text)

    def _close(self) -> None:
        if self.link is None:
            return
        (href, start), self.link = self.link, None
        words = squeeze("".join(self.parts[start:]))
        self.linked += len(words)
        if href and words:
            self.anchors.append(Anchor(href, words))

    def _border(self) -> Visible | None:
        """End the block, if there is one; an open link goes on in the next."""
        if not self.parts:
            return None
        link = self.link
        self._close()
        text = squeeze("".join(self.parts))
        block = Visible(text, key(text), self.holders[-1], tuple(self.anchors), self.linked) if text else None
        self.parts, self.anchors, self.linked = [], [], 0
        self.link = link and (link[0], 0)
        return block


def visible(tree: HtmlElement) -> Iterator[Visible]:
    """The visible blocks of the page in document order."""
    walk = _Walk()
    concealed = _hidden(tree)
    events = iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in events:
        if event == "start" and (element.tag in _UNSEEN or element in concealed):
            events.skip_subtree()
            continue
        block = walk.start(element) if event == "start" else walk.end(element)
        if block is not None:
            yield block
