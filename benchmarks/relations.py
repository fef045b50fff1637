"""What it costs to find copies among many articles and to judge every pair inside their stories; and how well copies are found.

``python -m benchmarks.relations [COUNT …]`` (default 1000 10000).  The articles are invented, some 450 words each, in stories of 5 to 30.
Seconds are CPU seconds of one process, the best of two rounds for up to 1,000 articles and of one for more.  The last column is the cost
of an article against that in the first row: 1 means that cost grows with the number of articles and no faster.  The second table is the
ladder of ``benchmarks.invented``: precision and recall over all pairs of texts, reports that fill a form among them.
"""

import sys
import time
from collections.abc import Sequence
from random import Random

from archive.kinds import PageKind
from archive.records import Document, Quality
from benchmarks.invented import forms, ladder, story
from pipeline.quotes import quotes_of
from pipeline.relations import duplicates, relate

GOAL = 120.0  # seconds for 10,000 articles through copies, clusters and pairs (issue 6)


def document(name: str, text: str) -> Document:
    """A document of one text."""
    return Document(capture=name, url="", extractor="benchmark", quality=Quality(kind=PageKind.ARTICLE), text=text, original=text)


def stories(rng: Random, count: int) -> list[list[Document]]:
    """So many articles in stories of 5 to 30."""
    made: list[list[Document]] = []
    left = count
    while left > 0:
        texts = story(rng, min(rng.randint(5, 30), left))
        made.append([document(f"{len(made)}-{number}", text) for number, text in enumerate(texts)])
        left -= len(texts)
    return made


def seconds(every: Sequence[Sequence[Document]]) -> tuple[float, float, float]:
    """CPU seconds for copies among all, for quotations, and for the pairs inside stories."""
    flat = [item for members in every for item in members]
    started = time.process_time()
    duplicates(flat)
    found = time.process_time()
    quotes = {item.capture: quotes_of(item) for item in flat}
    parsed = time.process_time()
    for members in every:
        relate(members, quotes, one_story=True)
    return found - started, parsed - found, time.process_time() - parsed


def costs(counts: Sequence[int]) -> None:
    """The first table."""
    print(f"{'articles':>9} {'pairs':>9} {'copies s':>9} {'quotes s':>9} {'pairs s':>9} {'ms a pair':>10} {'all s':>8} {'growth':>7}")
    first = 0.0
    for count in counts:
        every = stories(Random(count), count)  # noqa: S311 -- the same articles in every run
        rounds = [seconds(every) for _ in range(2 if count <= 1000 else 1)]
        copies, quotes, judged = (min(values) for values in zip(*rounds, strict=True))
        pairs = sum(len(members) * (len(members) - 1) // 2 for members in every)
        whole = copies + quotes + judged
        first = first or whole / count
        print(
            f"{count:>9} {pairs:>9} {copies:>9.1f} {quotes:>9.1f} {judged:>9.1f} {1000 * judged / pairs:>10.2f} {whole:>8.1f} "
            f"{whole / count / first:>7.2f}"
        )
        if count == 10_000:
            print(f"          goal: {GOAL:.0f} s, {'met' if whole <= GOAL else 'missed'}, clustering not counted")


def quality(seeds: Sequence[int]) -> None:
    """The second table."""
    print(f"\n{'seed':>5} {'texts':>6} {'copies':>7} {'precision':>10} {'recall':>7}")
    for seed in seeds:
        rng = Random(seed)  # noqa: S311 -- the same texts in every run
        made = ladder(rng, 150)
        texts = {**made.texts, **forms(rng, 20)}
        pairs = {tuple(sorted((item.left, item.right))) for item in duplicates([document(*item) for item in texts.items()])}
        right = pairs & made.copies
        print(f"{seed:>5} {len(texts):>6} {len(made.copies):>7} {len(right) / len(pairs):>10.3f} {len(right) / len(made.copies):>7.3f}")


if __name__ == "__main__":
    costs([int(word) for word in sys.argv[1:]] or [1000, 10_000])
    quality(range(11, 16))
