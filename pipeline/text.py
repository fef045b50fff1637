"""The clean text of one capture.

``document(page)`` decodes and parses the page once, lets trafilatura propose the text, takes out the residue that the words give away
(``pipeline.residue``) and the furniture that the markup does (``pipeline.furniture``), brings back a lost standfirst, and adds metadata,
quality and links.  It is a pure function of the page: same bytes, same versions, same document.

* ``Document.text`` is the blocks joined by one newline: the standfirst's, then the body's; offsets count its characters.
* ``Document.original`` is what the extractor gave; ``removed`` points into it.  Every character of it that is not white space is in a block
  or in a removal.  A standfirst that was brought back from the page stands in ``text`` alone.
* A page that is no HTML, or in which nothing can be read, is a document without text whose quality says so; no input raises on purpose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.metadata import version

import trafilatura
from lxml.html import HtmlElement
from py3langid import classify
from trafilatura.settings import Extractor

from archive.kinds import BlockKind, PageKind
from archive.records import Document, Page, Quality, Removal, TextAlarm
from pipeline.blocks import Visible, key, visible
from pipeline.completeness import alarms, unread
from pipeline.furniture import furniture, matched
from pipeline.hydrated import hydrated
from pipeline.ledger import Entry, Proposal, projected, proposed, whole
from pipeline.links import anchors, article_links, declared
from pipeline.markup import Decoded, decode, lightened, parse
from pipeline.metadata import Metadata, completed, described
from pipeline.quality import Facts, not_html, quality
from pipeline.residue import Cleaned, Context, clean
from pipeline.restored import Restored, posts_in, restored
from pipeline.standfirst import kept_standfirst, lost_standfirst
from pipeline.statements import read_head
from pipeline.thorough import best, readability, sure

REVISION = 5  # of our own rules: raise it with every change that changes a text
_OPTIONS = Extractor(output_format="txt", comments=False, dedup=False)  # made once: it reads a configuration, which takes 1 % of a page
_STRICT = Extractor(output_format="txt", comments=False, dedup=False, precision=True)
_LONG_ENOUGH = 300  # characters from which, and by which, the language of a text can be told from its words
_NEXT_TO_NOTHING = 200  # characters
_DRAWN = "data of the page, which a script would show"
_BY_READABILITY = "proposed by readability, with which the other extractors agree more"
_BY_PRECISION = "proposed by the extractor for precision, with which the others agree more"
# A wall, an error page or an index has no article whose links could lead to coverage.
_WITH_LINKS = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG, PageKind.TEASER})


@cache
def extractor(*, thorough: bool = False) -> str:
    """Names and versions of all that a text depends on (text.md §5: one body in ten changes between two releases of trafilatura)."""
    return f"copytrail-text/{REVISION}{'-thorough' if thorough else ''} trafilatura/{version('trafilatura')} lxml/{version('lxml')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A document, and what its ledger is made of."""

    document: Document
    entries: tuple[Entry, ...] = ()
    shown: tuple[Visible, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One proposal for the text, cleaned: its ledger, and the paragraphs of its body, in which a lost standfirst is not."""

    original: str
    cleaned: Cleaned
    entries: tuple[Entry, ...]
    body: list[str]

    @property
    def text(self) -> str:
        return "\n".join(entry.text for entry in self.entries if entry.kept)


def document(page: Page, *, thorough: bool = False) -> Document:
    """What the page says, as clean text with everything around it; ``thorough`` asks other extractors where two disagree."""
    return _reading(page, thorough=thorough).document


def explained(page: Page, *, thorough: bool = False) -> tuple[Document, tuple[Entry, ...]]:
    """The document, and the ledger of every visible block of its page; the text is the ledger's entries that are kept."""
    found = _reading(page, thorough=thorough)
    return found.document, whole(found.entries, found.shown, found.titles)


def _reading(page: Page, *, thorough: bool) -> _Reading:
    verdict = not_html(page)
    if verdict is not None:
        return _without_text(page, verdict, thorough=thorough)
    decoded = decode(page.body, page.charset)
    tree = parse(decoded.text)
    if tree is None:
        empty = Quality(kind=PageKind.EMPTY, reasons=("the parser found no element",))
        return _without_text(page, empty, unread(page), thorough=thorough)
    return _document(page, decoded, tree, thorough=thorough)


def _without_text(page: Page, verdict: Quality, doubts: tuple[TextAlarm, ...] = (), *, thorough: bool) -> _Reading:
    made = extractor(thorough=thorough)
    found = Document(capture=page.capture.id, url=page.capture.url, extractor=made, quality=verdict, problem=page.problem)
    return _Reading(document=replace(found, alarms=doubts))


def _document(page: Page, decoded: Decoded, tree: HtmlElement, *, thorough: bool) -> _Reading:
    url = page.capture.url
    head = read_head(tree, url, page.capture.time, page.headers)
    meta = described(head)
    shown = tuple(visible(tree))
    announced, marked = declared(head), anchors(head)
    titles = meta.values("title")
    extracted = _extracted(tree, decoded, shown, titles)
    judged = _judged(extracted, shown, meta, page.capture.time.date())
    if thorough and len(extracted.text) >= _NEXT_TO_NOTHING and extracted.origins.get(0) != _DRAWN:
        judged = _agreed(judged, tree, shown, meta, page.capture.time.date())
    entries, body, cleaned = judged.entries, judged.body, judged.cleaned
    meta = completed(meta, cleaned)
    blocks, removed = projected(entries)
    text = "\n".join(block.text for block in blocks)
    language, doubt = _language(meta.language, text)
    facts = Facts(
        page=page, meta=meta, visible=shown, body=body, markup=decoded.text, paged=any(said.startswith("next") for _, said in head.linked)
    )
    kind = quality(facts)
    lines = _leading_on(cleaned.related, removed)
    found = Document(
        capture=page.capture.id,
        url=url,
        extractor=extractor(thorough=thorough),
        quality=replace(kind, reasons=(*kind.reasons, *filter(None, (page.problem, decoded.doubt, doubt, *meta.doubts)))),
        problem=page.problem,
        title=meta.title or cleaned.headline,
        standfirst="\n".join(block.text for block in blocks if block.kind is BlockKind.STANDFIRST) or None,
        authors=meta.authors,
        outlet=meta.outlet,
        published=meta.published,
        modified=meta.modified,
        language=language,
        canonical=meta.canonical,
        text=text,
        blocks=blocks,
        credits=cleaned.credits,
        rights=meta.rights,
        links=(*announced, *(article_links(marked, url, shown, text.split("\n"), lines) if kind.kind in _WITH_LINKS else ())),
        removed=removed,
        original=judged.original,
        provenance=tuple(sorted(meta.provenance.items())),
        section=meta.section,
        agencies=meta.agencies,
        expires=meta.expires,
        paywall=meta.paywall,
        noarchive=meta.noarchive,
        candidates=meta.every(),
    )
    found = replace(found, alarms=alarms(found, facts))
    return _Reading(document=found, entries=entries, shown=shown, titles=titles)


def _extracted(tree: HtmlElement, decoded: Decoded, shown: Sequence[Visible], titles: Sequence[str]) -> Restored:
    """What the extractor proposes, with what it lost; where a page shows next to nothing, the text that only a script would show."""
    posts = posts_in(tree)
    with lightened(tree):
        text = trafilatura.extract(tree, options=_OPTIONS) or ""
    if len(text) >= _NEXT_TO_NOTHING:
        return restored(shown, text, posts)
    drawn = "\n".join(hydrated(decoded.text, titles))
    return Restored(text=drawn or text, origins={0: _DRAWN} if drawn else {})


def _headline(titles: Sequence[str], original: str) -> str | None:
    """The title that the text repeats at its top, else the best one."""
    top = {key(line) for line in original.split("\n", 3)[:3]}
    return next((title for title in titles if key(title) in top), titles[0] if titles else None)


def _agreed(first: _Judged, tree: HtmlElement, shown: Sequence[Visible], meta: Metadata, on: date) -> _Judged:
    """Of several proposals, all cleaned by the same rules, the one that the others agree with most."""
    posts = posts_in(tree)
    second = _judged(replace(restored(shown, readability(tree), posts), proposer=_BY_READABILITY), shown, meta, on)
    if sure(first.text, second.text):
        return first
    strict = trafilatura.extract(tree, options=_STRICT) or ""
    third = _judged(replace(restored(shown, strict, posts), proposer=_BY_PRECISION), shown, meta, on)
    judged = (first, second, third)
    return judged[best([each.text for each in judged])]


def _judged(extracted: Restored, shown: Sequence[Visible], meta: Metadata, on: date) -> _Judged:
    """The ledger of a proposed text."""
    titles, descriptions = meta.values("title"), meta.values("description")
    cleaned = clean(extracted.text, title=_headline(titles, extracted.text), context=Context.PAGE, on=on)
    passages = [passage.text for passage in cleaned.blocks]
    copies = matched(shown, passages)
    rules = furniture(copies, passages, titles)
    body = [text for number, text in enumerate(passages) if number not in rules]
    lost = lost_standfirst(shown, descriptions, titles, body)
    proposal = Proposal(
        original=extracted.text,
        cleaned=cleaned,
        furniture=rules,
        shown=[found[0] if found else None for found in copies],
        origins=extracted.origins,
        proposer=extracted.proposer,
    )
    entries = proposed(proposal, lost, standfirst=not lost and kept_standfirst(shown, descriptions, body))
    return _Judged(original=extracted.text, cleaned=cleaned, entries=entries, body=body)


def _leading_on(titles: Sequence[str], removed: Sequence[Removal]) -> tuple[str, ...]:
    """The lines that lead to other articles."""
    return (*titles, *(removal.text for removal in removed if removal.rule in {"related", "link-only"}))


def _language(declared: str | None, text: str) -> tuple[str | None, str | None]:
    """The language of the text, and the doubt when words and declaration disagree.

    A declared "en" yields to the words: it is what templates say that nobody translated (text.md §5: 6 of 9 disagreements).
    """
    if len(text) < _LONG_ENOUGH:
        return declared, None
    read: str = classify(text[:_LONG_ENOUGH])[0]
    if declared is None:
        return read, f"no language declared: reads as {read}"
    if read == declared:
        return declared, None
    return (read if declared == "en" else declared), f"declared {declared}, reads as {read}"
