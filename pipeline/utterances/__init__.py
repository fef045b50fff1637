"""One thing said, in the wordings of several texts.

``utterances(documents, quotes)`` aligns the quotations of every two documents sentence by sentence, in the order of both, where the
speaker is one, and joins what is aligned.  Sentences that follow each other in every text stay one utterance; where one text joins what
another has apart, they are two.  ``drift`` of a rendering is the share of words that differ from the one before it in time.  Utterances
are in the order of the earliest text, ``U1`` first.

Cost: a pair of documents by the sentences of its quotations that share a word; ``_MOST`` of each document are read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from rapidfuzz.distance import LCSseq

from archive.records import Document
from archive.relations import Quote, Rendering, Utterance
from pipeline.dates import instant, iso
from pipeline.sentences import fold
from pipeline.utterances.matching import Match, matches, rarity
from pipeline.utterances.sayings import Saying, same_person, sayings

__all__ = ["Saying", "same_person", "sayings", "utterances"]

_MOST = 300  # sentences of one document
_Place = tuple[int, int]  # number of the document, number of the sentence


def utterances(documents: Sequence[Document], quotes: Mapping[str, Sequence[Quote]]) -> tuple[Utterance, ...]:
    """The things said that at least two documents render."""
    ordered = sorted(documents, key=lambda document: (_time(document), document.capture))
    said = [sayings(document, quotes.get(document.capture, ()))[:_MOST] for document in ordered]
    weights = rarity(one.text for listed in said for one in listed)
    found: dict[tuple[_Place, _Place], Match] = {}
    for first, second in combinations(range(len(ordered)), 2):
        for match in matches(said[first], said[second], weights):
            found[(first, match.first), (second, match.second)] = match
    groups = _joined(_groups(found), said)
    texts = [document.text for document in ordered]
    return tuple(_utterance(number, group, said, texts) for number, group in enumerate(groups, 1))


def _time(document: Document) -> str:
    exact = iso(document.published) if document.published else None
    return instant(exact).isoformat() if exact else "9999"


_Group = dict[int, list[int]]  # by document, the sentences, in order


def _groups(found: Mapping[tuple[_Place, _Place], Match]) -> list[tuple[_Group, float]]:
    """Sentences that are one saying, the surest match first; a group has one sentence of a document."""
    groups: dict[_Place, dict[int, int]] = {}
    scores: dict[int, list[float]] = {}
    for (left, right), match in sorted(found.items(), key=lambda item: (-item[1].score, item[0])):
        mine, its = groups.get(left, {left[0]: left[1]}), groups.get(right, {right[0]: right[1]})
        if mine is not its and any(document in mine and mine[document] != number for document, number in its.items()):
            continue
        if mine is not its:
            mine.update(its)
        scores[id(mine)] = [*scores.get(id(mine), []), match.score]
        for document, number in mine.items():
            groups[document, number] = mine
    distinct = {id(group): group for group in groups.values()}
    listed = [({document: [number] for document, number in group.items()}, min(scores[key])) for key, group in distinct.items()]
    return sorted(listed, key=lambda entry: sorted((document, numbers[0]) for document, numbers in entry[0].items()))


def _joined(groups: Sequence[tuple[_Group, float]], said: Sequence[Sequence[Saying]]) -> list[tuple[_Group, float]]:
    """Neighbours in every text that renders both made one."""
    joined: list[tuple[_Group, float]] = []
    for group, score in groups:
        for number in range(len(joined) - 1, max(len(joined) - 6, -1), -1):
            before, known = joined[number]
            if _follows(before, group, said) or _follows(group, before, said):
                merged = {document: sorted([*before.get(document, []), *group.get(document, [])]) for document in sorted({*before, *group})}
                joined[number] = merged, min(known, score)
                break
        else:
            joined.append((group, score))
    return [entry for entry in joined if not any(_within(entry[0], other) for other, _ in joined if other is not entry[0])]


def _within(group: _Group, other: _Group) -> bool:
    """Whether all of a group stands between sentences of another one."""
    return all(
        document in other and other[document][0] < numbers[0] and numbers[-1] < other[document][-1] for document, numbers in group.items()
    )


def _follows(before: _Group, after: _Group, said: Sequence[Sequence[Saying]]) -> bool:
    """Whether the second stands right behind the first wherever both are, in one quotation and one mouth, and both are in two texts."""
    both = before.keys() & after.keys()
    return len(both) > 1 and all(_next(said[document], before[document][-1], after[document][0]) for document in both)


def _next(listed: Sequence[Saying], first: int, second: int) -> bool:
    one, other = listed[first], listed[second]
    between = listed[first + 1 : second]
    return (
        one.quote == other.quote
        and one.speaker == other.speaker
        and 0 < second - first <= 2
        and all(gap.speaker == one.speaker for gap in between)
    )


def _utterance(number: int, entry: tuple[_Group, float], said: Sequence[Sequence[Saying]], written: Sequence[str]) -> Utterance:
    group, score = entry
    before: list[str] | None = None
    firsts: list[Saying] = []
    renderings: list[Rendering] = []
    for document, numbers in sorted(group.items()):
        first, last = said[document][numbers[0]], said[document][numbers[-1]]
        span = first.span[0], last.span[1]
        words = fold(written[document][slice(*span)]).split()
        drift = 0.0 if before is None else 1 - LCSseq.normalized_similarity(before, words)
        renderings.append(Rendering(document=first.document, span=span, text=written[document][slice(*span)], drift=round(drift, 3)))
        firsts.append(first)
        before = words
    return Utterance(
        id=f"U{number}",
        speaker=_most(first.speaker for first in firsts),
        told_by=_most(first.told_by for first in firsts),
        renderings=tuple(renderings),
        score=round(min(score, 1.0), 3),
    )


def _most(names: Iterable[str | None]) -> str | None:
    """The name that most texts give."""
    counts = Counter(_given(names))
    return counts.most_common(1)[0][0] if counts else None


def _given(names: Iterable[str | None]) -> Iterator[str]:
    return (name for name in names if name is not None)
