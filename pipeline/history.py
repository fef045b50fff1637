"""A page held against what its outlet and its address have given before: what no page can say of itself.

``reconsidered(document, history)`` gives the document with another verdict where history contradicts the page's own, and the same document
otherwise; it never makes an article of what is none.  Three things speak:

* The same text at six addresses of one outlet in one run or day is no article's, unless the page declares one (JSON-LD): it is a
  wall of no known system, or the front page where it is as long as one.
* A text that this address gave when it was called a wall is that wall still.
* A short text where there was a whole article, without one of its paragraphs or a word of its title, is another page.

``Said`` counts who said the same.  A crawl knows what came until the end of a round, a rebuild the whole day, so a rebuild may know better.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import urlsplit

from archive.kinds import PageKind
from archive.records import Document, Quality
from pipeline.blocks import key
from pipeline.losses import outlet_of
from pipeline.pagefacts import DECLARED, SHORT_BODY, SHORT_PAGE, count_words
from pipeline.sureness import CLEAR, LIKELY

SAME = 5  # other addresses: an article stands at two to four when sections share it
_TEXTS = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG, PageKind.TEASER, PageKind.INDEX, PageKind.NOT_ARTICLE})
_STANDING = frozenset({PageKind.WALL, PageKind.REDIRECT_HOME})
_LONG_WORD = 4  # characters: shorter words are in every title
_LEFT = 0.5  # share of the earlier article's words from which a text may be a cut of it


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What else is known: the last article that this address gave, the last page of any kind, who else said the same."""

    article: Document | None = None
    last: Document | None = None
    twins: int = 0  # other addresses of the outlet that gave the same text


class Said:
    """The texts of one run or day, by outlet, with the addresses that gave them."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._addresses: dict[tuple[str, bytes], set[str]] = defaultdict(set)

    def add(self, document: object) -> None:
        """Note a text; what is no document has none."""
        if isinstance(document, Document) and document.text:
            self._addresses[_words(document)].add(_address(document))

    def twins(self, document: Document) -> int:
        """How many other addresses of the outlet gave this text."""
        return len(self._addresses.get(_words(document), set()) - {_address(document)})

    @property
    def shared(self) -> bool:
        """Whether so many addresses gave one text that no article is in it."""
        return any(len(found) > SAME for found in self._addresses.values())


def _words(document: Document) -> tuple[str, bytes]:
    return outlet_of(document.url), sha256(key(document.text).encode()).digest()


def _address(document: Document) -> str:
    parts = urlsplit(document.canonical or document.url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"


def reconsidered(document: Document, history: History) -> Document:
    """The document, with the verdict that its history leaves."""
    if document.quality.kind not in _TEXTS or not document.text:
        return document
    found = _everywhere(document, history.twins) or _standing(document, history.last) or _replaced(document, history.article)
    if found is None:
        return document
    doubts = tuple(reason for reason in document.quality.reasons if reason not in found.reasons)
    return replace(document, quality=replace(found, reasons=(*found.reasons, f"by itself: {document.quality.kind}", *doubts)))


def _everywhere(document: Document, twins: int) -> Quality | None:
    if twins < SAME or DECLARED in document.quality.reasons:
        return None
    kind = PageKind.WALL if count_words(document.text) < SHORT_PAGE else PageKind.REDIRECT_HOME
    return Quality(kind=kind, reasons=(f"the same text at {twins} other addresses of the outlet",), confidence=CLEAR)


def _standing(document: Document, last: Document | None) -> Quality | None:
    if last is None or last.quality.kind not in _STANDING or key(last.text) != key(document.text):
        return None
    return Quality(kind=last.quality.kind, reasons=(f"the same text as when it was called {last.quality.kind}",), confidence=CLEAR)


def _replaced(document: Document, article: Document | None) -> Quality | None:
    """Another page where the article was; an article that was rewritten keeps a paragraph, a name in its title, or its length."""
    if article is None:
        return None
    before, now = count_words(article.text), count_words(document.text)
    if before < SHORT_BODY or now >= min(SHORT_BODY, _LEFT * before):
        return None
    kept = {key(block.text) for block in document.blocks} & {key(block.text) for block in article.blocks}
    if kept or _title_words(document) & _title_words(article):
        return None
    reason = f"{now} words under another title where an article of {before} words was, and no paragraph of it"
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=(reason,), confidence=LIKELY)


def _title_words(document: Document) -> set[str]:
    return {key(word) for word in (document.title or "").split() if len(key(word)) >= _LONG_WORD}
