"""How many slips in the numbers of derived texts are told, and what a comparison costs.

``python -m benchmarks.facts [CASES]`` writes invented reports (``tests/support/slips.py``), texts written over from them with one number
wrong, and the same texts without a slip.  It prints precision and recall, how many right copies are called wrong, and the CPU seconds of
comparing texts of one and of four times the length as a ratio (the least of interleaved rounds): linear is 4.
"""

import random
import sys
import time
from pathlib import Path

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.relations import Fact, FactVerdict, Relation, RelationKind
from pipeline.facts import facts

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import slips

ROUNDS = 5


def document(name: str, text: str) -> Document:
    """A text without a page."""
    return Document(capture=name, url="", extractor="benchmark", quality=Quality(kind=PageKind.ARTICLE), text=text, language="en")


def conflicts(source: str, copy: str) -> list[Fact]:
    """What is told of a text and one written over from it."""
    derived = Relation(kind=RelationKind.DERIVED, source="b", target="a", score=1.0, method="benchmark", why="", evidence=())
    found = facts((document("a", source), document("b", copy)), [derived])
    return [fact for fact in found if fact.verdict is FactVerdict.CONFLICT]


def slips_told(cases: int) -> str:
    """Precision, recall, and right copies called wrong."""
    right = wrong = clean = 0
    for number in range(cases):
        rng = random.Random(number)  # noqa: S311 -- the same reports in every run
        told = slips.report(rng)
        name = rng.choice(sorted(told))
        slip = slips.slipped(rng, told, name)
        found = conflicts(slips.source(told, number), slips.written_over(rng, slip, number, name))
        hits = [fact for fact in found if any(slip[name] in value.text for value in fact.values)]
        right += bool(hits)
        wrong += len(found) - len(hits)
        clean += bool(conflicts(slips.source(told, number), slips.written_over(rng, told, number, name)))
    return f"{cases} slips: precision {right / max(right + wrong, 1):.3f}, recall {right / cases:.3f}; right copies called wrong: {clean}"


def growth() -> float:
    """CPU seconds for texts four times as long, by those of the short ones."""
    seeds = [random.Random(seed) for seed in range(32)]  # noqa: S311 -- the same reports in every run
    told = [slips.source(slips.report(rng), number) for number, rng in enumerate(seeds)]
    texts = ["\n".join(told[:8]), "\n".join(told)]
    least = [float("inf")] * 2
    for _ in range(ROUNDS):
        for number, text in enumerate(texts):
            start = time.process_time()
            conflicts(text, text)
            least[number] = min(least[number], time.process_time() - start)
    return least[1] / least[0]


def main() -> None:
    """Print the figures."""
    print(slips_told(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
    print(f"four times the text costs {growth():.1f} times the CPU")


if __name__ == "__main__":
    main()
