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
from functools import cache
from importlib.metadata import version

import trafilatura
from lxml.etree import strip_elements
from lxml.html import HtmlElement
from py3langid import classify
from trafilatura.settings import Extractor

from archive.kinds import BlockKind, PageKind
from archive.records import Document, Page, Quality, Removal
from pipeline.blocks import Visible, key, visible
from pipeline.furniture import furniture, matched
from pipeline.hydrated import hydrated
from pipeline.ledger import Entry, Proposal, projected, proposed, whole
from pipeline.links import article_links, declared
from pipeline.markup import Decoded, decode, parse
from pipeline.metadata import Metadata, completed, metadata
from pipeline.quality import Facts, not_html, quality
from pipeline.residue import Cleaned, Context, clean
from pipeline.restored import Restored, restored
from pipeline.standfirst import kept_standfirst, lost_standfirst

REVISION = 4  # of our own rules: raise it with every change that changes a text
_OPTIONS = Extractor(output_format="txt", comments=False, dedup=False)  # made once: it reads a configuration, which takes 1 % of a page
_LONG_ENOUGH = 300  # characters from which, and by which, the language of a text can be told from its words
_NEXT_TO_NOTHING = 200  # characters
# Elements that say nothing to the extractor, which copies the tree five times: without them it takes 3 % less (154 pages; one text changed).
_SILENT = ("canvas", "embed", "iframe", "input", "link", "noscript", "object", "select", "source", "template", "textarea", "track")
# A wall, an error page or an index has no article whose links could lead to coverage.
_WITH_LINKS = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG, PageKind.TEASER})


@cache
def extractor() -> str:
    """Names and versions of all that a text depends on (text.md §5: one body in ten changes between two releases of trafilatura)."""
    return f"copytrail-text/{REVISION} trafilatura/{version('trafilatura')} lxml/{version('lxml')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A document, and what its ledger is made of."""

    document: Document
    entries: tuple[Entry, ...] = ()
    shown: tuple[Visible, ...] = ()
    titles: tuple[str, ...] = ()


def document(page: Page) -> Document:
    """What the page says, as clean text with everything around it."""
    return _reading(page).document


def explained(page: Page) -> tuple[Document, tuple[Entry, ...]]:
    """The document, and the ledger of every visible block of its page; the text is the ledger's entries that are kept."""
    found = _reading(page)
    return found.document, whole(found.entries, found.shown, found.titles)


def _reading(page: Page) -> _Reading:
    verdict = not_html(page)
    if verdict is not None:
        return _without_text(page, verdict)
    decoded = decode(page.body, page.charset)
    tree = parse(decoded.text)
    if tree is None:
        return _without_text(page, Quality(kind=PageKind.EMPTY, reasons=("the parser found no element",)))
    return _document(page, decoded, tree)


def _without_text(page: Page, verdict: Quality) -> _Reading:
    return _Reading(
        document=Document(capture=page.capture.id, url=page.capture.url, extractor=extractor(), quality=verdict, problem=page.problem)
    )


def _document(page: Page, decoded: Decoded, tree: HtmlElement) -> _Reading:
    url = page.capture.url
    meta = metadata(tree, url, page.capture.time, page.headers)
    shown = tuple(visible(tree))
    announced = declared(tree, url)
    titles = meta.values("title")
    extracted = _extracted(tree, decoded, shown, titles)
    cleaned = clean(extracted.text, title=_headline(titles, extracted.text), context=Context.PAGE, on=page.capture.time.date())
    meta = completed(meta, cleaned)
    entries, body = _entries(extracted, cleaned, shown, meta)
    blocks, removed = projected(entries)
    text = "\n".join(block.text for block in blocks)
    language, doubt = _language(meta.language, text)
    kind = quality(Facts(page=page, meta=meta, visible=shown, body=body, markup=decoded.text))
    lines = _leading_on(cleaned.related, removed)
    found = Document(
        capture=page.capture.id,
        url=url,
        extractor=extractor(),
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
        links=(*announced, *(article_links(tree, url, shown, text.split("\n"), lines) if kind.kind in _WITH_LINKS else ())),
        removed=removed,
        original=extracted.text,
        provenance=tuple(sorted(meta.provenance.items())),
        section=meta.section,
        agencies=meta.agencies,
        expires=meta.expires,
        paywall=meta.paywall,
        noarchive=meta.noarchive,
        candidates=meta.every(),
    )
    return _Reading(document=found, entries=entries, shown=shown, titles=titles)


def _extracted(tree: HtmlElement, decoded: Decoded, shown: Sequence[Visible], titles: Sequence[str]) -> Restored:
    """What the extractor proposes, with what it lost; where a page shows next to nothing, the text that only a script would show."""
    strip_elements(tree, *_SILENT, with_tail=False)
    text = trafilatura.extract(tree, options=_OPTIONS) or ""
    if len(text) >= _NEXT_TO_NOTHING:
        return restored(shown, text)
    drawn = "\n".join(hydrated(decoded.text, titles))
    return Restored(text=drawn or text, origins={0: "data of the page, which a script would show"} if drawn else {})


def _headline(titles: Sequence[str], original: str) -> str | None:
    """The title that the text repeats at its top, else the best one."""
    top = {key(line) for line in original.split("\n", 3)[:3]}
    return next((title for title in titles if key(title) in top), titles[0] if titles else None)


def _entries(extracted: Restored, cleaned: Cleaned, shown: Sequence[Visible], meta: Metadata) -> tuple[tuple[Entry, ...], list[str]]:
    """The ledger of the proposed text, and the paragraphs of the body, in which a lost standfirst is not."""
    titles, descriptions = meta.values("title"), meta.values("description")
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
    )
    entries = proposed(proposal, lost, standfirst=not lost and kept_standfirst(shown, descriptions, body))
    return entries, body


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
