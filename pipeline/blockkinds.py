"""What a block is, by its element and its words: the closed list ``BlockKind`` (``rules/classes.yaml``).

* ``kept(text, element)``: the kind of a paragraph that stays; ``element`` is that of the visible block, None where no block matches.
* ``taken(rule, element)``: the kind of one that a rule took out; ValueError for a rule that ``rules/classes.yaml`` does not know.
* ``chrome(block)``: the kind of a visible block that nobody proposed for the text, with the reason in words; None when its markup says
  nothing.
* ``where(element)``: the element and two around it, ``div.story > section > p.lead``.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from lxml.html import HtmlElement

from archive.kinds import BlockKind
from pipeline.blocks import Visible, names
from pipeline.datelines import date_line
from pipeline.lexicon import words
from pipeline.worksheet import count_words

_AROUND = 5  # elements around a block that may say what it is
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_ROOMS = frozenset({"html", "body", "main", "article"})
_QUOTED = re.compile(r"[“„«\"][^“”„«»\"]+[”“»\"][.!?…]?")
_QUOTE_WORDS = 4
_STRANGERS = 3  # words beside a date that are no sentence
_SENTENCE_WORDS = 6
_LINKED = 0.8
_TITLE_WORDS = 4  # of a link that leads to an article; shorter ones are menus
# fmt: off
_MARKED = (
    BlockKind.CONSENT, BlockKind.BIO, BlockKind.CAPTION, BlockKind.CREDIT, BlockKind.RIGHTS, BlockKind.PROMOTION, BlockKind.RELATED,
    BlockKind.BYLINE, BlockKind.DATE, BlockKind.NAVIGATION, BlockKind.WIDGET,
)
_TAGGED = (BlockKind.CAPTION, BlockKind.NAVIGATION, BlockKind.BYLINE, BlockKind.DATE, BlockKind.WIDGET)
_TAKEN = (
    BlockKind.HEADLINE, BlockKind.RELATED, BlockKind.PROMOTION, BlockKind.CREDIT, BlockKind.RIGHTS, BlockKind.BYLINE, BlockKind.BIO,
    BlockKind.DATE, BlockKind.CAPTION, BlockKind.NAVIGATION, BlockKind.WIDGET, BlockKind.DUPLICATE, BlockKind.UNKNOWN,
)
# fmt: on


def kept(text: str, element: HtmlElement | None) -> BlockKind:
    """The kind of a paragraph of the text, the standfirst excepted."""
    if element is None:
        return BlockKind.QUOTE if _is_quotation(text) else BlockKind.BODY
    around = list(_around(element))
    if any(map(is_post, around)):
        return BlockKind.EMBED
    tags = {each.tag for each in around}
    if "blockquote" in tags or _is_quotation(text):
        return BlockKind.QUOTE
    if "figcaption" in tags:
        return BlockKind.CAPTION
    return BlockKind.SUBHEAD if element.tag in _HEADINGS else BlockKind.BODY


def is_post(element: HtmlElement) -> bool:
    """Whether an element is an embedded post of somebody else."""
    return element.tag == "blockquote" and not _posts().isdisjoint((element.get("class") or "").lower().split())


def taken(rule: str, element: HtmlElement | None) -> BlockKind:
    """The kind of a paragraph that ``rule`` took out; where a rule goes by markup alone, the markup says what it was."""
    kinds = _kinds_of_rules()
    if rule not in kinds:
        raise ValueError(f"rules/classes.yaml has no kind for what the rule {rule!r} takes")
    kind = kinds[rule]
    if kind in {BlockKind.WIDGET, BlockKind.UNKNOWN} and element is not None and (marked := _marked(element)):
        return marked[0]
    return kind


def chrome(block: Visible) -> tuple[BlockKind, str] | None:
    """The kind of a block outside the text, by its markup, and why."""
    if any(map(is_post, _around(block.element))):
        return BlockKind.EMBED, "a post, shown apart from the text"
    if marked := _marked(block.element):
        return marked
    if date_line(block.text, _STRANGERS):
        return BlockKind.DATE, "a date and little else"
    if block.link_share >= _LINKED:
        leading = count_words(block.text) >= _TITLE_WORDS
        return (BlockKind.RELATED, "a link to an article") if leading else (BlockKind.NAVIGATION, "a link of a word or three")
    if (said := _consents().search(block.text)) and count_words(block.text) >= _SENTENCE_WORDS:
        return BlockKind.CONSENT, f"says “{said[0]}”"
    return None


def where(element: HtmlElement) -> str:
    """The way to an element from two above it, each with its first class."""
    path = [element, *islice(element.iterancestors(), 2)]
    return " > ".join(".".join([str(each.tag), *(each.get("class") or "").split()[:1]]) for each in reversed(path))


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and those around it, up to a room of the page that holds everything."""
    for each in (element, *islice(element.iterancestors(), _AROUND)):
        if each.tag in _ROOMS:
            return
        yield each


def _marked(element: HtmlElement) -> tuple[BlockKind, str] | None:
    """What the nearest element that says anything says: its tag before its classes."""
    for each in _around(element):
        if kind := _kinds_of_tags().get(str(each.tag)):
            return kind, f"in <{each.tag}>"
        said = names(each)
        if found := next(((kind, common) for kind, marks in _marks() if (common := said & marks)), None):
            return found[0], f"its markup says “{min(found[1])}”"
    return None


def _is_quotation(text: str) -> bool:
    return _QUOTED.fullmatch(text) is not None and count_words(text) >= _QUOTE_WORDS


@cache
def _posts() -> frozenset[str]:
    return frozenset(words("classes", "posts"))


@cache
def _consents() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words("classes", "consent"))) + r")\b", re.IGNORECASE)


@cache
def _marks() -> tuple[tuple[BlockKind, frozenset[str]], ...]:
    return tuple((kind, frozenset(words("classes", f"marks {kind}"))) for kind in _MARKED)


@cache
def _kinds_of_tags() -> dict[str, BlockKind]:
    return _kinds("tags", _TAGGED)


@cache
def _kinds_of_rules() -> dict[str, BlockKind]:
    return _kinds("rules", _TAKEN)


def _kinds(evidence: str, kinds: tuple[BlockKind, ...]) -> dict[str, BlockKind]:
    return {entry: kind for kind in kinds for entry in words("classes", f"{evidence} {kind}")}
