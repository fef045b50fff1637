"""What a text says that another does not: new names, new numbers, and figures that were changed in a shared passage.

Contract: pure.  A name is new when the other text has no word that begins like it, in any spelling of case; so inflected forms are not
new.  ``changed_figures`` are places where two shared passages meet but for one number: "the 2003 siege" against "the 2004 siege".
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.relations.passages import Run
from pipeline.relations.reading import STEM, Reading

FEWEST_NAMES = 3  # a text with fewer says nothing by having no new ones


class Novelty(NamedTuple):
    """The new names and numbers of a text held against another; ``share`` of its names that are new, None where names cannot be told."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    share: float | None


def novelty(reading: Reading, other: Reading) -> Novelty:
    """What ``reading`` has that ``other`` has not."""
    new = sorted(name for name in reading.names if name not in other.vocabulary and name[:STEM] not in other.beginnings)
    share = len(new) / len(reading.names) if len(reading.names) >= FEWEST_NAMES else None
    return Novelty(tuple(new), tuple(sorted(reading.numbers - other.vocabulary)), share)


def changed_figures(left: Reading, right: Reading, shared: Sequence[Run]) -> Iterator[Run]:
    """Where the two texts have the same words around another number; in the order of the left text."""
    for run in shared:
        i, k = run.left + run.size, run.right + run.size
        if i + 1 < len(left.words) and k + 1 < len(right.words) and left.words[i + 1] == right.words[k + 1]:
            ours, theirs = left.words[i], right.words[k]
            if ours != theirs and ours[0].isdigit() and theirs[0].isdigit():
                yield Run(i, k, 1)
