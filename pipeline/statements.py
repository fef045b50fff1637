"""The parts of a page that speak to machines, read once: JSON-LD, microdata, meta elements, the robots headers.

``read_head(tree, url, captured, headers)`` gives a ``Head``; ``stated`` and ``metas_named`` give what it says for a field as ``Candidate``s
with their place.  A value longer than ``LONGEST`` characters is no metadata and is left out; of one meta element's name the first
``MOST`` count.  Keys of the article's nodes are in lower case, because sites write ``isAccessibleforFree`` and ``datemodified`` too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from archive.records import Candidate
from pipeline import jsonld
from pipeline.jsonld import Node
from pipeline.microdata import items
from pipeline.whitespace import squeeze

LONGEST = 4000
MOST = 16


@dataclass(frozen=True, slots=True)
class Head:
    """What the readers of the fields look at."""

    tree: HtmlElement
    url: str
    captured: datetime
    metas: Mapping[str, tuple[str, ...]]  # contents by name, property or itemprop in lower case
    nodes: tuple[Node, ...]  # all of the JSON-LD
    named: Mapping[str, Node]
    articles: tuple[tuple[str, Node], ...]  # the page's own article as ("json-ld", node) and ("microdata", node), where there is one
    robots: tuple[str, ...]  # X-Robots-Tag headers
    classed: tuple[tuple[HtmlElement, str], ...]  # every element of the page with its classes, in order
    linked: tuple[tuple[HtmlElement, str], ...]  # every element that states a relation, with it, in order
    itemized: tuple[HtmlElement, ...]  # every element that is an item of microdata or a property, in order

    @property
    def live(self) -> bool:
        """Whether the article is a live blog, whose updates bear dates and names of their own."""
        return any("liveblogposting" in jsonld.types(node) for node in self.nodes)


def read_head(tree: HtmlElement, url: str, captured: datetime, headers: Sequence[tuple[str, str]] = ()) -> Head:
    """The head of the page at ``url``, captured at ``captured`` with these headers."""
    nodes = jsonld.nodes(tree)
    classed, linked, itemized = _pass(tree)
    found = (("json-ld", jsonld.article(nodes, url)), ("microdata", _marked(tree, itemized, url)))
    return Head(
        tree=tree,
        url=url,
        captured=captured,
        metas=_metas(tree),
        nodes=nodes,
        named=jsonld.named(nodes),
        articles=tuple((place, {name.lower(): value for name, value in node.items()}) for place, node in found if node),
        robots=tuple(value for name, value in headers if name.lower() == "x-robots-tag"),
        classed=tuple(classed),
        linked=tuple(linked),
        itemized=tuple(itemized),
    )


def _pass(tree: HtmlElement) -> tuple[list[tuple[HtmlElement, str]], list[tuple[HtmlElement, str]], list[HtmlElement]]:
    """All elements with their classes, those with a relation, those of microdata: one pass is half the time of an expression for each."""
    classed, linked, itemized = [], [], []
    for element in tree.getroottree().iter():
        get = element.get
        classed.append((element, get("class", "")))
        if (relation := get("rel")) is not None:
            linked.append((element, relation))
        if get("itemprop") is not None or get("itemscope") is not None:
            itemized.append(element)
    return classed, linked, itemized


def _marked(tree: HtmlElement, itemized: Sequence[HtmlElement], url: str) -> Node | None:
    """The microdata item of the page's article: the one that gives the page's address or holds its only h1; teasers are items too."""
    headings = list(islice(tree.iter("h1"), 2))
    around = set(headings[0].iterancestors()) if len(headings) == 1 else set()
    articles = (item for item in items(itemized) if jsonld.is_article(item.node))
    return next((item.node for item in articles if jsonld.names_page(item.node, url) or item.element in around), None)


def _metas(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    """Contents of the meta elements; broken pages carry some in the body."""
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or "").strip().lower()
        content = meta.get("content") or ""
        if name and len(content) <= LONGEST and len(found.get(name, ())) < MOST and (words := squeeze(content)):
            found.setdefault(name, []).append(words)
    return {name: tuple(contents) for name, contents in found.items()}


def metas_named(head: Head, field: str, names: Sequence[str]) -> Iterator[Candidate]:
    """What the meta elements of these names say, in the order of the names."""
    for name in names:
        for content in head.metas.get(name, ()):
            yield Candidate(field=field, value=content, place=f"meta:{name}")


def stated(head: Head, field: str, *keys: str) -> Iterator[Candidate]:
    """The words of each key of the article's nodes, the first of a list."""
    for place, node in head.articles:
        for key in keys:
            words = jsonld.text(resolved(head, node.get(key.lower())))
            if words and len(words) <= LONGEST:
                yield Candidate(field=field, value=words, place=f"{place}:{key}")


def stated_each(head: Head, field: str, key: str) -> Iterator[Candidate]:
    """The words of each value of a key, the first ``MOST`` of a list."""
    for place, node in head.articles:
        for value in jsonld.listed(node.get(key.lower()))[:MOST]:
            if (words := jsonld.text(resolved(head, value))) and len(words) <= LONGEST:
                yield Candidate(field=field, value=words, place=f"{place}:{key}")


def resolved(head: Head, value: Any) -> Any:
    """``value``, or the JSON-LD node that it refers to."""
    return jsonld.resolve(head.named, value)
