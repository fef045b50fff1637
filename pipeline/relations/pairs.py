"""What two documents have to do with one another: the rules, the strongest first, and the words that say why.

``judge(pair, …)`` gives the relations of one pair: none when nothing binds them, one of the strongest kind that holds, and a
``quotes`` beside ``cites``.  Every relation carries the passages that show it.  The rules (coverage.md §4 and §8, measured there on 300
independent pairs of articles about one event: no false ``derived``):

* same payload: the same text, character for character.  Near-duplicate: ``sameness.copied``; of one outlet it is another version.
* syndicated: a copy, or shared passages, where one side credits the other's outlet.
* derived: quotations left out, a run of 12 words or 15 % of the shorter text's three-word runs are shared, and at most a tenth of the
  names of the deriving side are new.  Shared passages without that are ``common_source``, unless one cites the other: nobody can tell who
  took what from whom.
* cites: names the other's outlet as its source.  quotes: has sayings that the other has too.
* common source: both cite the same third, or have the same translation of what somebody said.
* same story: ``likeness``.  Of two that are not alike, nothing is said.
"""

from collections.abc import Iterator, Sequence

from archive.relations import Evidence, Relation, RelationKind, Utterance
from pipeline.relations.copying import copying
from pipeline.relations.sameness import Copied, copied
from pipeline.relations.sides import Pair, Side, citation_of, credit_for, same_outlet
from pipeline.relations.speech import SAME_RUN, Saying, shared_speech
from pipeline.relations.wording import quoted, relation, run_evidence


def judge(pair: Pair, utterances: Sequence[Utterance] = (), third: frozenset[str] = frozenset()) -> Iterator[Relation]:
    """The relations of one pair; ``third`` are the keys of outlets that have a document of their own in the story."""
    left, right = pair.left, pair.right
    same = copied(left.reading, right.reading)
    if same.form:
        return
    if same.one or _identical(left, right):
        yield _same(left, right, same)
        return
    taken = copying(pair)
    if taken is not None and taken.directed:
        yield taken
        return
    if not pair.one_story:
        return
    speech = shared_speech(left.reading, right.reading, utterances)
    if citing := list(_citing(left, right, speech)):
        yield from citing
        return
    yield taken or _common(left, right, speech, third) or _story(pair)


def _identical(left: Side, right: Side) -> bool:
    return bool(left.document.text) and left.document.text == right.document.text


def _same(left: Side, right: Side, same: Copied) -> Relation:
    """One text on both sides."""
    passages = tuple(run_evidence(left, right, run) for run in sorted(same.shared, key=lambda run: -run.size)[:5])
    if not passages:
        ends = (0, len(left.document.text)), (0, len(right.document.text))
        passages = (Evidence(kind="payload", words=left.document.text[:200], source=ends[0], target=ends[1]),)
    for one, other in ((left, right), (right, left)):
        if (words := credit_for(one, other)) and not same_outlet(one.document, other.document):
            shown = passages if one is left else tuple(map(_turned, passages))
            why = f"{one.id} is the text of {other.called} and credits it: {quoted(words)}"
            credit = Evidence(kind="credit", words=words)
            return relation(RelationKind.SYNDICATED, one, other, max(same.containment, 0.5), why, (credit, *shown))
    if _identical(left, right):
        return relation(RelationKind.SAME_PAYLOAD, left, right, 1.0, "the two texts are the same, character for character", passages)
    share = f"{same.containment:.0%} of the shorter text's runs of five words stand in the other"
    if same_outlet(left.document, right.document):
        return relation(
            RelationKind.SAME_STORY, left, right, same.containment, f"two versions of one article of {left.called}: {share}", passages
        )
    both = left.credits.keys() & right.credits.keys()
    why = f"one text in two places: {share}" + (f"; both credit {', '.join(sorted(both))}" if both else "")
    credits_ = tuple(Evidence(kind="credit", words=left.credits[key], note=f"{key}, credited by both") for key in sorted(both))
    return relation(RelationKind.NEAR_DUPLICATE, left, right, same.containment, why, (*passages, *credits_))


def _turned(item: Evidence) -> Evidence:
    return Evidence(kind=item.kind, words=item.words, source=item.target, target=item.source, note=item.note)


def _citing(left: Side, right: Side, speech: Sequence[Saying]) -> Iterator[Relation]:
    """``cites`` in either direction, each with ``quotes`` where sayings are shared."""
    for one, other in ((left, right), (right, left)):
        cited = citation_of(one, other)
        if cited is None:
            continue
        cue = Evidence(kind="cue", words=cited.words, source=cited.span)
        why = f"{one.id} names {other.called} as its source: {quoted(cited.words)}"
        yield relation(RelationKind.CITES, one, other, 0.9, why, (cue,))
        if speech:
            said = tuple(_said(one, saying, turned=one is right) for saying in speech[:10])
            why = f"{one.id} has {_sayings(len(speech))} that {other.id} has too, and names {other.called} as its source"
            yield relation(RelationKind.QUOTES, one, other, 0.8, why, (*said, cue))


def _said(one: Side, saying: Saying, *, turned: bool) -> Evidence:
    source, target = (saying.right, saying.left) if turned else (saying.left, saying.right)
    note = f"the same saying, {saying.run} words of it in a row" if saying.run else "the same saying in other words"
    return Evidence(kind="quote", words=one.document.text[slice(*source)], source=source, target=target, note=note)


def _sayings(count: int) -> str:
    return "one saying" if count == 1 else f"{count} sayings"


def _common(left: Side, right: Side, speech: Sequence[Saying], third: frozenset[str]) -> Relation | None:
    """Both draw on a third: cited by both, or heard in one translation."""
    both = [key for key in left.cites if key in right.cites and (speech or key in third)]
    said = tuple(_said(left, saying, turned=False) for saying in speech[:10])
    cues = tuple(
        Evidence(
            kind="cue", words=left.cites[key].words, source=left.cites[key].span, target=right.cites[key].span, note=f"{key}, cited by both"
        )
        for key in both
    )
    longest = max((saying.run for saying in speech), default=0)
    if both:
        why = f"both name {' and '.join(both)} as their source" + (f" and share {_sayings(len(speech))}" if speech else "")
        return relation(RelationKind.COMMON_SOURCE, left, right, 0.8 if speech else 0.6, why, (*cues, *said))
    if longest >= SAME_RUN:
        why = f"both quote the same words, {longest} in a row, and neither names the other"
        return relation(RelationKind.COMMON_SOURCE, left, right, 0.6, why, said)
    return None


def _story(pair: Pair) -> Relation:
    left, right, alike = pair.left, pair.right, pair.alike
    shared = max(pair.runs, key=lambda run: run.size, default=None)
    names = sorted(left.reading.names & right.reading.names, key=lambda name: -left.reading.words.count(name))[:6]
    words = ", ".join(_written(left, name) for name in names)
    evidence = (Evidence(kind="names", words=words, note="names that both have"),) if names else ()
    passage = (run_evidence(left, right, shared),) if shared else ()
    why = (
        f"both tell of the same event: of the names in either lead {alike.names:.0%} and more are in the other text, "
        f"of the other telling words {alike.rest:.0%} and more"
    )
    return relation(RelationKind.SAME_STORY, left, right, alike.score, why, (*evidence, *passage))


def _written(side: Side, name: str) -> str:
    reading = side.reading
    return reading.written[reading.words.index(name)]
