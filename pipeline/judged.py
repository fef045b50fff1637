"""What people decided, laid over what was worked out, and how far the two agree.

``with_judgements`` does so.  ``agreement`` holds
judgements against computation and
coders against one another (Cohen 1960: kappa is the agreement beyond what both coders' habits alone would give). Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from archive.judgements import CONFIRM, REJECT, laid_over
from archive.records import Document
from archive.relations import Judgement, Related
from pipeline.primary import primary


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two agree on the subjects on which both spoke; ``kappa`` is None where chance alone would make them agree."""

    left: str  # a coder
    right: str  # another one, or "computed"
    about: str  # membership or relations
    both: int
    same: int
    kappa: float | None


def with_judgements(found: Related, judgements: Sequence[Judgement], held: Mapping[str, Document]) -> Related:
    """What holds of the documents, which are given by the addresses of their articles; which is primary follows from that."""
    over = laid_over(found.relations, judgements, {url: document.capture for url, document in held.items()})
    if not over.differ:
        return replace(found, relations=over.relations)
    documents = list(held.values())
    quotes = {document.capture: [item for item in found.quotations if item.document == document.capture] for document in documents}
    return replace(found, relations=over.relations, rejected=over.rejected, primary=primary(documents, over.relations, quotes))


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
