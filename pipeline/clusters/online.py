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
from archive.relations import Merged, Placement, Split
from pipeline.clusters.clusters import Cluster, alike, shared
from pipeline.clusters.events import Change, Embedding, Limits, Placed
from pipeline.clusters.profile import TERMS, Profile, profile
from pipeline.clusters.weights import Frequencies

VISITS = 3000  # entries of the index that are read for one document
INDEXED = 40  # terms of a document under which it is found
COMPARED = 10  # stories
RETIRED = 3  # windows
PATIENCE = 5000  # documents
SWEPT = 250  # documents after which stories are retired that nobody looks for any more
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
    listed: dict[str, set[str]] = field(default_factory=dict)  # terms by story: the same the other way round
    profiles: dict[str, Profile] = field(default_factory=dict)  # of the documents of stories that are not retired
    newest: datetime | None = None
    used: dict[str, None] = field(default_factory=dict)  # the id of every story that there ever was

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
        home = state.home[document.capture]
        return Placed(document=document.capture, cluster=home, joined=home, score=1.0, note="it has its place already")
    item, meaning = _met(state, document)
    near = _near(state, item, meaning)
    best, cluster = near[0] if near else (0.0, None)
    changes: tuple[Change, ...] = ()
    terms: tuple[str, ...] = ()
    if cluster is None or best < state.limits.joins:
        cluster = _begin(state, item.document)
        _take(state, cluster, item, meaning)
    else:
        terms = shared({**item.words, **item.names}, {**cluster.words, **cluster.names}, state.frequencies.rarity)
        _take(state, cluster, item, meaning)
        changes = (*_merges(state, item.document, near), *_splits(state, state.clusters[state.home[item.document]]))
        state.changes += changes
    return Placed(
        document=item.document,
        cluster=state.home[item.document],
        joined=cluster.id,
        score=round(best, 3),
        shared=terms,
        changes=changes,
        note=item.note,
    )


def replay(state: State, placement: Placement, document: Document | None) -> None:
    """Put a document where it was put before, whatever would be decided now; of one that is gone (None) nothing is known but its place."""
    cluster = state.clusters.get(placement.story) or _begin(state, placement.story)
    if document is None:
        _note(state, cluster, placement.document)
    else:
        item, meaning = _met(state, document)
        _take(state, cluster, item, meaning)
    for change in placement.changes:
        if isinstance(change, Merged):
            _merge(state, state.clusters[change.into], state.clusters[change.gone])
        else:
            _split(state, state.clusters[change.kept], change.new, change.members)


def _met(state: State, document: Document) -> tuple[Profile, Sequence[float]]:
    """What of a document is compared, now that its words are counted."""
    item = profile(document)
    state.frequencies.add([*item.words, *item.names])
    return _trimmed(state, item), state.embedding(document) if state.embedding else ()


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
    if len(state.home) % SWEPT == 0:
        _sweep(state)
    rarity, index = state.frequencies.rarity, state.index
    found: dict[str, float] = {}
    left = VISITS
    for key in sorted((key for key in _keys(state, item) if key in index), key=lambda key: (len(index[key]), key)):
        weight = rarity(key) ** 2
        for story in state.index[key]:
            found[story] = found.get(story, 0.0) + weight
        left -= len(index[key])
        if left < 0:
            break
    likely = nlargest(COMPARED, found, key=lambda story: (found[story], -state.clusters[story].number))
    scored = [(_score(state, item, meaning, state.clusters[story]), state.clusters[story]) for story in likely]
    return sorted(scored, key=lambda entry: (-entry[0], entry[1].number))


def _sweep(state: State) -> None:
    """Retire the stories that are not looked for any more: forget what nobody will compare."""
    for story in [story for story in state.listed if is_retired(state, state.clusters[story])]:
        _unlist(state, story)
        cluster = state.clusters[story]
        for member in cluster.members:
            state.profiles.pop(member, None)
        cluster.words, cluster.names, cluster.meaning = {}, {}, []


def _unlist(state: State, story: str) -> None:
    for key in state.listed.pop(story, ()):
        del state.index[key][story]


def is_retired(state: State, cluster: Cluster) -> bool:
    """Whether a story is not looked for any more."""
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
    cluster = Cluster(id=identifier, number=len(state.used))
    state.used[identifier] = None
    state.clusters[identifier] = cluster
    return cluster


def _take(state: State, cluster: Cluster, item: Profile, meaning: Sequence[float] = ()) -> None:
    cluster.add(item, state.frequencies.rarity, meaning)
    state.home[item.document] = cluster.id
    cluster.touched = len(state.home)
    state.profiles[item.document] = item
    keys = _keys(state, item)
    state.listed.setdefault(cluster.id, set()).update(keys)
    for key in keys:
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
            _merge(state, into, gone)
            kept = into
            yield Merged(into=into.id, gone=gone.id, document=document, score=round(likeness, 3), members=members)


def _merge(state: State, into: Cluster, gone: Cluster) -> None:
    _move(state, gone, tuple(gone.members), into)
    _unlist(state, gone.id)
    del state.clusters[gone.id]


def _far(state: State, one: Cluster, other: Cluster) -> bool:
    return min(one.gap(other.first), one.gap(other.last)) > state.limits.window


def _move(state: State, source: Cluster, members: Sequence[str], target: Cluster) -> None:
    _put(state, target, members)
    source.members = [member for member in source.members if member not in members]


def _put(state: State, cluster: Cluster, members: Iterable[str]) -> None:
    for member in members:
        item = state.profiles.get(member)
        if item is not None:
            _take(state, cluster, item)
        else:
            _note(state, cluster, member)


def _note(state: State, cluster: Cluster, member: str) -> None:
    """A member of which nothing is compared any more."""
    cluster.members.append(member)
    state.home[member] = cluster.id


def _splits(state: State, cluster: Cluster) -> Iterable[Change]:
    """Take out of a story that has doubled the part that nothing ties to the rest."""
    size = len(cluster.members)
    if size < _FIRST_CHECK or size > CHECKED or size % _FIRST_CHECK or (size // _FIRST_CHECK).bit_count() != 1:
        return
    items = [state.profiles[member] for member in cluster.members if member in state.profiles]
    parts, tie = _parts(state, items)
    for part in parts[1:]:
        members = tuple(item.document for item in part)
        new = next((member for member in members if member not in state.used), f"{members[0]}~{len(state.used)}")
        cluster = _split(state, cluster, new, members)
        yield Split(kept=cluster.id, new=new, score=round(tie, 3), members=members)


def _split(state: State, cluster: Cluster, new: str, members: Sequence[str]) -> Cluster:
    """Let the members go into a story of their own; what is left of the other one."""
    rest = [member for member in cluster.members if member not in members]
    _move(state, cluster, members, _begin(state, new))
    kept = replace(cluster, members=[], words={}, names={}, meaning=[], first=None, last=None)
    state.clusters[cluster.id] = kept
    _put(state, kept, rest)
    return kept


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
