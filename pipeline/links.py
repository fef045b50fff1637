"""Where a page leads: the links that its article makes, and the relations that its head declares.

``declared(head)`` gives what the page declares: canonical, amphtml, hreflang and feeds in its link elements, the metas
``syndication-source`` and ``original-source``, and of the JSON-LD node of the page's article what it is based on, what it cites and its
other addresses.  ``article_links(anchors(head), url, blocks, body, related)`` gives the links of an
article:

* LINK: in a block that is one of ``body``, the paragraphs that were kept; menus, teasers and promotion lead nowhere.
* RELATED: in a related-article line, whether cleaning took it (``related``) or the extractor had dropped it before: then it is looked for
  among the other blocks between the first and the last paragraph, and shortly after.
* WIDGET: a teaser, of three words at least, in an element whose class or id says "related"; who follows it holds it against the story.

All are absolute URLs as they would be fetched, each once, in the order above.  A reference that is no http URL is no lead and is left out;
so is a link to the page itself.  A sold slot is given with the reason why nobody follows it (``pipeline.soldslots``).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lxml.html import HtmlElement

from archive.kinds import Found
from archive.records import Link
from archive.urls import surt
from pipeline import jsonld
from pipeline.blocks import Visible, key
from pipeline.markup import SILENT, absolute, base
from pipeline.quality import count_words
from pipeline.rulebook import rulebook
from pipeline.soldslots import sold
from pipeline.statements import Head
from pipeline.whitespace import squeeze

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_SHORTEST = 20  # letters and digits: shorter blocks must equal a whole paragraph to count as part of the body
_FEWEST_WORDS = 3
_LONGEST = 300  # characters of a related line with its label
_WIDGETS = 40  # teasers of one page
_NO_BOXES = frozenset({"article", "body", "html"})
_METAS = {"syndication-source": Found.SYNDICATION, "original-source": Found.ORIGINAL}
_STATED = (
    (Found.BASED_ON, ("isBasedOn", "isBasedOnUrl")),
    (Found.CITATION, ("citation",)),
    (Found.SAME_AS, ("mainEntityOfPage", "url", "sameAs")),
)
_AFTER = 6  # blocks after the last paragraph in which related lines are looked for


def declared(head: Head) -> tuple[Link, ...]:
    """What the page's head relates it to."""
    where = base(head.tree, head.url)
    return _distinct((*_declared(head, where), *_metas(head, where), *_stated(head, where)), head.url)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The links of a page that its markup says something of, and what all its links resolve against."""

    where: str
    teasers: tuple[HtmlElement, ...]  # in boxes of related articles
    sponsored: tuple[HtmlElement, ...]


def anchors(head: Head) -> Anchors:
    """What ``article_links`` needs of the page.

    To be asked for before the extractor, whose work leaves the tree outside the processor's cache.
    """
    named = (element for element, classes in head.classed if "elated" in classes or "elated" in element.get("id", ""))
    boxes = (box for box in named if box.tag not in _NO_BOXES)
    teasers = dict.fromkeys(anchor for box in boxes for anchor in box.iterdescendants("a"))  # a box in a box has the same
    sponsored = (anchor for anchor, relation in head.linked if anchor.tag == "a" and "sponsored" in relation.lower())
    return Anchors(base(head.tree, head.url), tuple(filter(_is_shown, teasers)), tuple(filter(_is_shown, sponsored)))


def _is_shown(anchor: HtmlElement) -> bool:
    return not any(around.tag in SILENT for around in anchor.iterancestors())


def article_links(marked: Anchors, url: str, blocks: Sequence[Visible], body: Sequence[str], related: Sequence[str]) -> tuple[Link, ...]:
    """The links in the article's related lines and in its paragraphs."""
    where = marked.where
    inside = _body_blocks(blocks, body)
    lines = {key(line) for line in (*related, *_dropped_related(blocks, inside))} - {""}
    links = (*_related(blocks, where, lines), *_links_of((blocks[number] for number in inside), where, Found.LINK), *_widgets(marked))
    sponsored = {absolute(where, anchor.get("href") or "") for anchor in marked.sponsored}
    return tuple(_judged(link, url, sponsored) for link in _distinct(links, url))


def _judged(link: Link, url: str, sponsored: set[str | None]) -> Link:
    refused = sold(link.url, "sponsored" if link.url in sponsored else "", url)
    return replace(link, refused=refused) if refused else link


def _widgets(marked: Anchors) -> Iterator[Link]:
    """The teasers in boxes of related articles."""
    found: dict[str, None] = {}
    for anchor in marked.teasers:
        words = squeeze("".join(anchor.itertext()))
        if len(words) > _LONGEST or count_words(words) < _FEWEST_WORDS:
            continue
        address = absolute(marked.where, anchor.get("href") or "")
        if address and address not in found:
            found[address] = None
            yield Link(url=address, text=words, rel=Found.WIDGET)
        if len(found) >= _WIDGETS:
            return


