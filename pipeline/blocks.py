"""What a reader sees of a page: its visible blocks in order, each with its text, its element and its links.

``visible(tree)`` walks the tree once.  A block is a run of inline content between the borders of block elements or line breaks; hidden
elements, scripts and form controls give nothing.  ``key`` folds a text to its letters and digits, so that a block and the line that the
extractor made of it compare equal whatever became of spaces and marks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from pipeline.markup import squeeze

# fmt: off
_BORDERS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})
# fmt: on
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
    return "".join(filter(str.isalnum, text.casefold()))


def hidden(element: HtmlElement) -> bool:
    """Whether the markup itself says that the element is not shown."""
    style = element.get("style")
    if style and "display:none" in style.replace(" ", "").lower():
        return True
    return element.get("hidden") is not None


class _Walk:
    """The inline content since the last border, and the link that is open, which may span borders."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.linked = 0
        self.link: tuple[str, int] | None = None  # address of the open link, and the part with which its text starts

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(text)

    def open(self, anchor: HtmlElement) -> None:
        self.link = (anchor.get("href") or "", len(self.parts))

    def close(self) -> None:
        if self.link is None:
            return
        (href, start), self.link = self.link, None
        words = squeeze("".join(self.parts[start:]))
        self.linked += len(words)
        if href and words:
            self.anchors.append(Anchor(href, words))

    def border(self, holder: HtmlElement) -> Iterator[Visible]:
        """End the block, if there is one; an open link goes on in the next."""
        link = self.link
        if self.parts:
            self.close()
            if text := squeeze("".join(self.parts)):
                yield Visible(text, key(text), holder, tuple(self.anchors), self.linked)
            self.parts, self.anchors, self.linked = [], [], 0
        self.link = link and (link[0], 0)


def visible(tree: HtmlElement) -> Iterator[Visible]:
    """The visible blocks of the page in document order."""
    holders = [tree]
    walk = _Walk()
    events = iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in events:
        if event == "start" and (element.tag in _UNSEEN or hidden(element)):
            events.skip_subtree()
        elif event == "start":
            if element.tag in _BORDERS:
                yield from walk.border(holders[-1])
                holders.append(element)
            elif element.tag == "a":
                walk.open(element)
            walk.add(element.text)
        else:
            if event == "end" and element is holders[-1]:
                yield from walk.border(holders.pop())
            elif element.tag == "a":
                walk.close()
            if holders:
                walk.add(element.tail)
