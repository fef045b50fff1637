"""Which number of one text speaks of the same thing as which of another, and whether the two agree.

``links(first, second, rarity, bond)`` takes the mentions of two related texts, the source first.
Equal values meet first, by the words around them; what
is left over is held against the mention whose surroundings are most like its own.  A conflict needs more than an agreement: in a text
that was written over from the other one a number that the source does not have, in the place of one that it has; between independent
texts the same role or head and mostly the same words.  Counts that grow (the dead, the missing) are no conflict where one text is later,
or says itself that the count has changed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.facts.amounts import Amount
from pipeline.facts.mentions import Mention
from pipeline.facts.verdicts import judge

_EQUAL = 0.15  # likeness of surroundings from which equal values are one thing
_AGREE = 0.38
_COPIED = 0.42
_KNOWN = 0.72  # the same for a number that the source has somewhere
_INDEPENDENT = 0.62
_NEAR_BY = 0.25  # how near a word stands that tells one event from another
_MARGIN = 0.04  # by which the best partner must be ahead of one with another value
_BONUS = 0.18  # for one head, and for one role
_ELSEWHERE, _AHEAD = 0.5, 0.4  # an equal number in other surroundings, and how much liker those of another number are
COMPARED = 400  # mentions of one text: the tables of a longer list would be held against each other in vain
_COMMON = 60  # mentions that share a word from which on it leads to no comparison
_GROWING = frozenset({"dead", "hurt", "treated", "missing", "held", "rescued", "displaced", "grave", "sacked", "survived"})


@dataclass(frozen=True, slots=True)
class Link:
    """Two mentions of one thing; ``conflict`` says that both cannot be true."""

    first: Mention
    second: Mention
    likeness: float
    why: str
    conflict: bool


@dataclass(frozen=True, slots=True)
class Bond:
    """What is known about two texts: whether the second was written over from the first, and whether one is later than the other."""

    copied: bool = False
    versions: bool = False  # of one outlet
    later: int = 0  # 1 when the second was published after the first, -1 before, 0 when that is not known or no difference


def links(first: Sequence[Mention], second: Sequence[Mention], rarity: Mapping[str, float], bond: Bond) -> list[Link]:
    """The mentions of two texts that speak of the same thing, the most alike first."""
    likes = sorted(_likes(first[:COMPARED], second[:COMPARED], rarity), key=lambda like: (-like[0], like[1].span, like[2].span))
    met = list(_equal(likes))
    taken = {id(mention) for link in met for mention in (link.first, link.second)}
    return [*met, *_rest(likes, met, taken, bond)]


_Like = tuple[float, Mention, Mention]


def _likes(first: Sequence[Mention], second: Sequence[Mention], rarity: Mapping[str, float]) -> Iterator[_Like]:
    """The pairs of one measure that share a word, with their likeness."""
    by: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, mention in enumerate(first):
        for key in mention.near:
            by[mention.measure, key].append(number)
    sizes = [_size(mention, rarity) for mention in first]
    for mention in second:
        near = {number for key in mention.near for number in by.get((mention.measure, key), ())[:_COMMON]}
        size = _size(mention, rarity)
        for number in sorted(near):
            if (like := _likeness(first[number], mention, rarity, sizes[number] * size)) > _EQUAL / 2:
                yield like, first[number], mention


def _size(mention: Mention, rarity: Mapping[str, float]) -> float:
    return sum(weight * rarity.get(key, 1.0) for key, weight in mention.near.items())


def _likeness(first: Mention, second: Mention, rarity: Mapping[str, float], sizes: float) -> float:
    """How like the surroundings are, 0 to 1 and a little: shared words by their nearness and rarity, the head, the role."""
    if first.role and second.role and first.role != second.role:
        return 0.0
    if first.measure == "label" and first.head != second.head:
        return 0.0
    shared = sum(min(weight, second.near[key]) * rarity.get(key, 1.0) for key, weight in first.near.items() if key in second.near)
    like = shared / sizes**0.5 if sizes else 0.0
    head = bool(first.head) and first.head == second.head
    return like + _BONUS * (head + (first.role is not None and first.role == second.role))


def _equal(likes: Sequence[_Like]) -> Iterator[Link]:
    """Equal values, each mention once; not where the place of the number is surely that of another one."""
    taken: set[int] = set()
    best: dict[int, float] = {}
    for like, _, its in likes:
        best.setdefault(id(its), like)
    for like, mine, its in likes:
        elsewhere = like < _ELSEWHERE and best[id(its)] - like > _AHEAD
        if like < _EQUAL or elsewhere or id(mine) in taken or id(its) in taken:
            continue
        if (judged := judge(its, mine)) is not None and judged.same:
            taken |= {id(mine), id(its)}
            yield Link(mine, its, like, judged.why, conflict=False)


def _rest(likes: Sequence[_Like], met: Sequence[Link], taken: set[int], bond: Bond) -> Iterator[Link]:
    """What has no equal, held against the mention in the likest surroundings."""
    partners = {(id(link.first), link.second.sentence) for link in met}
    values = {(like[1].measure, like[1].value.value) for like in likes} if bond.copied else set()
    ordered = sorted(likes, key=lambda like: (like[2].span, -like[0]))
    done: set[int] = set()
    for _, group in groupby(ordered, key=lambda like: like[2].span):
        found = list(group)
        its = found[0][2]
        if id(its) in taken:
            continue
        free = [like for like in found if (id(like[1]), its.sentence) not in partners and (bond.copied or id(like[1]) not in taken)]
        link = _held(free, its, bond, known=(its.measure, its.value.value) in values)
        if link is not None and (bond.copied or id(link.first) not in done):
            done.add(id(link.first))
            yield link


def _held(found: Sequence[_Like], its: Mention, bond: Bond, *, known: bool) -> Link | None:
    """A mention held against the best of some partners; None where nothing is near enough, or two are equally near."""
    if not found or found[0][0] < _AGREE:
        return None
    like, mine, _ = found[0]
    judged = judge(its, mine, copied=bond.copied)
    if judged is None:
        return None
    if judged.agree:
        return Link(mine, its, like, judged.why, conflict=False)
    rival = next((other for other, one, _ in found[1:] if one.value.value != mine.value.value), 0.0)
    if like - rival < _MARGIN or _earlier(mine, its):
        return None
    if why := _moved(mine, its, bond):
        return Link(mine, its, like, why, conflict=False)
    needed = (_KNOWN if known else _COPIED) if bond.copied else _INDEPENDENT
    if like < needed or not (bond.copied or _one_thing(mine, its)):
        return None
    return Link(mine, its, like, judged.why, conflict=True)


def _earlier(first: Mention, second: Mention) -> bool:
    """Whether one of the counts is said to be an older one."""
    return first.measure in {"count", "share"} and first.older != second.older


def _one_thing(first: Mention, second: Mention) -> bool:
    """Whether independent texts surely speak of one thing: head or role are one, and the names near them are not others."""
    same = (first.head and first.head == second.head) or (first.role is not None and first.role == second.role)
    said = {first.head, f"={first.role}"}  # "killed 12 people" is said of every accident
    shared = any(min(weight, second.near.get(key, 0.0)) >= _NEAR_BY for key, weight in first.near.items() if key not in said)
    clash = bool(first.names) and bool(second.names) and not first.names & second.names
    return bool(same) and shared and not clash


def _moved(mine: Mention, its: Mention, bond: Bond) -> str:
    """Why two counts may both have been true at their time; empty where that is no excuse."""
    if not isinstance(mine.what, Amount) or mine.role not in _GROWING or its.role not in _GROWING:
        return ""
    if mine.moved != its.moved:
        return "a count that one text says has changed"
    grown = its.what.value - mine.what.value if isinstance(its.what, Amount) else 0.0
    if bond.versions or (not bond.copied and bond.later * grown > 0):
        return "a later count"
    return ""
