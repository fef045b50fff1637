"""Microdata (HTML standard, §5): the items that stand on their own in a page, in the shape that ``pipeline.jsonld`` gives its nodes.

``items(tree)`` gives each item that is no property of another, with its element; a property is a string, or a node where it is an item
of its own, or a list of them where it comes again.  Only the properties in ``_READ`` are read: an article's text is not metadata.  One pass
over the page: a property belongs to the nearest item around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from pipeline.jsonld import Node
from pipeline.markup import squeeze

_MARKED = XPath("//*[@itemscope or @itemprop]")
_SCOPES = XPath("boolean(//*[@itemscope])")
_LONGEST = 1000  # characters of a property's text that are read
# fmt: off
_READ = frozenset({
    "articleSection", "author", "byline", "copyrightHolder", "copyrightNotice", "copyrightYear", "creator", "creditText", "dateModified",
    "datePublished", "description", "expires", "familyName", "givenName", "headline", "inLanguage", "isAccessibleForFree", "keywords",
    "license", "mainEntityOfPage", "name", "provider", "publisher", "sourceOrganization", "url",
})
_ATTRIBUTES = {
    "a": "href", "area": "href", "link": "href", "img": "src", "object": "data", "time": "datetime", "data": "value", "meter": "value",
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Item:
    """One item that is no property of another."""

    element: HtmlElement
    node: Node


def items(tree: HtmlElement) -> Iterator[Item]:
    """The page's items, in order of appearance."""
    if not _SCOPES(tree):
        return
    nodes: dict[HtmlElement, Node] = {}
    tops = []
    for element in cast(list[HtmlElement], _MARKED(tree)):
        names = [name for name in (element.get("itemprop") or "").split() if name in _READ]
        begins = "itemscope" in element.attrib
        around = _around(element, nodes)
        value: Node | str = {"@type": (element.get("itemtype") or "").split(), "@id": element.get("itemid")} if begins else ""
        if isinstance(value, dict):
            nodes[element] = value
            if around is None or not element.get("itemprop"):
                tops.append(Item(element, value))
        if around is not None and names:
            value = value or _value(element)
            for name in names:
                _add(around, name, value)
    yield from tops


def _around(element: HtmlElement, nodes: dict[HtmlElement, Node]) -> Node | None:
    return next((nodes[parent] for parent in element.iterancestors() if parent in nodes), None)


def _add(node: Node, name: str, value: Node | str) -> None:
    if value:
        node.setdefault(name, []).append(value)


def _value(element: HtmlElement) -> str:
    """The value of a property as the standard has it; an address as it is written."""
    if (content := element.get("content")) is not None:
        return squeeze(content)
    attribute = _ATTRIBUTES.get(element.tag)
    if attribute and (given := element.get(attribute)) is not None:
        return squeeze(given)
    text = ""
    for part in element.itertext():
        text += part
        if len(text) > _LONGEST:
            break
    return squeeze(text[:_LONGEST])
