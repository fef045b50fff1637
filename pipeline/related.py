"""All that can be worked out about a few documents: relations, quotations, utterances, facts and the primary source.

``related(documents)`` is pure.  Quotations are parsed first, then sayings are matched, then every pair is judged, then facts are held
against each other along the relations.  Quadratic in the number of documents: it is made for a story, or for some hundred files.
What holds by which rules is told by ``RULES``; a test holds it against what comes out.
``notes_on(document)`` says what of a document could not be worked out, and why: its language, its script, its length.
"""

from collections.abc import Iterable

from archive.records import Document
from archive.relations import Related
from pipeline.clusters.profile import profile
from pipeline.facts import facts, read_all, unread
from pipeline.primary import absent, primary
from pipeline.quotes import note, quotes_of
from pipeline.relations import relate
from pipeline.relations.reading import read
from pipeline.utterances import utterances

RULES = "related/3"  # raised when the same texts would give anything else: what is kept of older rules is worked out again


def related(documents: Iterable[Document], *, one_story: bool = False) -> Related:
    """What the documents have to do with one another; with ``one_story`` they are known to be about one."""
    every = tuple(documents)
    quotes = {document.capture: quotes_of(document) for document in every}
    said = utterances(every, quotes)
    relations = relate(every, quotes, said, one_story=one_story)
    numbers = read_all(every)
    return Related(
        relations=relations,
        quotations=tuple(quote for document in every for quote in quotes[document.capture]),
        utterances=said,
        facts=facts(every, relations, numbers),
        primary=primary(every, relations, quotes),
        absent=absent(every, quotes),
        unread=unread(every, numbers),
    )


def notes_on(document: Document) -> tuple[str, ...]:
    """What could not be worked out about a document."""
    uncased = "its script or its capitals tell no names: twice as much must be shared before it is called derived"
    return tuple(filter(None, (note(document), profile(document).note, None if read(document).cased or not document.text else uncased)))
