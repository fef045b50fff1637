"""What clustering says: where a document was placed and why, and what became of stories that turned out to be one, or two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive.records import Document
from archive.relations import Merged, Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a document belongs to a story.

    ``joins`` of 0.30 is best whichever of five generated streams is left out (0.24 to 0.36 were tried; BCubed F1 of the streams left out
    0.959 to 0.984), and from 0.28 to 0.32 45 texts of other events stay out in every order tried.  ``benchmarks/clusters.py`` prints it.
    """

    joins: float = 0.30  # score from which a document belongs to a story
    merges: float = 0.30  # likeness from which two stories are one, when a document belongs to both
    holds: float = 0.12  # score below which two parts of a story have nothing to do with one another
    window: timedelta = timedelta(days=10)  # between a document and the nearest of the story (coverage.md §4: 7 to 14 days)


Change = Merged | Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a document was placed; ``cluster`` is the id of the story's first document, after what its coming changed."""

    document: str
    cluster: str
    joined: str  # the story before ``changes``
    score: float  # of the best story; 0 when none has a word in common
    shared: tuple[str, ...] = ()  # the terms that say most for it, as they are compared
    changes: tuple[Change, ...] = ()
    note: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the document begins a story."""
        return self.document == self.cluster


Embedding = Callable[[Document], Sequence[float]]
"""A vector for a document's meaning, from a model that somebody brings; none comes with copytrail."""
