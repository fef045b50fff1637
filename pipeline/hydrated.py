"""The article that only a script would show: pages that carry their text as data and draw it in the browser.

Contract: ``hydrated(markup, titles)`` gives the paragraphs of the longest prose among the string literals of those inline scripts (a
framework's state, JSON-LD) that say one of the page's titles; empty when there is none.  It is asked only where the page shows next to
nothing, because state also holds other articles.  Nothing is executed; a literal is read as JSON reads strings, twice at most, since
state is often JSON in a string.  Work is linear in the page's length.
"""

import json
import re
from collections.abc import Iterator, Sequence

from pipeline.blocks import Visible, key, visible
from pipeline.markup import parse
from pipeline.whitespace import squeeze

_SHORTEST = 400  # characters of prose
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){400,}+)"')
_PARAGRAPH = re.compile(r"<p[\s>]|<br|\n\s*\n", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?。؟।]")
_SENTENCES = 5
_PLACEHOLDER = re.compile(r"\W{2}[\w-]+\W{2}")  # where an advertisement will stand
_BEGINNING = 24  # characters of a title
_CAPTIONS = ("caption", "figcaption")


def hydrated(markup: str, titles: Sequence[str]) -> tuple[str, ...]:
    """The paragraphs of the longest prose in the page's scripts; ``markup`` is the whole page, because its tree keeps no scripts."""
    scripts = (script for script in _scripts(markup) if _names(script, titles))
    found = max((prose for script in scripts for prose in _prose(script, 1)), key=len, default="")
    return tuple(_paragraphs(found)) if found else ()


def _names(script: str, titles: Sequence[str]) -> bool:
    """Whether a script says how one of the titles begins, in letters or in JSON's escapes of them; titles end in the names of sites."""
    folded = key(script)
    return any(json.dumps(title)[1:_BEGINNING] in script or key(title)[:_BEGINNING] in folded for title in titles if key(title))


def _scripts(markup: str) -> Iterator[str]:
    end = 0
    while (start := markup.find("<script", end)) >= 0 and (end := markup.find("</script", start)) >= 0:
        yield markup[start:end]


def _prose(script: str, depth: int) -> Iterator[str]:
    for match in _LITERAL.finditer(script):
        text = _unescaped(match[1])
        if depth and text.count('"') and _LITERAL.search(text):
            yield from _prose(text, depth - 1)
        elif _PARAGRAPH.search(text) and len(_SENTENCE.findall(text)) >= _SENTENCES:
            yield text


def _unescaped(literal: str) -> str:
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:  # an escape that JavaScript knows and JSON does not
        return ""


def _paragraphs(prose: str) -> Iterator[str]:
    if "<" not in prose:
        yield from filter(None, map(squeeze, prose.split("\n")))
        return
    tree = parse(f"<html><body>{prose}</body></html>")
    for block in visible(tree) if tree is not None else ():
        if not _is_caption(block) and not _PLACEHOLDER.fullmatch(block.text):
            yield block.text


def _is_caption(block: Visible) -> bool:
    around = (block.element, *block.element.iterancestors())
    return any(element.tag in _CAPTIONS or "caption" in (element.get("class") or "") for element in around)
