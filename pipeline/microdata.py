"""Microdata (HTML standard, §5): the items of a page, in the shape that ``pipeline.jsonld`` gives its nodes.

``items(elements)`` gives each item with its element, also one that is a property of another; a property is a list of strings and of such
nodes.  Only the properties in ``_READ`` are read: an article's text is not metadata.  One pass over the page: a property belongs to the
nearest item around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipeline.jsonld import Node
from pipeline.whitespace import squeeze

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
    """One item: its element and its properties."""

    element: HtmlElement
    node: Node


def items(elements: Sequence[HtmlElement]) -> Iterator[Item]:
    """The page's items, in order of appearance; ``elements`` are all that are items or properties, in order."""
    nodes: dict[HtmlElement, Node] = {}
    for element in elements:
        names = [name for name in (element.get("itemprop") or "").split() if name in _READ]
        around = _around(element, nodes) if names else None
        if "itemscope" in element.attrib:
            nodes[element] = {"@type": (element.get("itemtype") or "").split(), "@id": element.get("itemid")}
        if around is not None and (value := nodes.get(element) or _value(element)):
            for name in names:
                around.setdefault(name, []).append(value)
    yield from (Item(element, node) for element, node in nodes.items())


def _around(element: HtmlElement, nodes: dict[HtmlElement, Node]) -> Node | None:
    return next((nodes[parent] for parent in element.iterancestors() if parent in nodes), None)


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
