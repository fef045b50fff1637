"""What the rules of page kinds look at: a page's facts, counted once.

``look(facts)`` gives ``Seen``.  Sizes are in words; text without spaces between words counts two characters as one.  Paragraphs that stand
in the dialog of a consent tool (``rules/walls.yaml``) are no part of ``body``: articles carry such dialogs, and walls have nothing else.
What is dear is looked up when a rule asks for it, and once.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from archive.records import Page
from pipeline.blocks import Visible, key
from pipeline.lexicon import words
from pipeline.metadata import Metadata
from pipeline.wallrules import holder
from pipeline.whitespace import squeeze

SHORT_PAGE = 400  # words that a reader sees on the whole page: walls and error pages stay below
SHORT_BODY = 150
DECLARED = "declared an article"  # the reason that a page gives in JSON-LD
BRIEF = 80
PARAGRAPH = 20
LINKED = 0.5
REFUSED = frozenset({401, 403, 405, 429, 503})
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED_BYTES = bytes([0xE0, 0xE1, *range(0xE3, 0xEA)])
_OG_TYPE = re.compile(r"""<meta[^>]{0,200}["']og:type["'][^>]{0,200}>""", re.IGNORECASE)
_CONTENT = re.compile(r"""content=["']([^"']*)""", re.IGNORECASE)
_NO_HOLDERS = frozenset({"html", "body", "main", "article"})
_SEGMENT = re.compile(r"\s+[|*·•~–—-]+\s+|\s*[|｜»]\s*")
_SAID = 0.6  # share of a heading that a phrase must be to be what the heading says
_HEADLINE_WORDS = range(3, 31)
_NEAR = 3  # blocks between a headline and its summary


@lru_cache(maxsize=1024)
def count_words(text: str) -> int:
    """Words of ``text``; where a script sets no spaces, two characters make one."""
    unspaced = len(_UNSPACED.findall(text)) if _may_be_unspaced(text) else 0
    return len((_UNSPACED.sub(" ", text) if unspaced else text).split()) + unspaced // 2


def _may_be_unspaced(text: str) -> bool:
    """Whether a character lies where those scripts do: told from its first byte in UTF-8, in a tenth of the pattern's time."""
    encoded = b"" if text.isascii() else text.encode("utf-8", "surrogatepass")
    return len(encoded.translate(None, _UNSPACED_BYTES)) < len(encoded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at."""

    page: Page
    meta: Metadata
    visible: Sequence[Visible]
    body: Sequence[str]  # the paragraphs that were kept
    markup: str  # the page's source
    paged: bool = True  # whether an element of the page may lead to its next one


class Seen:
    """The facts, counted."""

    def __init__(self, facts: Facts) -> None:
        """Count what every rule asks for."""
        self.facts = facts
        self.meta = facts.meta
        self.status = facts.page.capture.status
        self.url = urlsplit(facts.page.capture.url)
        self._holders: dict[HtmlElement, str | None] = {}
        self.shown = "\n".join(block.text for block in facts.visible)
        self.page_words = count_words(self.shown)
        self.extracted_words = count_words("\n".join(facts.body))
        own = self._of_dialogs({key(paragraph) for paragraph in facts.body})
        self.body = [paragraph for paragraph in facts.body if key(paragraph) not in own]
        self.body_words = count_words("\n".join(self.body))
        self.article = any(kind.endswith(("article", "posting")) for kind in self.meta.kinds)  # og:type says so on error pages too

    @property
    def refused(self) -> bool:
        return self.status in REFUSED

    @property
    def short(self) -> bool:
        return self.page_words < SHORT_PAGE

    @property
    def bare(self) -> bool:
        """Whether there is no article to read, whatever else is on the page."""
        return self.short and self.body_words < SHORT_BODY and not self.article

    @cached_property
    def text(self) -> str:
        """Case-folded: all that is visible where the page or its body is short, else the body."""
        return fold(self.shown if self.short or self.body_words < SHORT_BODY else "\n".join(self.facts.body))

    @cached_property
    def source(self) -> str:
        """The page's source in lower case."""
        return self.facts.markup.lower()

    @cached_property
    def title(self) -> str:
        return fold(" ".join(self.meta.values("title")))

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """What the page is called: each part of its titles and its first headings, case-folded."""
        first = [block.text for block in self.facts.visible if block.element.tag in {"h1", "h2"}][:2]
        return tuple(dict.fromkeys(part for title in (*self.meta.values("title"), *first) for part in _SEGMENT.split(fold(title)) if part))

    @cached_property
    def og_type(self) -> str:
        """The first og:type, in lower case; from the source, because the extractor may have taken the head out of the tree."""
        found = _OG_TYPE.search(self.facts.markup)
        content = _CONTENT.search(found[0]) if found else None
        return content[1].strip().lower() if content else ""

    @cached_property
    def query(self) -> dict[str, list[str]]:
        try:
            return parse_qs(self.url.query, max_num_fields=100)
        except ValueError:  # more fields than anybody has
            return {}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The segments of the path, in lower case."""
        return tuple(filter(None, self.url.path.lower().split("/")))

    @cached_property
    def link_share(self) -> float:
        """Of all that is visible."""
        return sum(block.linked for block in self.facts.visible) / (sum(len(block.text) for block in self.facts.visible) or 1)

    @cached_property
    def linked(self) -> bool:
        """Whether most of the body is links."""
        if not self.body_words:
            return self.link_share >= LINKED
        body = {key(paragraph) for paragraph in self.body}
        found = sum(count_words(block.text) for block in self.facts.visible if block.link_share >= LINKED and block.key in body)
        return found >= LINKED * self.body_words

    @cached_property
    def paragraphs(self) -> int:
        """Paragraphs of the body as long as an article's."""
        return sum(count_words(paragraph) >= PARAGRAPH for paragraph in self.body)

    @cached_property
    def dated(self) -> bool:
        """Whether the page says in its head or markup when its article was published."""
        return self.meta.provenance.get("published", "").startswith(("json-ld", "meta", "microdata"))

    @cached_property
    def listed(self) -> float:
        """The share of the body's paragraphs that are summaries of other articles: each right behind a headline of its own."""
        places = {block.key: number for number, block in enumerate(self.facts.visible)}
        found = [places[folded] for paragraph in self.body if (folded := key(paragraph)) in places]
        heads = [number for number, block in enumerate(self.facts.visible) if _is_headline(block)]
        plain = [place for place in found if not _is_headline(self.facts.visible[place])]
        own = {head for place in plain if (head := _before(heads, place)) is not None}
        return len(own) / len(plain) if plain else 0.0

    @cached_property
    def dialog(self) -> dict[str, str]:
        """The visible blocks that stand in the dialog of a consent tool: their keys, each with the tool's name."""
        return self._of_dialogs(None)

    def _of_dialogs(self, wanted: Collection[str] | None) -> dict[str, str]:
        """The blocks of dialogs, among those whose keys are wanted."""
        blocks = [block for block in self.facts.visible if wanted is None or block.key in wanted]
        return {block.key: name for block in blocks if (name := _holder(block.element, self._holders))}

    @cached_property
    def dialog_words(self) -> int:
        return sum(count_words(block.text) for block in self.facts.visible if block.key in self.dialog)

    def says(self, name: str) -> list[str]:
        """The phrases of a list of ``rules/quality.yaml`` in the text."""
        return hits(self.text, name)

    def called(self, name: str) -> list[str]:
        """The phrases of a list that are what a heading says: a word of a headline is none."""
        return [phrase for heading in self.headings for phrase in hits(heading, name) if len(phrase) >= _SAID * len(heading)]


def look(facts: Facts) -> Seen:
    """The facts, counted."""
    return Seen(facts)


def _is_headline(block: Visible) -> bool:
    return block.link_share >= LINKED and len(block.text.split()) in _HEADLINE_WORDS


def _before(heads: Sequence[int], place: int) -> int | None:
    """The nearest of the headlines, given in order, that stands a few blocks before a place."""
    number = bisect_left(heads, place) - 1
    return heads[number] if number >= 0 and place - heads[number] <= _NEAR else None


def _holder(element: HtmlElement, known: dict[HtmlElement, str | None]) -> str | None:
    """The consent tool in whose dialog an element stands; asked once of each element on the way up."""
    way: list[HtmlElement] = []
    found: str | None = None
    outer: HtmlElement | None = element
    while outer is not None and outer not in known:
        way.append(outer)
        if outer.tag not in _NO_HOLDERS and (found := holder(_names(outer))) and not _holds_article(outer):
            break
        found, outer = None, outer.getparent()
    if found is None and outer is not None:
        found = known.get(outer)
    known.update(dict.fromkeys(way, found))
    return found


def _names(element: HtmlElement) -> list[str]:
    return f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()


def _holds_article(element: HtmlElement) -> bool:
    return next(element.iter("article", "main"), None) is not None


def fold(text: str) -> str:
    """``text`` as the lists of phrases are compared with it."""
    return squeeze(text).casefold().replace("’", "'") if "\n" not in text else text.casefold().replace("’", "'")


def hits(text: str, name: str) -> list[str]:
    """The phrases of a list of ``rules/quality.yaml`` in a folded text."""
    return list(_found(text, words("quality", name)))


def _found(text: str, phrases: Sequence[str]) -> Iterator[str]:
    for phrase in phrases:
        at = text.find(phrase)
        # A phrase inside a longer word ("404" in 1404, "no existe" in "no existen") is another word.
        if at >= 0 and not text[at - 1 : at].isalnum() and not text[at + len(phrase) : at + len(phrase) + 1].isalnum():
            yield phrase
