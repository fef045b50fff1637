"""What kind of page a capture is: an article, or something that only looks like one.

``quality(facts)`` applies the rules in order of how badly a mistake would hurt: a wall, an error page or an index that passed as an article
would become a false edit or a false deletion, so each of them comes before any evidence for an article.  Every rule names its reason.
A rule that goes by words asks for a short page too, because an article may well be about consent, robots or a page not found.
The words are data (``rules/quality.yaml``).  Sizes are in words; text without spaces between words counts two characters as one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.kinds import PageKind
from archive.records import Page, Quality
from pipeline.blocks import Visible, key
from pipeline.lexicon import words
from pipeline.metadata import Metadata

_SHORT_PAGE = 400  # words that a reader sees on the whole page: walls and error pages stay below
_SHORT_BODY = 150
_BRIEF = 80
_WALL_SHARE = 0.5  # share of the body's words that stand in paragraphs about consent
_CUT_SHARE = 0.5  # of the words that the page itself states (text.md §7: completeness alarm)
_PARAGRAPH = 20
_LINKED = 0.5
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_REFUSED = frozenset({401, 403, 429, 503})


def count_words(text: str) -> int:
    """Words of ``text``; where a script sets no spaces, two characters make one."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return len((_UNSPACED.sub(" ", text) if unspaced else text).split()) + unspaced // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at."""

    page: Page
    meta: Metadata
    visible: Sequence[Visible]
    body: Sequence[str]  # the paragraphs that were kept
    markup: str  # the page's source


@dataclass(frozen=True, slots=True)
class _Seen:
    """The facts, counted once."""

    facts: Facts
    status: int
    title: str
    text: str  # case-folded: all that is visible, where the page or its body is short; else the body
    page_words: int
    body_words: int
    link_share: float  # of all that is visible
    linked: bool  # most of the body is links
    article: bool  # a JSON-LD node says that it is one; og:type says so on categories and error pages too

    @property
    def short(self) -> bool:
        return self.page_words < _SHORT_PAGE


def quality(facts: Facts) -> Quality:
    """The kind of the page, with the reason and how sure it is."""
    seen = _look(facts)
    for rule in _RULES:
        if found := rule(seen):
            return found
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"{seen.body_words} words in the body and no sign of an article",), confidence=0.5)


def not_html(page: Page) -> Quality | None:
    """The verdict on a page that is no HTML at all, from its type and its first bytes; None when it is worth parsing."""
    mime = (page.capture.mime or "").partition(";")[0].strip().lower()
    start = page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return Quality(kind=PageKind.EMPTY, reasons=("no bytes in the body",))
    marked = start.startswith((b"<!doctype html", b"<html")) or b"<html" in start
    if marked or (mime in {"", "text/html", "application/xhtml+xml"} and b"<" in start):
        return None
    return Quality(kind=PageKind.NOT_HTML, reasons=(f"{mime or 'no type given'}, and no HTML in the first bytes",))


def _look(facts: Facts) -> _Seen:
    link_share = sum(block.linked for block in facts.visible) / (sum(len(block.text) for block in facts.visible) or 1)
    shown, body = "\n".join(block.text for block in facts.visible), "\n".join(facts.body)
    page_words, body_words = count_words(shown), count_words(body)
    kinds = facts.meta.kinds
    return _Seen(
        facts=facts,
        status=facts.page.capture.status,
        title=" ".join(facts.meta.values("title")).casefold(),
        text=_folded(shown if page_words < _SHORT_PAGE or body_words < _SHORT_BODY else body),
        page_words=page_words,
        body_words=body_words,
        link_share=link_share,
        linked=_linked_words(facts) >= _LINKED * body_words if body_words else link_share >= _LINKED,
        article=any(kind.endswith(("article", "posting")) for kind in kinds),
    )


def _linked_words(facts: Facts) -> int:
    """How many of the body's words stand in blocks that are mostly link."""
    body = {key(paragraph) for paragraph in facts.body}
    return sum(count_words(block.text) for block in facts.visible if block.link_share >= _LINKED and block.key in body)


def _empty(seen: _Seen) -> Quality | None:
    if seen.page_words or seen.body_words:
        return None
    return Quality(kind=PageKind.EMPTY, reasons=("no visible text",))


def _bot_wall(seen: _Seen) -> Quality | None:
    headers = {name.lower(): value for name, value in seen.facts.page.headers}
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return Quality(kind=PageKind.BOT_WALL, reasons=("header cf-mitigated: challenge",))
    if not seen.short:
        return None
    said = _hits(seen.text, "bot_phrases")
    titled = _hits(seen.title, "bot_titles")
    marked = _hits(seen.facts.markup.casefold(), "bot_marks") if seen.status in _REFUSED else []
    if said or marked or (titled and seen.body_words < _SHORT_BODY and not seen.article):
        return Quality(kind=PageKind.BOT_WALL, reasons=tuple(f"says {word!r}" for word in (*said, *titled, *marked)), confidence=0.9)
    return None


