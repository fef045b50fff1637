"""A document as one side of a pair: its reading, its weights, and which outlets it is, credits and cites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import combinations

from archive.records import Document
from archive.relations import Quote
from pipeline.relations.citations import Cited, citations
from pipeline.relations.likeness import NEAR, Likeness, Weighed, likeness, weighed
from pipeline.relations.naming import Names, credited, own_names
from pipeline.relations.passages import Run, runs
from pipeline.relations.reading import Reading, read

_ONE_DAY = len("2026-11-21")


@dataclass(frozen=True)
class Side:
    """One document of a pair."""

    weights: Weighed
    names: Names

    @property
    def reading(self) -> Reading:
        """Its words."""
        return self.weights.reading

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


@dataclass(frozen=True)
class Pair:
    """Two sides, how alike they are, and whether they tell of one event."""

    left: Side
    right: Side
    alike: Likeness
    one_story: bool

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """What they share word for word outside quotations."""
        return tuple(runs(self.left.reading, self.right.reading))


def paired(every: Sequence[Side], least: float, least_together: float) -> Iterator[Pair]:
    """The pairs that are near each other, in order.

    Two sides tell of one event when their score is ``least``; or ``least_together``, when a chain of such pairs binds them.
    """
    scored = [(left, right, likeness(left.weights, right.weights)) for left, right in combinations(every, 2)]
    near = [item for item in scored if item[2].alike >= NEAR or item[0].document.text == item[1].document.text]
    group = _groups((left.id, right.id) for left, right, alike in near if alike.score >= least)
    for left, right, alike in near:
        together = left.id in group and group[left.id] == group.get(right.id)
        yield Pair(left, right, alike, alike.score >= (least_together if together else least))


def _groups(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Which group each of the linked is in."""
    head: dict[str, str] = {}

    def find(name: str) -> str:
        while head.setdefault(name, name) != name:
            head[name] = head[head[name]]
            name = head[name]
        return name

    for left, right in links:
        head[find(right)] = find(left)
    return {name: find(name) for name in list(head)}


def sides(documents: Sequence[Document], quotes: Mapping[str, Sequence[Quote]]) -> tuple[Side, ...]:
    """The documents, ready to be held against each other."""
    names = Names(_keys(documents))
    readings = [read(document, quotes.get(document.capture, ())) for document in documents]
    return tuple(Side(item, names) for item in weighed(readings))


def _keys(documents: Iterable[Document]) -> Iterable[str]:
    return (key for document in documents for key in own_names(document))


def same_outlet(left: Document, right: Document) -> bool:
    """Whether both are known to be one outlet's; an agency's dateline alone says nothing, for its customers print it too."""
    known = all(document.outlet or document.url for document in (left, right))
    return known and not own_names(left).keys().isdisjoint(own_names(right))


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