def _declared(head: Head, where: str) -> Iterator[Link]:
    for element, said in head.linked:
        relations = said.lower().split() if element.tag == "link" else []
        language = (element.get("hreflang") or "").strip()
        rel = _relation(relations, (element.get("type") or "").partition(";")[0].strip().lower(), language)
        address = rel and absolute(where, element.get("href") or "")
        if rel and address:
            yield Link(url=address, text=squeeze(element.get("title") or "") or (language if rel is Found.HREFLANG else ""), rel=rel)


def _metas(head: Head, where: str) -> Iterator[Link]:
    """Google's syndication metas of November 2010, which outlets still write."""
    for name, rel in _METAS.items():
        for named in head.metas.get(name, ()):
            if _is_address(named) and (address := absolute(where, named)):
                yield Link(url=address, text="", rel=rel)


def _stated(head: Head, where: str) -> Iterator[Link]:
    """What the JSON-LD of the page's article says; another spelling of the page's own address is none."""
    node = next((node for place, node in head.articles if place == "json-ld"), {})
    for rel, names in _STATED:
        for value in (value for name in names for value in jsonld.listed(node.get(name.lower()))):
            reference, words = _reference(value)
            address = absolute(where, reference)
            if address and not (rel is Found.SAME_AS and surt(address) == surt(head.url)):
                yield Link(url=address, text=words, rel=rel)


def _reference(value: Any) -> tuple[str, str]:
    """The address and the name that a JSON-LD value gives: text that is an address, or an object with one."""
    if isinstance(value, dict):
        address = next((value[name] for name in ("url", "@id", "sameAs") if isinstance(value.get(name), str)), "")
        return address if _is_address(address) else "", jsonld.text(value) or ""
    return (value, "") if isinstance(value, str) and _is_address(value) else ("", "")


def _is_address(text: str) -> bool:
    # A citation or a source may be a sentence, an @id a name within the graph ("#article"): as relative references they would be addresses.
    return text.strip().lower().startswith(("http://", "https://", "//", "/"))


def _relation(relations: Sequence[str], mime: str, language: str) -> Found | None:
    if "canonical" in relations:
        return Found.CANONICAL
    if "amphtml" in relations:
        return Found.AMP
    if "alternate" in relations and mime in _FEEDS:
        return Found.FEED_LINK
    if "alternate" in relations and language and mime in {"", "text/html"} and "stylesheet" not in relations:
        return Found.HREFLANG
    return None


def _body_blocks(blocks: Sequence[Visible], body: Sequence[str]) -> list[int]:
    """The numbers of the blocks that the body is made of."""
    paragraphs = {key(paragraph) for paragraph in body} - {""}
    whole = "\n".join(paragraphs)
    return [
        number for number, block in enumerate(blocks) if block.key in paragraphs or (len(block.key) >= _SHORTEST and block.key in whole)
    ]


def _dropped_related(blocks: Sequence[Visible], inside: Sequence[int]) -> Iterator[str]:
    """The lines with a link and a label ("Related article:") that stand among the paragraphs but are none of them."""
    if not inside:
        return
    taken = set(inside)
    between = [blocks[number] for number in range(inside[0], min(len(blocks), inside[-1] + _AFTER)) if number not in taken]
    before = ""
    for block in between:
        if block.anchors and len(block.text) <= _LONGEST and (_labelled(block.text) or _labelled(before) == before):
            yield block.text
        before = block.text.rstrip(" :")


def _labelled(text: str) -> str | None:
    """The label with which a related-article line begins."""
    match = _labels().match(text)
    return match[0] if match else None


@cache
def _labels() -> re.Pattern[str]:
    labels = sorted(rulebook().words["also"], key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, labels))})(?!\w)", re.IGNORECASE)


def _related(blocks: Sequence[Visible], where: str, lines: set[str]) -> Iterator[Link]:
    # The line and the block differ by its label: "Related article:" may stand in an element of its own.
    long = [line for line in lines if len(line) >= _SHORTEST]
    holding = (block for block in blocks if block.anchors and (block.key in lines or any(line in block.key for line in long)))
    # "Read more about: News" leads to a section: the title of an article has three words at least.
    return (link for link in _links_of(holding, where, Found.RELATED) if count_words(link.text) >= _FEWEST_WORDS)


def _links_of(blocks: Iterable[Visible], where: str, rel: Found) -> Iterator[Link]:
    for block in blocks:
        for anchor in block.anchors:
            if address := absolute(where, anchor.href):
                yield Link(url=address, text=anchor.text, rel=rel)


def _distinct(found: Iterable[Link], url: str) -> tuple[Link, ...]:
    itself = absolute(url, url)
    kept: dict[str, Link] = {}
    for link in found:
        if link.url != itself:
            kept.setdefault(link.url, link)
    return tuple(kept.values())
