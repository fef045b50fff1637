"""Documents out of plain files: what a scraped text gives without its page.

``documents_of(seeds)`` reads each seed that has a text (``pipeline.seeds``): the document's ``capture`` is the seed's id, ``text`` is the
body's paragraphs joined by one newline, ``original`` the file's text with ``removed`` in it.  What the text does not state is None or
empty.  ``Place`` leads from an offset in the document's text to one in the file's: exact where repair changed nothing in that paragraph,
else its paragraph's.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.kinds import PageKind
from archive.records import Block, Candidate, Document, Quality, Seed
from pipeline.authors import is_agency, split
from pipeline.residue import Passage
from pipeline.seeds import SeedReading, read_seed

EXTRACTOR = "plain/1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document's paragraphs stand in the file that it was read from."""

    blocks: tuple[Block, ...]
    passages: tuple[Passage, ...]

    def in_file(self, offset: int) -> int:
        """The offset in the file for one in the document's text."""
        number = bisect_right([block.start for block in self.blocks], offset) - 1
        if number < 0:
            return 0
        block, passage = self.blocks[number], self.passages[number]
        return min(passage.start + offset - block.start, passage.end)


def documents_of(seeds: Iterable[Seed]) -> tuple[Document, ...]:
    """The documents of the seeds that hold a text, in their order."""
    return tuple(document_of(seed, read_seed(seed)) for seed in seeds if seed.text)


def document_of(seed: Seed, reading: SeedReading) -> Document:
    """A seed's reading as a document."""
    blocks = tuple(_blocks(reading.body))
    agencies = tuple(_agencies(reading))
    return Document(
        capture=seed.id,
        url=reading.original_url or "",
        extractor=EXTRACTOR,
        quality=Quality(kind=PageKind.ARTICLE, reasons=("a plain text",)),
        title=reading.headline,
        outlet=reading.outlet,
        published=reading.published,
        text="\n".join(reading.body),
        blocks=blocks,
        credits=reading.credits,
        rights=reading.rights,
        removed=reading.removed,
        original=seed.text or "",
        agencies=tuple(dict.fromkeys(candidate.value for candidate in agencies)),
        candidates=agencies,
    )


def place_of(document: Document, reading: SeedReading) -> Place:
    """The way back from a document to its file."""
    return Place(document.blocks, reading.passages)


def _blocks(paragraphs: Iterable[str]) -> Iterator[Block]:
    start = 0
    for paragraph in paragraphs:
        yield Block(text=paragraph, start=start, end=start + len(paragraph))
        start += len(paragraph) + 1


def _agencies(reading: SeedReading) -> Iterator[Candidate]:
    """The agencies that the text names, with the same places as those of a page (``pipeline.agencies``)."""
    for line in reading.credits:
        for name in filter(is_agency, split(line)):
            yield Candidate(field="agencies", value=name, place="text:credit")
    if reading.dateline is not None and reading.dateline.agency:
        yield Candidate(field="agencies", value=reading.dateline.agency, place="text:dateline")
