"""What the other pages of an outlet could take out of our texts: ``python -m benchmarks.text_outlets``.

Every real page (``benchmarks.text_quality``) is held against the other pages of its outlet, texts that share more than half left out.  For
each way of believing them it prints on how many pages of how many with such neighbours something would go, how many of those paragraphs
the gold has not and has (all of a paragraph's letters, or half of its four-word shingles), and what F1 would gain.
"""

import runpy
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archive.records import Document, Page
from archive.urls import host, registered_domain
from benchmarks.text_quality import SHARED, compared, pages, prediction, rows
from pipeline.blocks import key
from pipeline.profiles import Trace, is_furniture, learned, line
from pipeline.text import document
from pipeline.traces import traced

SAME = 0.5
Way = Callable[[Trace, Sequence[Trace]], set[str]]  # the lines of the page's text that go


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A page, read."""

    document: Document
    trace: Trace
    gold: str


def furniture(fewest: int, *, itself: bool) -> Way:
    """What stands in a place that so many pages show to be furniture, the page itself among them or not."""

    def lines(page: Trace, others: Sequence[Trace]) -> set[str]:
        profile = learned("", [*others, page] if itself else others, fewest)
        paths = {item.path for item in profile.places if is_furniture(item)} if profile else set()
        return {block.line for block in page.blocks if block.text and block.path in paths}

    return lines


def again(page: Trace, others: Sequence[Trace]) -> set[str]:
    """What stands word for word on another page."""
    elsewhere = {block.line for other in others for block in other.blocks}
    return {block.line for block in page.blocks if block.text and block.line in elsewhere}


WAYS: dict[str, tuple[int, Way]] = {
    "places that two others show to be furniture": (2, furniture(2, itself=False)),
    "the same, the page itself counted among them": (2, furniture(3, itself=True)),
    "the same, with one other page": (1, furniture(2, itself=True)),
    "paragraphs that stand word for word on one other page": (1, again),
}


def read(page: Page, gold: str) -> Read:
    """The text of a page and what it shows."""
    return Read(document=document(page), trace=traced(page), gold=gold)


def alike(one: Trace, other: Trace) -> bool:
    """Whether two texts share so much that they are one article."""
    texts = [{block.line for block in trace.blocks if block.text} for trace in (one, other)]
    return len(texts[0] & texts[1]) > SAME * min(map(len, texts))


def without(found: Document, lines: set[str]) -> Document:
    """The document less the paragraphs of these lines."""
    blocks = tuple(block for block in found.blocks if line(block.text) not in lines)
    return replace(found, blocks=blocks, text="\n".join(block.text for block in blocks))


def shared(part: Counter[object], whole: Counter[object]) -> float:
    """The share of the part that the whole has."""
    return (part & whole).total() / part.total()


def measured(every: Sequence[Read], fewest: int, way: Way) -> Iterator[str]:
    """The lines of the report for one way."""
    shingles = runpy.run_path(str(SHARED / "tools/score_text.py"))["shingles"]
    outlets: defaultdict[str, list[Read]] = defaultdict(list)
    for item in every:
        outlets[registered_domain(host(item.document.url))].append(item)
    touched = having = right = wrong = 0
    changed = {}
    for item in every:
        others = [other.trace for other in outlets[registered_domain(host(item.document.url))] if other is not item]
        others = [other for other in others if not alike(item.trace, other)]
        having += len(others) >= fewest
        gone = way(item.trace, others) if len(others) >= fewest else set()
        taken = [block.text for block in item.document.blocks if line(block.text) in gone]
        bad = sum(key(text) in key(item.gold) or shared(shingles(text), shingles(item.gold)) >= SAME for text in taken)
        touched, right, wrong = touched + bool(taken), right + len(taken) - bad, wrong + bad
        changed[item.document.capture] = without(item.document, gone)
    yield f"{touched} of {having} pages touched, {right} paragraphs right, {wrong} wrong"
    before = [prediction(item.document.capture, item.document) for item in every]
    yield from compared(SHARED, before, [prediction(name, found) for name, found in changed.items()])


def main() -> None:
    """Print what each way would do."""
    gold = {row["id"]: "\n".join([*row.get("standfirst", []), *row["body"]]) for row in rows(SHARED)}
    every = [read(page, gold[page.capture.id]) for page in pages(SHARED)]
    for name, (fewest, way) in WAYS.items():
        sys.stdout.writelines(f"{name}: {said}\n" for said in measured(every, fewest, way))


if __name__ == "__main__":
    main()
