"""Whether one of two texts was written over from the other, and which.

``copying(pair)`` is a ``syndicated``, ``derived`` or ``common_source`` relation, or None.  Quotations are left out
before anything is measured: people quoted by two reporters say the same words (coverage.md §0).  The deriving side is the one without new
names; where neither has, dates decide, then credits, then new figures, then lost quotations.  A side that is earlier by its date derives
from nothing.  In a script without capitals names cannot be told: there twice as much must be shared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from archive.relations import Evidence, Relation, RelationKind
from pipeline.relations.novelty import Novelty, changed_figures, novelty
from pipeline.relations.passages import Followed, Run, containment, followed, in_order, length, tiles
from pipeline.relations.sameness import fill_a_form
from pipeline.relations.sides import Pair, Side, credit_for, earlier, same_outlet
from pipeline.relations.wording import quoted, relation, run_evidence

RUN = 12  # words in a row
SHARE = 0.15  # of the shorter text's three-word runs
NEW_NAMES = 0.10
_FEWEST_GRAMS = 12  # shared three-word runs, below which a share says nothing
_WITH_RUN = 0.04  # share that must go with a long run: one formula of an agency is twelve words long, and no more is shared
_SHOWN = 8  # words of a run that is shown beside the longest
_MOST_SHOWN = 6
_CANNOT_TELL = "names cannot be told in this script"


@dataclass(frozen=True)
class Shared:
    """What two texts share outside quotations, and what each has that the other has not."""

    left: Side
    right: Side
    runs: tuple[Run, ...]
    share: float

    @cached_property
    def longest(self) -> int:
        """The longest run in words."""
        return max((length(self.left.reading, run) for run in self.runs if run.size == self._count), default=0)

    @cached_property
    def _count(self) -> int:
        return max((run.size for run in self.runs), default=0)

    @cached_property
    def tiles(self) -> list[Run]:
        """The runs without overlap."""
        return tiles(self.runs)

    def copied(self, times: float = 1.0) -> bool:
        """Whether so much is shared that one was not written without the other, or without a third."""
        if len(self.left.reading.plain.keys() & self.right.reading.plain.keys()) < _FEWEST_GRAMS:
            return False
        return (self.longest >= times * RUN and self.share >= _WITH_RUN) or self.share >= times * SHARE


def copying(pair: Pair) -> Relation | None:
    """The relation of two texts of which one took passages from the other, or both from a third."""
    left, right = pair.left, pair.right
    shared = Shared(left, right, pair.runs, containment(left.reading, right.reading))
    if not shared.copied() or not (pair.one_story or shared.share >= SHARE) or fill_a_form(left.reading, right.reading, shared.tiles):
        return None
    for one, other in ((left, right), (right, left)):
        if (words := credit_for(one, other)) and not earlier(one, other) and not same_outlet(one.document, other.document):
            why = f"{one.id} has passages of {other.called}, {shared.longest} words in a row and more, and credits it: {quoted(words)}"
            evidence = (Evidence(kind="credit", words=words), *_passages(shared, turned=one is right))
            return relation(RelationKind.SYNDICATED, one, other, 0.5 + shared.share / 2, why, evidence)
    return _derived(shared) or _passage(shared, one_story=pair.one_story)


def _derived(shared: Shared) -> Relation | None:
    left, right = shared.left, shared.right
    ways = [(one, other, novelty(one.reading, other.reading)) for one, other in ((left, right), (right, left))]
    able = [way for way in ways if _may_derive(shared, *way)]
    if not able:
        return None
    one, other, new = min(able, key=lambda way: _order(*way)) if len(able) > 1 else able[0]
    against = next(item[2] for item in ways if item[0] is other)
    evidence = (*_passages(shared, turned=one is right), *_reasons(shared, one, other, new, against))
    why = f"{one.id} is written over from {other.id}: {_summary(shared, new)}"
    if same_outlet(left.document, right.document):
        why = f"{why}; both are of {left.called}"
    return relation(RelationKind.DERIVED, one, other, min(0.6 + shared.share, 0.99), why, evidence)


def _may_derive(shared: Shared, one: Side, other: Side, new: Novelty) -> bool:
    if earlier(one, other):
        return False
    return shared.copied(2.0) if new.share is None else new.share <= NEW_NAMES


def _order(one: Side, other: Side, new: Novelty) -> tuple[object, ...]:
    """The less, the rather does the first side derive from the other."""
    return (
        not earlier(other, one),
        new.share or 0.0,
        len(new.numbers),
        sum(one.reading.quoted) - sum(other.reading.quoted),
        len(one.reading.words),
        one.id,
    )


def _passages(shared: Shared, *, turned: bool) -> tuple[Evidence, ...]:
    """The longest passages as the deriving side sees them."""
    chosen = sorted(shared.tiles, key=lambda run: (-run.size, run.left))
    shown = [run for number, run in enumerate(chosen[:_MOST_SHOWN]) if not number or run.size >= _SHOWN]
    if turned:
        return tuple(run_evidence(shared.right, shared.left, run.turned) for run in shown)
    return tuple(run_evidence(shared.left, shared.right, run) for run in shown)


def _followed(shared: Shared, one: Side, other: Side) -> list[Followed]:
    chosen = shared.tiles if one is shared.left else sorted(run.turned for run in shared.tiles)
    return followed(one.reading, other.reading, chosen)


def _summary(shared: Shared, new: Novelty) -> str:
    known = _CANNOT_TELL if new.share is None else "no new name" if not new.names else f"new names only {', '.join(new.names[:4])}"
    return f"{shared.longest} words in a row outside quotations, {shared.share:.0%} of the shorter text's three-word runs, {known}"


def _reasons(shared: Shared, one: Side, other: Side, new: Novelty, against: Novelty) -> Iterator[Evidence]:
    """What else speaks for the direction."""
    if new.share is not None:
        says = f"{len(new.names)} of {len(one.reading.names)} names of {one.id} are not in {other.id}; the other way {len(against.names)}"
        yield Evidence(kind="novelty", words=", ".join(new.names) or "no new name", note=says)
    else:
        yield Evidence(kind="novelty", words=_CANNOT_TELL)
    if (chain := _followed(shared, one, other)) and (count := in_order(chain)) > 1:
        first, last = one.reading.sentences[chain[0].left], one.reading.sentences[chain[-1].left]
        note = f"{count} of {len(chain)} sentences with shared passages stand in the same order"
        theirs = [other.reading.sentences[item.right] for item in chain]
        target = min(start for start, _ in theirs), max(end for _, end in theirs)
        yield Evidence(kind="sentence", words=note, source=(first[0], last[1]), target=target)
    chosen = shared.tiles if one is shared.left else sorted(run.turned for run in shared.tiles)
    for place in changed_figures(one.reading, other.reading, chosen):
        source, target = one.reading.span(place.left, 1), other.reading.span(place.right, 1)
        words = f"{one.document.text[slice(*source)]} against {other.document.text[slice(*target)]}"
        yield Evidence(kind="conflict", words=words, source=source, target=target, note="another figure in the same passage")
    yield from _lost(one, other)
    if earlier(other, one):
        yield Evidence(kind="time", words=f"{other.document.published} before {one.document.published}")


def _lost(one: Side, other: Side) -> Iterator[Evidence]:
    """What a text loses when it is written over: quotation marks and sources."""
    if not any(one.reading.quoted) and any(other.reading.quoted):
        note = f"{sum(other.reading.quoted)} quoted words in {other.id}, none in {one.id}"
        yield Evidence(kind="quote", words="quotations turned into reported speech", note=note)
    for key, cited in other.cites.items():
        if key not in one.cites and key not in one.own:
            yield Evidence(kind="cue", words=cited.words, target=cited.span, note=f"the source {key} is no longer named")


def _passage(shared: Shared, *, one_story: bool) -> Relation | None:
    """Passages in common, and nothing that tells who took them from whom."""
    if not one_story:
        return None
    why = (
        f"both have a passage of {shared.longest} words in a row outside quotations, and each has names of its own: "
        "one text of a third may stand behind both"
    )
    return relation(RelationKind.COMMON_SOURCE, shared.left, shared.right, 0.5 + shared.share / 2, why, _passages(shared, turned=False))
