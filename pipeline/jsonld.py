"""JSON-LD as news sites really write it: every node of every script, and the one that describes the page's article.

``nodes(tree)`` flattens lists, ``@graph`` and the values of a node that are nodes of their own; a script that is not JSON even after
repair is left out (the visible page and its meta elements still speak).  ``article(nodes, url)`` picks the node of an article type that
names this page.  ``text``, ``texts`` and ``people`` read the shapes that schema.org allows for one value: a string, an object, a
reference by ``@id``, a list of any.  No function here raises on hostile input.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipeline.markup import squeeze

Node: TypeAlias = dict[str, Any]

# Comment and CDATA fences around the script, and the commas that JSON forbids but JavaScript takes.
_FENCE = re.compile(r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)|(?:(?://|/\*)?\s*(?:-->|\]\]>)\s*(?:\*/)?|;)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_TAG = re.compile(r"<[^<>]+>")
_DEEPEST = 12
_ARTICLE_TYPES = frozenset({"report", "blogposting", "liveblogposting", "socialmediaposting", "newsarticle"})


def nodes(tree: HtmlElement) -> tuple[Node, ...]:
    """Every node with an ``@type`` in the page's JSON-LD scripts, in order of appearance."""
    found: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            found.extend(_walk(_load(script.text), 0))
    return tuple(found)


def _readings(source: str) -> Iterator[str]:
    yield source
    stripped = _FENCE.sub("", source).strip()
    yield stripped
    yield html.unescape(stripped)
    yield _TRAILING_COMMA.sub("", stripped)


def _load(source: str) -> Any:
    for attempt in _readings(source):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        if value.get("@type") or value.get("@id"):
            yield value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from _walk(item, depth + 1)


def types(node: Node) -> frozenset[str]:
    """The node's types in lower case, without the vocabulary's prefix."""
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return frozenset(str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if name)


def is_article(node: Node) -> bool:
    """Whether the node is some kind of article."""
    return any(name.endswith("article") or name in _ARTICLE_TYPES for name in types(node))


def article(found: Sequence[Node], url: str) -> Node | None:
    """The node of the page's own article: the one that names the page's address, else the first one with a headline."""
    articles = [node for node in found if is_article(node) and text(node.get("headline") or node.get("name"))]
    path = urlsplit(url).path.rstrip("/")
    named = [node for node in articles if path and any(urlsplit(where).path.rstrip("/") == path for where in _addresses(node))]
    return next(iter(named or articles), None)


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value


def resolve(found: Sequence[Node], value: Any) -> Any:
    """``value``, or the node it refers to by ``@id`` alone."""
    if isinstance(value, dict) and "@id" in value and "name" not in value:
        for node in found:
            if node.get("@id") == value["@id"] and node.get("name"):
                return node
    return value


def text(value: Any) -> str | None:
    """The words of a value: a string as a reader would see it, an object's name, the first of a list; None without any."""
    if isinstance(value, list):
        return next(filter(None, map(text, value)), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("headline")
        return text(value) if isinstance(value, str | list) else None
    if not isinstance(value, str):
        return None
    return squeeze(html.unescape(_TAG.sub(" ", value) if "<" in value else value)) or None


def listed(value: Any) -> list[Any]:
    """``value`` as a list: itself, alone in one, or empty."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