def _consent_wall(seen: _Seen) -> Quality | None:
    address = urlsplit(seen.facts.page.capture.url)
    if (address.hostname or "").startswith(("consent.", "privacy.", "guce.")) and seen.short:
        return Quality(kind=PageKind.CONSENT_WALL, reasons=(f"address {address.hostname}",), confidence=0.9)
    said, titled = _hits(seen.text, "consent_phrases"), _hits(seen.title, "consent_titles")
    if len(said) < 2:
        return None
    about = [paragraph for paragraph in seen.facts.body if _hits(_folded(paragraph), "consent_phrases")]
    share = count_words("\n".join(about)) / seen.body_words if seen.body_words else 0.0
    if (share >= _WALL_SHARE and not _has_paragraphs(seen, about)) or (titled and seen.short):
        reasons = (f"{share:.0%} of the body is about consent", *(f"says {word!r}" for word in (*titled, *said[:4])))
        return Quality(kind=PageKind.CONSENT_WALL, reasons=reasons, confidence=0.9)
    return None


def _has_paragraphs(seen: _Seen, about: Sequence[str]) -> bool:
    """Whether three whole paragraphs are not about consent."""
    return sum(count_words(paragraph) >= _PARAGRAPH for paragraph in seen.facts.body if paragraph not in about) >= 3


def _soft_404(seen: _Seen) -> Quality | None:
    if seen.status in {404, 410}:
        return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"status {seen.status}",))
    if seen.body_words >= _SHORT_BODY or seen.article:
        return None
    titled, said = _hits(seen.title, "missing_titles"), _hits(seen.text, "missing_phrases") if seen.short else []
    if titled or said:
        reasons = tuple(f"says {word!r}" for word in (*titled, *said))
        return Quality(kind=PageKind.SOFT_404, reasons=reasons, confidence=0.9 if titled else 0.7)
    return None


def _refused(seen: _Seen) -> Quality | None:
    if seen.status < 400:
        return None
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"status {seen.status}",))


def _live_blog(seen: _Seen) -> Quality | None:
    if "liveblogposting" not in seen.facts.meta.kinds or seen.body_words < _BRIEF:
        return None
    return Quality(kind=PageKind.LIVE_BLOG, reasons=("JSON-LD LiveBlogPosting",))


def _teaser(seen: _Seen) -> Quality | None:
    meta = seen.facts.meta
    reasons = []
    if meta.words and meta.words >= _SHORT_BODY and seen.body_words < _CUT_SHARE * meta.words:
        reasons.append(f"{seen.body_words} of the {meta.words} words that JSON-LD states")
    if seen.body_words < _SHORT_BODY:
        reasons += [f"says {word!r}" for word in _hits(seen.text, "paywall_phrases")]
    if meta.free is False and (reasons or seen.body_words < _BRIEF):
        reasons.append("JSON-LD isAccessibleForFree: false")
    if not reasons or not (meta.free is False or seen.body_words < _SHORT_BODY):
        return None
    return Quality(kind=PageKind.TEASER, reasons=tuple(reasons), confidence=0.9 if meta.free is False else 0.7)


def _index(seen: _Seen) -> Quality | None:
    if seen.article:
        return None
    listed = sorted(seen.facts.meta.kinds & set(words("quality", "index_kinds")))
    front = urlsplit(seen.facts.page.capture.url).path in {"", "/"}
    signs = {"front page of its site": front, f"the body is links, as is {seen.link_share:.0%} of the page": seen.linked}
    reasons = [*(f"JSON-LD {kind}" for kind in listed), *(sign for sign, holds in signs.items() if holds)]
    if front or seen.linked or (listed and seen.body_words < _SHORT_BODY):
        return Quality(kind=PageKind.INDEX, reasons=tuple(reasons), confidence=0.9 if front or listed else 0.7)
    return None


def _article(seen: _Seen) -> Quality | None:
    evidence = _evidence(seen)
    if not seen.body_words or not evidence:
        return None
    if seen.body_words < _BRIEF:
        return Quality(kind=PageKind.BRIEF, reasons=(f"{seen.body_words} words", *evidence), confidence=0.8)
    return Quality(kind=PageKind.ARTICLE, reasons=(f"{seen.body_words} words", *evidence), confidence=1.0 if seen.article else 0.8)


def _evidence(seen: _Seen) -> list[str]:
    meta = seen.facts.meta
    paragraphs = sum(count_words(paragraph) >= _PARAGRAPH for paragraph in seen.facts.body)
    signs = {
        "declared an article": seen.article,
        "dated and signed": bool(meta.published and meta.authors),
        "dated in its head, with a paragraph": meta.provenance.get("published", "").startswith(("json-ld", "meta")) and paragraphs >= 1,
        "og:type article, with a paragraph": meta.og_article and paragraphs >= 1,
        f"{paragraphs} paragraphs": paragraphs >= 3,
        f"{seen.body_words} words of text": seen.body_words >= _SHORT_BODY and seen.link_share < _LINKED,
    }
    return [sign for sign, holds in signs.items() if holds]


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


def _hits(text: str, name: str) -> list[str]:
    return list(_found(text, words("quality", name)))


def _found(text: str, phrases: Sequence[str]) -> Iterator[str]:
    for phrase in phrases:
        at = text.find(phrase)
        # A phrase inside a longer word ("404" in 1404, "no existe" in "no existen") is another word.
        if at >= 0 and not text[at - 1 : at].isalnum() and not text[at + len(phrase) : at + len(phrase) + 1].isalnum():
            yield phrase


_RULES: tuple[Callable[[_Seen], Quality | None], ...] = (
    _empty,
    _bot_wall,
    _consent_wall,
    _soft_404,
    _refused,
    _live_blog,
    _teaser,
    _index,
    _article,
)
