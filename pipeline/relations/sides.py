"""A document as one side of a pair: its reading, its weights, and which outlets it is, credits and cites."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from archive.records import Document
from archive.relations import Quote
from pipeline.relations.citations import Cited, citations
from pipeline.relations.likeness import Weighed, weighed
from pipeline.relations.naming import Names, credited, own_names
from pipeline.relations.reading import Reading, read

_ONE_DAY = len("2026-11-21")


@dataclass(frozen=True)
class Side:
    """One document of a pair."""

    reading: Reading
    names: Names

    @property
    def id(self) -> str:
        """The document's."""
        return self.reading.id

    @property
    def document(self) -> Document:
        """The document itself."""
        return self.reading.document

    @cached_property
    def own(self) -> Mapping[str, str]:
        """The keys of the outlet's names, each with the name."""
        return own_names(self.document)

    @cached_property
    def called(self) -> str:
        """What a reader may call it."""
        return self.document.outlet or next(iter(self.own.values()), self.id)

    @cached_property
    def credits(self) -> Mapping[str, str]:
        """The keys of outlets that it credits, each with the words."""
        return credited(self.document)

    @cached_property
    def cites(self) -> Mapping[str, Cited]:
        """The outlets that it cites, other than itself."""
        return {key: cited for key, cited in citations(self.reading, self.names).items() if key not in self.own}

    @cached_property
    def weights(self) -> Weighed:
        """By which it is likened."""
        return weighed(self.reading)


def sides(documents: Sequence[Document], quotes: Mapping[str, Sequence[Quote]]) -> tuple[Side, ...]:
    """The documents, ready to be held against each other."""
    names = Names(_keys(documents))
    return tuple(Side(read(document, quotes.get(document.capture, ())), names) for document in documents)


def _keys(documents: Iterable[Document]) -> Iterable[str]:
    return (key for document in documents for key in own_names(document))


def same_outlet(left: Side, right: Side) -> bool:
    """Whether both are known to be one outlet's."""
    return bool(left.own.keys() & right.own.keys()) and bool(left.document.outlet or left.document.url)


def credit_for(side: Side, other: Side) -> str | None:
    """The words with which one side credits the other's outlet."""
    return next((words for key, words in side.credits.items() if key in other.own), None)


def citation_of(side: Side, other: Side) -> Cited | None:
    """Where one side cites the other's outlet; None where the other is later by its date, which no text can cite."""
    if earlier(side, other):
        return None
    return next((cited for key, cited in side.cites.items() if key in other.own), None)


def earlier(side: Side, other: Side) -> bool:
    """Whether one side was published before the other, as far as both pages tell: by the day where one of them tells no time."""
    ours, theirs = side.document.published, other.document.published
    if not ours or not theirs:
        return False
    try:
        times = datetime.fromisoformat(ours), datetime.fromisoformat(theirs)
    except ValueError:
        return False
    if min(len(ours), len(theirs)) <= _ONE_DAY or times[0].tzinfo is None or times[1].tzinfo is None:
        return times[0].date() < times[1].date()
    return times[0] < times[1]
