"""Quotations on labelled English pages, and what they cost: ``python -m benchmarks.quotes [PART]``.

The labels (``tests/pipeline/cases/quotes/labels.jsonl``) are offsets into the gold text of pages in the shared folder, a page a line: id,
digest of the text, part, and of each passage in marks [start, end, kind, mention, speaker, via].  ``kind`` is direct (a sentence of its
own), mixed (a fragment in somebody's sentence) or none (a title, a name, a word that only stands in marks).  ``mention`` is the words that
name the speaker there, ``speaker`` his fullest name in the text.  The pages are a seeded draw among those of at most 7000 characters, every
passage of each was labelled by reading, before there was a parser, and every third page is ``development``.

A quotation is found when its words or one of its parts have the labelled bounds.  Its speaker is right when the last word of the name is
that of the labelled one (or, where the sentence has only "the statement", when that is what was found); one that was not found is wrong.
``overlap`` is the looser measure of corpora of attribution: the words found touch the labelled ones.  Precision counts what was given as
a quotation and was labelled as none.

At its first run the held-out part gave a speaker to 0.933 of the direct quotations, 0.654 of the fragments, 0.847 of both, and the one who
passed the words on to 0.296; its errors were read after that, and it is held out no longer.
"""

import hashlib
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.relations import Quote, TextSpan
from pipeline.quotes import quotes_of

SHARED = Path(os.environ.get("COPYTRAIL_SHARED") or Path(__file__).resolve().parents[2] / "shared")
LABELS = Path(__file__).resolve().parents[1] / "tests/pipeline/cases/quotes/labels.jsonl"
PARTS = ("development", "held_out")
_PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we"})
_WORD = re.compile(r"\w+")
_SUFFIX = frozenset({"jr", "sr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One passage in marks, as a person read it."""

    start: int
    end: int
    kind: str
    mention: TextSpan | None
    speaker: TextSpan | None
    via: TextSpan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A labelled page."""

    name: str
    part: str
    text: str
    labels: tuple[Label, ...]


def pages(shared: Path) -> list[Page]:
    """The labelled pages; ValueError where a page's text is not the one that was labelled."""
    with (shared / "data/text-dev/pages.jsonl").open(encoding="utf-8") as lines:
        texts = {row["id"]: "\n".join(row["body"]) for row in map(json.loads, lines)}
    return [_page(json.loads(line), texts) for line in LABELS.read_text("utf-8").splitlines()]


def _page(row: dict[str, object], texts: dict[str, str]) -> Page:
    name, quotes = str(row["page"]), row["quotes"]
    text = texts[name]
    if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
        raise ValueError(f"{name} is not the text that was labelled")
    assert isinstance(quotes, list)
    return Page(name=name, part=str(row["part"]), text=text, labels=tuple(_label(text, entry) for entry in quotes))


def _label(text: str, entry: list[object]) -> Label:
    start, end, kind, *spans = entry
    assert isinstance(start, int)
    assert isinstance(end, int)
    words = text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    mention, speaker, via = (_span(span) for span in spans)
    return Label(start=start, end=end, kind=str(kind), mention=mention, speaker=speaker, via=via)


def _span(span: object) -> TextSpan | None:
    return (span[0], span[1]) if isinstance(span, list) else None


def document(name: str, text: str) -> Document:
    """A page's text as a document."""
    return Document(capture=name, url="", extractor="gold", quality=Quality(kind=PageKind.ARTICLE), text=text, language="en")


def counted(page: Page) -> Counter[str]:
    """What was found on one page, by "kind measure"."""
    quotes = [quote for quote in quotes_of(document(page.name, page.text)) if quote.inside is None]
    found = {span: quote for quote in quotes for span in ((quote.start, quote.end), *quote.parts)}
    counts: Counter[str] = Counter()
    for label in page.labels:
        counts.update(f"{label.kind} {measure}" for measure in _measures(page.text, label, found.get((label.start, label.end))))
    meant = {(label.start, label.end) for label in page.labels if label.kind != "none"}
    counts["given"] = len(quotes)
    counts["given right"] = sum(any(span in meant for span in ((quote.start, quote.end), *quote.parts)) for quote in quotes)
    return counts


def _measures(text: str, label: Label, quote: Quote | None) -> Iterator[str]:
    yield "all"
    if quote is not None:
        yield "found"
    if label.via is not None:
        yield "passed on"
        if quote is not None and quote.via is not None and quote.via.casefold() in text[slice(*label.via)].casefold():
            yield "via"
    if label.speaker is not None:
        yield "spoken"
        if quote is not None and named(text, label, quote):
            yield "speaker"
        if quote is not None and _touches(quote.speaker_span, label.mention):
            yield "overlap"


def named(text: str, label: Label, quote: Quote) -> bool:
    """Whether a quotation has the labelled speaker."""
    assert label.speaker is not None
    last = _last(quote.speaker or "")
    if last and last == _last(text[slice(*label.speaker)]):
        return True
    mention = text[slice(*label.mention)] if label.mention else ""
    return bool(last) and mention.casefold() not in _PRONOUNS and _touches(quote.speaker_span, label.mention) and last == _last(mention)


def _last(name: str) -> str:
    found = [word for word in _WORD.findall(name.casefold()) if word not in _SUFFIX]
    return found[-1] if found else ""


def _touches(one: TextSpan | None, other: TextSpan | None) -> bool:
    return one is not None and other is not None and one[0] < other[1] and one[1] > other[0]


def shares(counts: Counter[str]) -> dict[str, float]:
    """Recall, speakers and precision as shares."""
    both = {
        measure: counts[f"direct {measure}"] + counts[f"mixed {measure}"]
        for measure in ("spoken", "speaker", "overlap", "passed on", "via")
    }
    return {
        "direct recall": counts["direct found"] / counts["direct all"],
        "mixed recall": counts["mixed found"] / counts["mixed all"],
        "direct speaker": counts["direct speaker"] / counts["direct spoken"],
        "mixed speaker": counts["mixed speaker"] / counts["mixed spoken"],
        "speaker": both["speaker"] / both["spoken"],
        "overlap": both["overlap"] / both["spoken"],
        "via": both["via"] / both["passed on"],
        "precision": counts["given right"] / counts["given"],
    }


def score(part: str, shared: Path = SHARED) -> dict[str, float]:
    """The shares on one part of the labels."""
    return shares(sum((counted(page) for page in pages(shared) if page.part == part), Counter()))


def main() -> None:
    """Print the shares, and the CPU time of twice the text against once."""
    for part in sys.argv[1:] or PARTS:
        print(part, "  ".join(f"{name} {share:.3f}" for name, share in score(part).items()))
    texts = [page.text for page in pages(SHARED)]
    single, double = ("\n".join(texts), "\n".join([*texts, *texts]))
    rounds = [[_seconds(text) for text in (single, double)] for _ in range(3)]
    once, twice = (min(column) for column in zip(*rounds, strict=True))
    print(f"{len(single)} characters: {once:.2f} CPU seconds; twice as many: {twice / once:.2f} times that")


def _seconds(text: str) -> float:
    started = time.process_time()
    quotes_of(document("all", text))
    return time.process_time() - started


if __name__ == "__main__":
    main()
