"""What people decided, laid over what was worked out, and how far the two agree.

``with_judgements`` takes rejected relations out, marks confirmed ones, and adds those that only a person saw; ``subject_of`` names a
relation by the addresses of its texts, which outlive captures and extractors. ``agreement`` holds judgements against computation and
coders against one another (Cohen 1960: kappa is the agreement beyond what both coders' habits alone would give). Pure.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from archive.judgements import CONFIRM, REJECT, holding
from archive.relations import DIRECTED, Evidence, Judgement, Related, Relation, RelationKind

_SUBJECT = re.compile(r"(?P<kind>[a-z_]+):(?P<source>https?://\S+?):(?P<target>https?://\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two agree on the subjects on which both spoke; ``kappa`` is None where chance alone would make them agree."""

    left: str  # a coder
    right: str  # another one, or "computed"
    about: str  # membership or relations
    both: int
    same: int
    kappa: float | None


def subject_of(kind: RelationKind, source: str, target: str) -> str:
    """The name of a relation between two addresses; of a kind without direction the smaller stands first."""
    ends = (source, target) if kind in DIRECTED else tuple(sorted((source, target)))
    return ":".join((kind, *ends))


def read_subject(text: str) -> tuple[RelationKind, str, str]:
    """The parts of such a name as a person writes it; ValueError when it is none."""
    match = _SUBJECT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no relation; write KIND:URL:URL, such as cites:http://one.example/a:http://two.example/b")
    if match["kind"] not in set(RelationKind):
        raise ValueError(f"{match['kind']!r} is no kind of relation; one of {', '.join(RelationKind)}")
    return RelationKind(match["kind"]), match["source"], match["target"]


def with_judgements(found: Related, judgements: Sequence[Judgement], urls: Mapping[str, str]) -> Related:
    """What holds of the documents whose addresses are ``urls``."""
    holds = holding(item for item in judgements if item.verdict in {CONFIRM, REJECT})
    if not holds:
        return found
    names = {subject_of(item.kind, urls[item.source], urls[item.target]): item for item in found.relations}
    kept = (item for name, item in names.items() if name not in holds)
    return replace(found, relations=(*kept, *_confirmed(holds.values(), names, urls)))


def _confirmed(judgements: Iterable[Judgement], names: Mapping[str, Relation], urls: Mapping[str, str]) -> Iterator[Relation]:
    document = {url: identifier for identifier, url in urls.items()}
    for item in judgements:
        kind, source, target = read_subject(item.subject)
        if item.verdict != CONFIRM or source not in document or target not in document:
            continue
        said = f"confirmed by {item.coder}" + (f": {item.note}" if item.note else "")
        known = names.get(item.subject)
        if known is not None:
            yield replace(known, judged=item.coder, why=f"{known.why} ({said})")
            continue
        ends = (document[source], document[target])
        ends = ends if kind in DIRECTED else (min(ends), max(ends))
        evidence = (Evidence(kind="judgement", words=item.note or item.verdict, note=item.coder),)
        yield Relation(
            kind=kind, source=ends[0], target=ends[1], score=1.0, method="judged", why=said, evidence=evidence, judged=item.coder
        )


def agreement(judgements: Sequence[Judgement]) -> list[Agreement]:
    """Every coder against computation, then the coders in pairs; of each coder the newest judgement of a subject counts."""
    found = []
    for about, verdicts in (("membership", {"in", "out"}), ("relations", {CONFIRM, REJECT})):
        mine = [item for item in judgements if item.verdict in verdicts]
        coders = sorted({item.coder for item in mine})
        said = {coder: {item.subject: item.verdict for item in mine if item.coder == coder} for coder in coders}
        computed = {coder: {item.subject: item.computed for item in mine if item.coder == coder and item.computed} for coder in coders}
        found += [_agreement(about, coder, "computed", said[coder], computed[coder]) for coder in coders]
        found += [_agreement(about, one, other, said[one], said[other]) for one, other in combinations(coders, 2)]
    return [item for item in found if item.both]


def _agreement(about: str, left: str, right: str, one: Mapping[str, str], other: Mapping[str, str]) -> Agreement:
    pairs = [(one[subject], other[subject]) for subject in one if subject in other]
    return Agreement(left=left, right=right, about=about, both=len(pairs), same=sum(a == b for a, b in pairs), kappa=kappa(pairs))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two coders' verdicts, -1 to 1; None without pairs, or where both always say one and the same."""
    if not pairs:
        return None
    observed = sum(a == b for a, b in pairs) / len(pairs)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[verdict] * right[verdict] for verdict in left) / len(pairs) ** 2
    return (observed - chance) / (1 - chance) if chance < 1 else None
