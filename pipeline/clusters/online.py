"""Documents placed into stories as they come, one look at each: ``place(state, document) -> Placed``.

Contract: a document joins the likeliest story that is like it enough and no further away in time than the window, else it begins one; a
story's id is its first document's and never changes. When a document belongs to two stories that are like one another, the younger is
merged into the older; when a story has doubled and a part of it is tied to the rest by nothing, that part is split off: both are recorded
as changes. A document that is there already is only looked up. ``State`` is changed by ``place`` and nothing else; the same documents in
the same order give the same stories.

Cost: of each document the rarest of its terms are looked up, ``VISITS`` entries at most, and ``COMPARED`` stories compared, so that the
whole is linear in the number of documents; a story to which nothing came for ``RETIRED`` windows and ``PATIENCE`` documents is not looked
for any more.

An ``embedding`` (``clusters.events.Embedding``) counts for half of the score where one is given; without one nothing is different.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import nlargest

from archive.records import Document
from pipeline.clusters.clusters import Cluster, alike, shared
from pipeline.clusters.events import Change, Embedding, Limits, Merged, Placed, Split
from pipeline.clusters.profile import TERMS, Profile, profile
from pipeline.clusters.weights import Frequencies

VISITS = 3000  # entries of the index that are read for one document
INDEXED = 40  # terms of a document under which it is found
COMPARED = 10  # stories
RETIRED = 3  # windows
PATIENCE = 5000  # documents
CHECKED = 48  # members of a story that are held against one another
_FIRST_CHECK = 6  # members; after that at each doubling


@dataclass(slots=True, kw_only=True)
class State:
    """All stories so far."""

    limits: Limits = field(default_factory=Limits)
    embedding: Embedding | None = None
    frequencies: Frequencies = field(default_factory=Frequencies)
    clusters: dict[str, Cluster] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)  # the story of each document
    changes: list[Change] = field(default_factory=list)
    index: dict[str, dict[str, None]] = field(default_factory=dict)  # stories by term
    profiles: dict[str, Profile] = field(default_factory=dict)  # of the documents of stories that are not retired
    newest: datetime | None = None
    made: int = 0

    @property
    def stories(self) -> dict[str, tuple[str, ...]]:
        """The documents of each story by its id, in order of arrival."""
        found: dict[str, list[str]] = {}
        for document, story in self.home.items():
            found.setdefault(story, []).append(document)
        return {story: tuple(members) for story, members in found.items()}


def place(state: State, document: Document) -> Placed:
    """Place one document and say why it is there."""
    if document.capture in state.home:
        return Placed(document=document.capture, cluster=state.home[document.capture], score=1.0, note="it has its place already")
    item = profile(document)
    state.frequencies.add([*item.words, *item.names])
    item = _trimmed(state, item)
    meaning = state.embedding(document) if state.embedding else ()
    near = _near(state, item, meaning)
    best, cluster = near[0] if near else (0.0, None)
    if cluster is None or best < state.limits.joins:
        cluster = _begin(state, item.document)
        changes: tuple[Change, ...] = ()
        terms: tuple[str, ...] = ()
        _take(state, cluster, item, meaning)
    else:
        rarity = state.frequencies.rarity
        terms = shared({**item.words, **item.names}, {**cluster.words, **cluster.names}, rarity)
        _take(state, cluster, item, meaning)
        changes = (*_merges(state, item.document, near), *_splits(state, state.clusters[state.home[item.document]]))
        state.changes += changes
    return Placed(
        document=item.document,
        cluster=state.home[item.document],
        score=round(best, 3),
        shared=terms,
        changes=changes,
        note=item.note,
    )


def place_all(documents: Iterable[Document], limits: Limits | None = None) -> State:
    """The stories of documents in the order given."""
    state = State(limits=limits or Limits())
    for document in documents:
        place(state, document)
    return state


def _trimmed(state: State, item: Profile) -> Profile:
    """The terms that say most, now that rarity is known."""
    rarity = state.frequencies.rarity
    weights = {**item.words, **item.names}
    kept = set(nlargest(TERMS, weights, key=lambda term: weights[term] * rarity(term)))
    return replace(
        item,
        words={term: weight for term, weight in item.words.items() if term in kept},
        names={term: weight for term, weight in item.names.items() if term in kept},
    )


def _keys(state: State, item: Profile) -> list[str]:
    """The terms under which a document is looked for, the weightiest."""
    rarity = state.frequencies.rarity
    weights = {**item.words, **item.names}
    return nlargest(INDEXED, weights, key=lambda term: weights[term] * rarity(term))


def _near(state: State, item: Profile, meaning: Sequence[float]) -> list[tuple[float, Cluster]]:
    """The stories that are like a document, the likeliest first."""
    rarity, index = state.frequencies.rarity, state.index
    found: dict[str, float] = {}
    left = VISITS
    for key in sorted((key for key in _keys(state, item) if key in index), key=lambda key: (len(index[key]), key)):
        weight = rarity(key) ** 2
        for story in _live(state, key):
            found[story] = found.get(story, 0.0) + weight
        left -= len(index[key])
        if left < 0:
            break
    likely = nlargest(COMPARED, found, key=lambda story: (found[story], -state.clusters[story].number))
    scored = [(_score(state, item, meaning, state.clusters[story]), state.clusters[story]) for story in likely]
    return sorted(scored, key=lambda entry: (-entry[0], entry[1].number))


def _live(state: State, key: str) -> Iterable[str]:
    """The stories under a term that are still looked for; the others leave the index."""
    stories = state.index[key]
    gone = [story for story in stories if story not in state.clusters or _is_retired(state, state.clusters[story])]
    for story in gone:
        del stories[story]
        if story in state.clusters:
            for member in state.clusters[story].members:
                state.profiles.pop(member, None)
    return stories


def _is_retired(state: State, cluster: Cluster) -> bool:
    if state.newest is None or cluster.last is None or len(state.home) - cluster.touched < PATIENCE:
        return False
    return state.newest - cluster.last > RETIRED * state.limits.window


def _score(state: State, item: Profile, meaning: Sequence[float], cluster: Cluster) -> float:
    words = cluster.score(item, state.frequencies.rarity, state.limits.window)
    if not meaning or not cluster.meaning or not words:
        return words
    lengths = math.hypot(*meaning) * math.hypot(*cluster.meaning)
    return (words + max(0.0, sum(a * b for a, b in zip(meaning, cluster.meaning, strict=True)) / lengths if lengths else 0.0)) / 2


def _begin(state: State, identifier: str) -> Cluster:
    cluster = Cluster(id=identifier, number=state.made)
    state.made += 1
    state.clusters[identifier] = cluster
    return cluster


def _take(state: State, cluster: Cluster, item: Profile, meaning: Sequence[float] = ()) -> None:
    cluster.add(item, state.frequencies.rarity, meaning)
    state.home[item.document] = cluster.id
    cluster.touched = len(state.home)
    state.profiles[item.document] = item
    for key in _keys(state, item):
        state.index.setdefault(key, {})[cluster.id] = None
    if item.time is not None:
        state.newest = max(state.newest or item.time, item.time)


def _merges(state: State, document: str, near: Sequence[tuple[float, Cluster]]) -> Iterable[Change]:
    """Merge the stories to which a document belongs, when they are like one another."""
    kept = near[0][1]
    for score, other in near[1:]:
        if score < state.limits.joins:
            return
        likeness = alike(kept, other, state.frequencies.rarity)
        if likeness >= state.limits.merges and not _far(state, kept, other):
            into, gone = sorted((kept, other), key=lambda cluster: cluster.number)
            members = tuple(gone.members)
            _move(state, gone, members, into)
            del state.clusters[gone.id]
            kept = into
            yield Merged(into=into.id, gone=gone.id, document=document, score=round(likeness, 3), members=members)


def _far(state: State, one: Cluster, other: Cluster) -> bool:
    return min(one.gap(other.first), one.gap(other.last)) > state.limits.window


def _move(state: State, source: Cluster, members: Sequence[str], target: Cluster) -> None:
    for member in members:
        item = state.profiles.get(member)
        if item is not None:
            _take(state, target, item)
        else:
            target.members.append(member)
            state.home[member] = target.id
    source.members = [member for member in source.members if member not in members]


def _splits(state: State, cluster: Cluster) -> Iterable[Change]:
    """Take out of a story that has doubled the part that nothing ties to the rest."""
    size = len(cluster.members)
    if size < _FIRST_CHECK or size > CHECKED or size % _FIRST_CHECK or (size // _FIRST_CHECK).bit_count() != 1:
        return
    items = [state.profiles[member] for member in cluster.members if member in state.profiles]
    parts, tie = _parts(state, items)
    for part in parts[1:]:
        members = tuple(item.document for item in part)
        rest = [state.profiles[member] for member in cluster.members if member not in members and member in state.profiles]
        new = _begin(state, members[0])
        _move(state, cluster, members, new)
        kept = replace(cluster, members=[], words={}, names={}, first=None, last=None)
        state.clusters[cluster.id] = kept
        for item in rest:
            _take(state, kept, item)
        cluster = kept
        yield Split(kept=kept.id, new=new.id, score=round(tie, 3), members=members)


def _parts(state: State, items: Sequence[Profile]) -> tuple[list[list[Profile]], float]:
    """The items in parts that are tied together, that of the first item first, and the strongest tie between parts."""
    rarity = state.frequencies.rarity
    ties = {(a, b): alike(items[a], items[b], rarity) for a in range(len(items)) for b in range(a)}
    part = list(range(len(items)))
    for (a, b), tie in ties.items():
        if tie >= state.limits.holds and part[a] != part[b]:
            old, new = max(part[a], part[b]), min(part[a], part[b])
            part = [new if number == old else number for number in part]
    loose = max((tie for (a, b), tie in ties.items() if part[a] != part[b]), default=0.0)
    return [[items[at] for at in range(len(items)) if part[at] == number] for number in sorted(set(part))], loose
