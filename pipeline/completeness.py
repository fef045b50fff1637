"""Signs that a text is not all of its article.

``alarms(document, facts)`` looks at an article's text beside its page and names what does not fit; none of it changes the text or the kind.
``unread(page)`` does the same for a page of which the parser made nothing.  Pages that are no article by their kind raise no alarm: a wall
has no text to lose.  How often each alarm is raised on 308 real pages stands beside its limit.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import chain
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from archive.kinds import PageKind, TextAlarmKind
from archive.records import Document, Page, TextAlarm
from pipeline.blocks import Visible, key
from pipeline.markup import absolute
from pipeline.pagefacts import BRIEF, PARAGRAPH, Facts, count_words
from pipeline.wallrules import holder

CARRIES_TEXT = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})
MAY_BE_ARTICLE = CARRIES_TEXT | {PageKind.EMPTY, PageKind.NOT_ARTICLE}
_STATED = 0.6  # of the words that JSON-LD states (text.md §7)
_FEWEST_STATED = 100
_SHOWN = 0.25  # words of prose that were not taken, for each that was
_FEWEST_SHOWN = 80
_NEAR = 4  # blocks behind the text in which it may go on
_KNOWN = 30  # letters and digits by which a block is known again in the text
_MOST_LINK = 0.3
_DESCRIBES = 8  # words of a sentence that describes the article
_REPEATED = 0.3  # of the text's words that stand in paragraphs that came before
_DEEPEST = 250  # elements inside each other: at 260 the parser gives nothing (measured)
_SCRIPTED = 40  # words: a page that shows less and is drawn by scripts
_MUCH = 5000  # characters of source from which a page without words has its words elsewhere
_TAG = re.compile(rb"<(/?)(?:div|section|span|article|table|tr|td|ul|li|blockquote|font|b|i)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
_NUMBERED = re.compile(
    r"^\W*(?:page|seite|página|pagina|strona|страница|side|sida|sivu)\s+(\d{1,3})\s*(?:of|von|sur|de|di|van|z|из|af|av|/)\s*(\d{1,3})$",
    re.IGNORECASE,
)
_PAGE_KEYS = frozenset({"page", "p", "pg", "seite", "pagina", "strana"})
_NOT_ARTICLE = frozenset({"aside", "footer", "nav", "form", "figcaption", "figure", "header", "li", "td"})
_AROUND = re.compile(
    "comment|related|recommend|promo|newsletter|sidebar|footer|cookie|consent|teaser|most-read|more-on|disqus|author-bio|read-more|onward"
)
_HREF = re.compile(r"""href=["']?([^"'\s>]+)""")
_LINKED_ON = ('rel="next', "rel='next", "rel=next")
_FRAMES = re.compile(r"""id=["']?(?:root|app|__next|__nuxt|main-app|react-root)\b""")


def alarms(document: Document, facts: Facts) -> tuple[TextAlarm, ...]:
    """Why the document's text may not be all of the article."""
    kind = document.quality.kind
    if kind not in MAY_BE_ARTICLE or facts.page.capture.status != 200:
        return ()
    found = chain(_empty(document, facts), _cut(facts.page))
    if kind in CARRIES_TEXT:
        found = chain(found, _of_text(document, facts))
    return tuple(TextAlarm(kind=name, message=message) for name, message in found)


def unread(page: Page) -> tuple[TextAlarm, ...]:
    """Why a page has no text at all, where its bytes say why."""
    if page.capture.status == 200 and (depth := _depth(page.body)) > _DEEPEST:
        return (TextAlarm(kind=TextAlarmKind.TOO_DEEP, message=f"elements nested about {depth} deep; the parser reads {_DEEPEST}"),)
    return ()


Found = Iterator[tuple[TextAlarmKind, str]]


def _of_text(document: Document, facts: Facts) -> Found:
    yield from _short_of_stated(document, facts)
    yield from _short_of_page(document, facts.visible)
    yield from _description_lost(document, facts)
    yield from _doubled(document)
    yield from _next_page(document, facts)


def _empty(document: Document, facts: Facts) -> Found:
    """A page that should be an article's and gave next to nothing; drawn by a script alone, where its source says so."""
    if count_words(document.text) >= _SCRIPTED:
        return
    yield from ((alarm.kind, alarm.message) for alarm in unread(facts.page) if not facts.visible)
    shown = sum(count_words(block.text) for block in facts.visible)
    if shown < _SCRIPTED and len(facts.markup) > _MUCH and (_FRAMES.search(facts.markup) or "<noscript" in facts.markup):
        yield TextAlarmKind.SCRIPT_ONLY, f"{shown} words shown in {len(facts.markup)} characters of source"
    declared = any(kind.endswith(("article", "posting")) for kind in facts.meta.kinds) or facts.meta.og_article
    if declared and not document.text:
        yield TextAlarmKind.EMPTY, f"the page says that it is an article; {shown} words are shown and none was taken"


def _cut(page: Page) -> Found:
    if page.problem:
        yield TextAlarmKind.TRUNCATED, page.problem
    elif page.body.rstrip()[-1:] != b">" and b"<html" in page.body[:2048].lower() and b"</html" not in page.body[-4096:].lower():
        yield TextAlarmKind.TRUNCATED, "the source ends without an end tag"


def _short_of_stated(document: Document, facts: Facts) -> Found:
    stated, taken = facts.meta.words or 0, count_words(document.text)
    if stated >= _FEWEST_STATED and taken < _STATED * stated:
        yield TextAlarmKind.SHORT_OF_STATED, f"{taken} of the {stated} words that JSON-LD states"


def _short_of_page(document: Document, visible: Sequence[Visible]) -> Found:
    """Prose between the text's paragraphs or right behind them, in nothing that surrounds an article on most pages."""
    taken, have = count_words(document.text), _folded(document)
    given = {key(removal.text) for removal in document.removed}
    kept = {key(block.text) for block in document.blocks}
    places = [number for number, block in enumerate(visible) if block.key in kept or (len(block.key) >= _KNOWN and block.key in have)]
    if not places:
        return
    left, last = 0, places[-1]
    for number, block in enumerate(visible[places[0] :], places[0]):
        if number > last + _NEAR:
            break
        if block.key not in kept and _is_long(block) and block.key not in have and block.key not in given and not _is_aside(block):
            left, last = left + count_words(block.text), max(last, number)
    if left >= _FEWEST_SHOWN and left > _SHOWN * taken:
        yield TextAlarmKind.SHORT_OF_PAGE, f"{taken} words, and {left} more in paragraphs that were not taken"


def _folded(document: Document) -> str:
    """The key of the text, out of those of its paragraphs, which are known."""
    return "".join(key(block.text) for block in document.blocks)


def _is_long(block: Visible) -> bool:
    return len(block.text) > 2 * PARAGRAPH and block.link_share <= _MOST_LINK and count_words(block.text) >= PARAGRAPH


def _is_aside(block: Visible) -> bool:
    return any(map(_is_around, _ways(block.element)))


def _ways(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()


def _is_around(element: HtmlElement) -> bool:
    if element.tag in _NOT_ARTICLE:
        return True
    names = f"{element.get('id') or ''} {element.get('class') or ''}".lower()
    return element.tag not in {"html", "body"} and (_AROUND.search(names) is not None or holder(names.split()) is not None)


def _description_lost(document: Document, facts: Facts) -> Found:
    """A sentence that the page describes its article with, shown to the reader and not in the text."""
    have = _folded(document)
    for description in facts.meta.values("description")[:2]:
        for sentence in _SENTENCE.split(description):
            wanted = key(sentence)
            if count_words(sentence) < _DESCRIBES or wanted in have:
                continue
            if any(wanted in block.key and not _is_aside(block) for block in facts.visible):
                yield TextAlarmKind.DESCRIPTION_LOST, sentence
                return


def _doubled(document: Document) -> Found:
    seen: set[str] = set()
    again = 0
    for block in document.blocks:
        size = count_words(block.text)
        if size >= PARAGRAPH and block.kind not in {"quote", "embed"}:
            again += size if key(block.text) in seen else 0
            seen.add(key(block.text))
    words = count_words(document.text)
    if again and again >= _REPEATED * words:
        yield TextAlarmKind.DOUBLED, f"{again} of {words} words stand there twice"


def _next_page(document: Document, facts: Facts) -> Found:
    """The article's own next page: not the next article, which many sites link the same way."""
    for block in facts.visible:
        if (
            len(block.text) < BRIEF
            and block.text[-1:].isdecimal()
            and (found := _NUMBERED.match(block.text))
            and int(found[1]) < int(found[2])
        ):
            yield TextAlarmKind.NEXT_PAGE, block.text
            return
    for mark in _LINKED_ON if facts.paged else ():
        at = facts.markup.find(mark)  # in the source, because the extractor may have taken the links out of the tree
        link = facts.markup[facts.markup.rfind("<", 0, at) : facts.markup.find(">", at)] if at >= 0 else ""
        href = _HREF.search(link)
        target = absolute(document.url, unescape(href[1])) if href else None
        if target and _is_page_of(target, document.url):
            yield TextAlarmKind.NEXT_PAGE, target
            return


def _is_page_of(target: str, url: str) -> bool:
    """Whether an address is a further page of another: its path with a number behind, or its path with a page in the query."""
    there, here = urlsplit(target), urlsplit(url)
    if there.hostname != here.hostname:
        return False
    path, own = there.path.rstrip("/"), here.path.rstrip("/")
    if path == own:
        return any(name in _PAGE_KEYS and value[0].isdecimal() for name, value in parse_qs(there.query, max_num_fields=100).items())
    stem = own.removesuffix(".html").removesuffix(".htm")
    rest = path.removesuffix(".html").removesuffix(".htm").removeprefix(stem) if path.startswith(stem) else ""
    return bool(re.fullmatch(r"(?:/page|/seite|,seite)?[/,_-]?-?\d{1,2}", rest)) and bool(stem)


def _depth(body: bytes) -> int:
    """How deep the elements that sites nest are nested, at the deepest."""
    deepest = now = 0
    for match in _TAG.finditer(body):
        now = max(0, now - 1) if match[1] else now + 1
        deepest = max(deepest, now)
    return deepest
