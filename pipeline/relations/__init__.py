"""Who copied whom: the relations between documents, each with its evidence.

``relate(documents, quotes, utterances)`` holds every pair against each other and is made for the documents of a story, or for a few
hundred of any kind; ``duplicates(documents)`` finds copies and versions among many thousands.  Pure; a document of any size and shape
costs time near-linear in its length and is never an error.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archive.records import Document
from archive.relations import Quote, Relation, TextSpan, Utterance
from pipeline.relations.likeness import IN_A_STORY, SAME_STORY, TOGETHER
from pipeline.relations.pairs import judge
from pipeline.relations.passages import runs, tiles
from pipeline.relations.reading import read
from pipeline.relations.sameness import candidates, copied
from pipeline.relations.sides import paired, same_outlet, sides


class Duplicate(NamedTuple):
    """Two documents that are one text; ``version`` when both are of one outlet."""

    left: str
    right: str
    containment: float  # share of the shorter text's five-word runs that the other has
    version: bool


def relate(
    documents: Sequence[Document],
    quotes: Mapping[str, Sequence[Quote]],
    utterances: Sequence[Utterance] = (),
    *,
    one_story: bool = False,
) -> tuple[Relation, ...]:
    """The relations of every pair, by the ids of both documents; with ``one_story`` they are known to be about one, and less is asked."""
    every = sides(sorted(documents, key=lambda document: document.capture), quotes)
    present = frozenset(key for side in every for key in side.own)
    least = (IN_A_STORY, IN_A_STORY) if one_story else (SAME_STORY, TOGETHER)
    return tuple(found for pair in paired(every, *least) for found in judge(pair, utterances, present))


def shared_passages(left: Document, right: Document, least: int) -> tuple[tuple[TextSpan, TextSpan], ...]:
    """The passages of so many words and more that both texts have, quotations included, in the order of the left text."""
    ours, theirs = read(left), read(right)
    shared = tiles([*runs(ours, theirs), *runs(ours, theirs, spoken=True)])
    return tuple((ours.span(run.left, run.size), theirs.span(run.right, run.size)) for run in shared if run.size >= least)


def duplicates(documents: Sequence[Document], quotes: Mapping[str, Sequence[Quote]] | None = None) -> tuple[Duplicate, ...]:
    """The pairs that are one text, in the order of the documents."""
    given = quotes or {}
    every = [read(document, given.get(document.capture, ())) for document in documents]
    found: list[Duplicate] = []
    for first, second in candidates(every):
        left, right = every[first], every[second]
        same = copied(left, right)
        if same.one:
            found.append(Duplicate(left.id, right.id, same.containment, same_outlet(left.document, right.document)))
    return tuple(found)
