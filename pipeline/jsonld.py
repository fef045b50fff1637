"""JSON-LD as news sites really write it: every node of every script, and the one that describes the page's article.

``nodes(tree)`` flattens lists, ``@graph`` and the values of a node that are nodes of their own; a script that is not JSON even after
repair is left out (the visible page and its meta elements still speak).  The updates of a live blog and readers' comments are no nodes of
the page: their dates and signatures are not the article's.  ``article(nodes, url)`` picks the node of an article type that names this page.
``text`` and ``listed`` read the shapes that schema.org allows for one value: a string, an object, a list of any; ``named`` and ``resolve``
follow a reference by ``@id``.  No function here raises on hostile input, and none takes more than linear time.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipeline.whitespace import squeeze

Node: TypeAlias = dict[str, Any]

# Comment and CDATA fences around the script, and the commas that JSON forbids but JavaScript takes.  Each pattern is held against one end
# of a stripped script: looked for anywhere, the closing one takes quadratic time over a run of spaces (4.6 s for 32 KB).
_OPENING = re.compile(r"(?:<!--|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)")
_CLOSING = re.compile(r"(?:(?://|/\*)?\s*(?:-->|\]\]>)\s*(?:\*/)?|;)\s*$")
_CLOSING_LENGTH = 40
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_TAG = re.compile(r"<[^<>]+>")
_DEEPEST = 12
_OTHERS = frozenset({"liveBlogUpdate", "comment", "review"})  # keys of nodes with dates and authors of their own
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
    stripped = _unfenced(source.strip())
    yield stripped
    yield html.unescape(stripped)
    yield _TRAILING_COMMA.sub("", stripped)


def _unfenced(source: str) -> str:
    opened = source[match.end() :] if (match := _OPENING.match(source)) else source
    end = max(0, len(opened) - _CLOSING_LENGTH)
    return (opened[: closing.start()] if (closing := _CLOSING.search(opened, end)) else opened).strip()


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
        for name, item in value.items():
            if isinstance(item, dict | list) and name not in _OTHERS:
                yield from _walk(item, depth + 1)


def types(node: Node) -> frozenset[str]:
    """The node's types in lower case, without the vocabulary's prefix."""
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return frozenset(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for name in names if isinstance(name, str) and name)


def is_article(node: Node) -> bool:
    """Whether the node is some kind of article."""
    return any(name.endswith("article") or name in _ARTICLE_TYPES for name in types(node))


def article(found: Sequence[Node], url: str) -> Node | None:
    """The node of the page's own article: the one that names the page's address, else the first one with a headline."""
    articles = [node for node in found if is_article(node) and text(node.get("headline") or node.get("name"))]
    called = [node for node in articles if names_page(node, url)]
    return next(iter(called or articles), None)


def names_page(node: Node, url: str) -> bool:
    """Whether the node gives the page's address as its own."""
    path = _path(url)
    return bool(path) and any(_path(where) == path for where in _addresses(node))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:  # an address with half a bracket
        return ""


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        for value in listed(node.get(key)):
            address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
            if isinstance(address, str):
                yield address


def named(found: Sequence[Node]) -> dict[str, Node]:
    """The nodes that have a name, by their ``@id``; the first of each."""
    nodes_by_id: dict[str, Node] = {}
    for node in found:
        if isinstance(name := node.get("@id"), str) and node.get("name"):
            nodes_by_id.setdefault(name, node)
    return nodes_by_id


def resolve(found: Mapping[str, Node], value: Any) -> Any:
    """``value``, or the one of the ``named`` nodes that it refers to by ``@id`` alone."""
    if isinstance(value, dict) and isinstance(name := value.get("@id"), str) and "name" not in value:
        return found.get(name, value)
    return value


def text(value: Any, depth: int = 0) -> str | None:
    """The words of a value: a string as a reader would see it, an object's name, the first of a list; None without any."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return next(filter(None, (text(item, depth + 1) for item in value)), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("headline")
        return text(value, depth + 1) if isinstance(value, str | list) else None
    if not isinstance(value, str):
        return None
    return squeeze(html.unescape(_TAG.sub(" ", value) if "<" in value else value)) or None


def listed(value: Any) -> list[Any]:
    """``value`` as a list: itself, alone in one, or empty."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
