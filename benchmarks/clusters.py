"""How well articles are put together into stories, and at what cost: ``python -m benchmarks.clusters``.

``--sizes 1000 10000 50000`` gives the numbers of articles whose cost is measured, ``--growth`` measures nothing else. Prints BCubed
precision, recall and F1 (Bagga and Baldwin 1998; of each article the share of its cluster that is of its story, and of its story that is
in its cluster, each article counting the same) for generated stories laid among the real pages of the shared folder beside the checkout
(or where ``COPYTRAIL_SHARED`` says), each at its own date moved into the same month; on the real pages alone as far as ``sameevent.yaml``
labels them; and the CPU seconds of growing numbers of articles, the best of three rounds, of one where there are many.

``--choose`` cross-validates ``pipeline.clusters.events.Limits``: of a grid, the limits that are best on some draws are scored on another
draw, with other noise, and so on in turn.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import yaml

from archive.kinds import PageKind
from archive.records import Document, Quality
from benchmarks.generated import BEGUN, Noise, Told, stories
from pipeline.clusters.events import Limits
from pipeline.clusters.online import State, place_all

NOISES = {
    "as published": Noise(),
    "few names": Noise(towns=5, people=12, firms=7),
    "short": Noise(told=0.4, notes=0.4),
    "much background": Noise(background=0.9),
    "crowded": Noise(days=7),
    "undated": Noise(undated=0.6),
}
DRAWS = range(11, 16)
_LABEL = 16  # characters of a page's id
Labels = Mapping[str, str]


def bcubed(found: Labels, gold: Labels) -> tuple[float, float, float]:
    """Precision, recall and F1 of the clusters ``found``, over the documents that ``gold`` labels; both by document."""
    pairs = Counter((found[document], gold[document]) for document in gold)
    clusters, events = Counter(found[document] for document in gold), Counter(gold.values())
    precision = sum(count * count / clusters[cluster] for (cluster, _), count in pairs.items()) / len(gold)
    recall = sum(count * count / events[event] for (_, event), count in pairs.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def real_pages() -> list[Document]:
    """The gold texts of the real pages."""
    folder = Path(os.environ.get("COPYTRAIL_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data" / "text-dev"
    rows = [json.loads(line) for line in (folder / "pages.jsonl").read_text("utf-8").splitlines()]
    return [
        Document(
            capture=row["id"],
            url=row["url"],
            extractor="gold",
            quality=Quality(kind=PageKind.ARTICLE),
            title=row.get("title"),
            published=row.get("published"),
            text="\n".join(row["body"]),
        )
        for row in rows
    ]


def labels(pages: Iterable[Document]) -> dict[str, str]:
    """What event each page tells; pages of which that is not sure are left out."""
    held = yaml.safe_load(Path(__file__).with_name("sameevent.yaml").read_text("utf-8"))
    event = {page: name for name, pages in held["groups"].items() for page in pages}
    unsure = set(held["unsure"])
    return {page.capture: event.get(page.capture[:_LABEL], page.capture) for page in pages if page.capture[:_LABEL] not in unsure}


def among(told: Sequence[Told], pages: Sequence[Document]) -> tuple[list[Document], dict[str, str]]:
    """Generated articles and real pages in one stream, by time, and what event each tells."""
    month = BEGUN + timedelta(days=1)
    dated = [(index * 30 / len(pages), page) for index, page in enumerate(pages)]
    moved = [replace(page, published=(month + timedelta(days=day)).isoformat(timespec="minutes")) for day, page in dated]
    gold = labels(pages) | {item.document.capture: f"story {item.story}" for item in told}
    order = {item.document.capture: number for number, item in enumerate(told)}
    place = {page.capture: index * len(told) / len(pages) for index, page in enumerate(pages)}
    return sorted([*moved, *(item.document for item in told)], key=lambda item: (order | place)[item.capture]), gold


def score(documents: Iterable[Document], gold: Labels, limits: Limits | None = None) -> tuple[float, float, float]:
    """BCubed of what clustering makes of documents."""
    return bcubed(place_all(documents, limits).home, gold)


def grid() -> Iterator[Limits]:
    """The limits that are tried."""
    for joins, days in product((0.24, 0.27, 0.30, 0.33, 0.36), (7, 10, 14)):
        yield Limits(joins=joins, window=timedelta(days=days))


def choose(pages: Sequence[Document]) -> None:
    """Print, for each draw, the limits that are best on the others and what they give on it."""
    streams = [among(stories(noise, draw), pages) for draw, noise in zip(DRAWS, NOISES.values(), strict=False)]
    table = {limits: [score(*stream, limits)[2] for stream in streams] for limits in grid()}
    for left_out in range(len(streams)):
        best = max(table, key=lambda limits: sum(value for index, value in enumerate(table[limits]) if index != left_out))
        print(f"left out {left_out}: F1 {table[best][left_out]:.3f} with {best}")


def growth(pages: Sequence[Document], sizes: Sequence[int]) -> None:
    """Print the CPU seconds of growing numbers of articles, generated over as many months as they fill."""
    for size in sizes:
        count = size // 6 + 1
        told = stories(Noise(stories=count, days=max(30, count // 7), towns=count // 5 + 14, people=count + 40, firms=count // 2 + 20), 1)
        documents = [item.document for item in told][:size]
        seconds = min(_seconds(documents) for _ in range(3 if size < 20_000 else 1))
        print(f"{len(documents):>7} articles  {seconds:7.1f} s  {1000 * seconds / len(documents):5.2f} ms each")
    print(f"{len(pages):>7} real pages {_seconds(pages):6.1f} s  {1000 * _seconds(pages) / len(pages):5.2f} ms each")


def _seconds(documents: Iterable[Document]) -> float:
    begun = time.process_time()
    state: State = place_all(documents)
    assert state.home
    return time.process_time() - begun


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--growth", action="store_true", help="only the cost")
    given = parser.parse_args()
    pages = real_pages()
    if given.choose:
        choose(pages)
        return
    if given.growth:
        growth(pages, given.sizes)
        return
    for name, noise in NOISES.items():
        for draw in DRAWS:
            told = stories(noise, draw)
            precision, recall, both = score(*among(told, pages))
            print(f"{name:16} draw {draw}: {len(told)} articles, P {precision:.3f} R {recall:.3f} F1 {both:.3f}")
    gold = labels(pages)
    print("real pages alone: P {:.3f} R {:.3f} F1 {:.3f}".format(*score(pages, gold)))
    growth(pages, given.sizes)


if __name__ == "__main__":
    main()
