"""Relations and their evidence put into words."""

from collections.abc import Sequence

from archive.relations import DIRECTED, Evidence, Relation, RelationKind
from pipeline.relations.passages import Run
from pipeline.relations.sides import Side

METHOD = "relations/1"  # of rules and thresholds; raised when the same texts would be judged otherwise
_MOST = 240  # characters of a passage that is shown


def relation(kind: RelationKind, one: Side, other: Side, score: float, why: str, evidence: Sequence[Evidence]) -> Relation:
    """A relation; of a symmetric kind the smaller id stands first, and the evidence is turned with it."""
    if kind not in DIRECTED and other.id < one.id:
        evidence = [Evidence(kind=item.kind, words=item.words, source=item.target, target=item.source, note=item.note) for item in evidence]
        one, other = other, one
    return Relation(
        kind=kind, source=one.id, target=other.id, score=round(min(score, 1.0), 3), method=METHOD, why=why, evidence=tuple(evidence)
    )


def run_evidence(one: Side, other: Side, run: Run) -> Evidence:
    """A shared run."""
    source, target = one.reading.span(run.left, run.size), other.reading.span(run.right, run.size)
    words = " ".join(one.document.text[slice(*source)].split())
    return Evidence(kind="run", words=short(words), source=source, target=target, note=f"{run.size} words in a row")


def short(words: str) -> str:
    """As much of it as is shown."""
    return words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"


def quoted(words: str) -> str:
    """Words of a text inside a sentence."""
    return f"“{short(' '.join(words.split()))}”"
