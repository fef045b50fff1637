"""Two texts held against each other: what ``compare`` prints.

Contract: a side is a text file where there is one of that name, else a URL or record id of the archive.  ``shared`` are the passages of
four words and more that both texts have, quotations included, in the order of the first text and numbered so; offsets count characters of
the documents' texts.
"""

import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from archive.records import Document
from archive.relations import Related, TextSpan
from archive.settings import Settings
from archive.vault import open_archive
from copytrail.relaterows import fact_lines, limit_lines, relation_lines, texts, whole
from crawlers.storytexts import FIRST, NEWEST, one
from pipeline.related import related
from pipeline.relations import shared_passages

_SHORTEST = 4  # words of a passage that is shown
_WIDTH = 120  # columns where nothing says how wide the terminal is
_SHOWN = 90  # characters of a quotation
Row = dict[str, Any]
Passage = tuple[TextSpan, TextSpan]


class NotThere(LookupError):
    """A side that is neither a text file nor in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two documents and what binds them."""

    left: Document
    right: Document
    found: Related
    shared: tuple[Passage, ...]
    texts: str  # which text of an article of the archive is meant

    def row(self, paths: Mapping[str, str]) -> Row:
        """As one object: what ``relate`` gives, and the shared passages."""
        shared = [{"from": list(left), "to": list(right), "words": self.left.text[slice(*left)]} for left, right in self.shared]
        return {**whole(self.found, (self.left, self.right), paths), "shared": shared, "texts": self.texts}


def pair(
    settings: Callable[[], Settings], names: tuple[str, str], *, newest: bool = False
) -> tuple[tuple[Document, Document], Mapping[str, str]]:
    """The two documents, and where each lies; the archive is opened only for what is no file."""
    first, second = (_document(settings, name, newest=newest) for name in names)
    if first.capture == second.capture:
        second = replace(second, capture=f"{second.capture}~2")
    return (first, second), {first.capture: names[0], second.capture: names[1]}


def _document(settings: Callable[[], Settings], name: str, *, newest: bool) -> Document:
    if Path(name).is_file():
        given = texts([name])
        if len(given.documents) != 1:
            raise NotThere(f"{name}: {'; '.join(problem.message for problem in given.problems) or 'not one text but several'}")
        return given.documents[0]
    if "://" not in name and not name.startswith("urn:"):
        raise NotThere(f"{name}: no such file")
    with open_archive(settings()) as archive:
        held = one(archive, name, newest=newest)
    if held is None:
        raise NotThere(f"{name}: the archive has no text of it")
    return held.document


def comparison(documents: tuple[Document, Document], *, newest: bool = False) -> Comparison:
    """Hold them against each other."""
    left, right = documents
    shared = shared_passages(left, right, _SHORTEST)
    return Comparison(left=left, right=right, found=related(documents), shared=shared, texts=NEWEST if newest else FIRST)


def as_text(item: Comparison, width: int | None = None) -> str:
    """The two texts in columns, then relations, quotations and facts."""
    columns = width or shutil.get_terminal_size((_WIDTH, 24)).columns
    half = (columns - 3) // 2
    left, right = (_column(document, _marks(item.shared, side), half) for side, document in enumerate((item.left, item.right)))
    lines = [f"{one:{half}} | {other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]
    lines += ["", f"{len(item.shared)} passages of {_SHORTEST} words and more stand in both"]
    lines += [line for relation in item.found.relations for line in ("", *relation_lines(relation))]
    if not item.found.relations:
        lines += ["", "nothing binds the two that could be shown"]
    lines += [*_said(item), *limit_lines(item.found)]
    if any(document.capture.startswith("urn:") for document in (item.left, item.right)):
        lines += ["", f"of addresses: {item.texts}"]
    return "\n".join(lines) + "\n"


def _marks(shared: Sequence[Passage], side: int) -> list[tuple[TextSpan, int]]:
    return sorted((passage[side], number) for number, passage in enumerate(shared, 1))


def _column(document: Document, marks: Sequence[tuple[TextSpan, int]], width: int) -> Iterator[str]:
    """One text, wrapped, with its marks."""
    for line in (document.outlet, document.title, document.published):
        if line:
            yield from textwrap.wrap(line, width)
    yield f"== {document.capture}"[:width]
    parts, at = [], 0
    for (start, end), number in marks:
        if start >= at:
            parts += [document.text[at:start], f"[{number} {document.text[start:end]}]"]
            at = end
    for paragraph in "".join([*parts, document.text[at:]]).split("\n"):
        yield ""
        yield from textwrap.wrap(paragraph, width)


def _said(item: Comparison) -> Iterator[str]:
    """Quotations of both sides, and facts."""
    for document in (item.left, item.right):
        quotes = [quote for quote in item.found.quotations if quote.document == document.capture and quote.inside is None]
        if quotes:
            yield from ("", f"quotations in {document.capture}")
        for quote in quotes:
            words = " ".join(quote.text.split())
            source = f", through {quote.via}" if quote.via else ""
            yield f"  {quote.speaker or 'unknown'}{source}: {words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}"
    for fact in item.found.facts:
        yield from ("", *fact_lines(fact))
