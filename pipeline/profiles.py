"""What the pages of one outlet have in common: places whose words come again on every page, places that hold the text.

``learned(outlet, traces)`` counts over an outlet's articles what ``pipeline.traces`` reads of a page.  A profile is evidence for a person
and for the alarm about an outlet's layout, and never changes a text: over the 308 real pages, where no outlet has more than three, no
place that two other pages show to be furniture is left in a text, and of 58 paragraphs that stand word for word on another page of their
outlet 43 are of the article (docs/decisions/0008-text.md).

The guards: one capture of an article counts, the last; of articles that share more than half of their text only the first counts,
whatever their addresses are; nothing is said before ``FEWEST`` articles, nor by a place or line that fewer have; a page does not count
among those that have its line; a place that holds text is never said to hold anything else.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from archive.records import PagePlace, Profile
from pipeline.blocks import key

FEWEST = 3  # articles
_SAME = 0.5  # of the blocks of the shorter text: two articles that share more are one
LINKED = 0.8
_OFTEN = 0.5
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One visible block: its place, its words as a digest, whether it is a link and whether it stands in the text."""

    path: str
    line: str
    linked: bool
    text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is counted of one page; ``article`` is its own address for itself, by which captures of one article are known."""

    capture: str
    url: str
    article: str
    time: datetime
    extractor: str
    readable: bool  # it carries an article's text
    blocks: tuple[Seen, ...] = ()


def place(path: str) -> str:
    """A place as ``pipeline.blockkinds.where`` gives it, alike on all pages."""
    return _DIGITS.sub("#", path)


def line(text: str) -> str:
    """The letters and digits of a block as a digest; empty where it has none."""
    folded = key(text)
    return blake2b(folded.encode(), digest_size=8).hexdigest() if folded else ""


def learned(outlet: str, traces: Iterable[Trace], fewest: int = FEWEST) -> Profile | None:
    """The profile of an outlet; None where there are too few articles.  The order of the traces says nothing."""
    articles = _different(sorted((trace for trace in traces if trace.readable), key=lambda trace: (trace.time, trace.capture)))
    if len(articles) < fewest:
        return None
    return Profile(
        outlet=outlet,
        extractor=articles[-1].extractor,
        since=articles[0].time,
        until=articles[-1].time,
        articles=tuple((trace.url, trace.capture) for trace in articles),
        places=_places(articles, fewest),
        lines=_lines(articles, fewest),
    )


def _different(traces: Iterable[Trace]) -> list[Trace]:
    """The last capture of each article, without those whose text is mostly that of one before it."""
    newest = {trace.article: trace for trace in traces}
    found: list[Trace] = []
    texts: list[frozenset[str]] = []
    for trace in sorted(newest.values(), key=lambda trace: (trace.time, trace.capture)):
        text = frozenset(block.line for block in trace.blocks if block.text)
        if text and not any(len(text & other) > _SAME * min(len(text), len(other)) for other in texts):
            found.append(trace)
            texts.append(text)
    return found


def _places(articles: Sequence[Trace], fewest: int) -> tuple[PagePlace, ...]:
    having = Counter(pair for trace in articles for pair in {(block.path, block.line) for block in trace.blocks})
    blocks: defaultdict[str, list[Seen]] = defaultdict(list)
    for trace in articles:
        for block in trace.blocks:
            blocks[block.path].append(block)
    pages = Counter(path for trace in articles for path in {block.path for block in trace.blocks})
    return tuple(
        PagePlace(
            path=path,
            pages=pages[path],
            blocks=len(items),
            repeated=sum(having[path, item.line] > 1 for item in items),
            linked=sum(item.linked for item in items),
            text=sum(item.text for item in items),
        )
        for path, items in sorted(blocks.items())
        if pages[path] >= fewest
    )


def _lines(articles: Sequence[Trace], fewest: int) -> tuple[tuple[str, int], ...]:
    having = Counter(words for trace in articles for words in {block.line for block in trace.blocks})
    return tuple(sorted((words, count) for words, count in having.items() if count >= fewest))


class Evidence:
    """What a profile says of the blocks of one page, which may be among those that it was learned from."""

    def __init__(self, profile: Profile, url: str) -> None:
        """For the page at ``url``."""
        self._profile = profile
        self._own = any(known == url for known, _ in profile.articles)
        self._places = {item.path: item for item in profile.places}
        self._lines = dict(profile.lines)

    def of(self, text: str, path: str) -> str:
        """What the outlet's other pages say of a block, in words; empty where they say nothing."""
        others = len(self._profile.articles) - self._own
        again = self._lines.get(line(text), 0) - self._own
        said = [f"word for word on {again} of {others} other pages"] if again >= FEWEST - 1 else []
        found = self._places.get(place(path))
        return "; ".join([*said, *([_told(found)] if found is not None else [])])


def holds_text(item: PagePlace) -> bool:
    """Whether most of what stands in a place is of the article."""
    return item.text >= _OFTEN * item.blocks


def is_furniture(item: PagePlace) -> bool:
    """Whether links stand in a place, or mostly what other pages have there too."""
    return not holds_text(item) and (item.linked >= LINKED * item.blocks or item.repeated >= _OFTEN * item.blocks)


def _told(item: PagePlace) -> str:
    """What is usual in a place; a place of the text is never one of furniture, whatever comes again there."""
    if holds_text(item):
        return f"the text stands here on {item.pages} pages"
    if item.linked >= LINKED * item.blocks:
        return f"links stand here on {item.pages} pages"
    if item.repeated >= _OFTEN * item.blocks:
        return f"{item.repeated} of {item.blocks} blocks here come again on other pages"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the text of an outlet's articles stood, on how many of them, and how many of some later pages have a block there."""

    path: str
    pages_before: int
    articles_before: int
    pages: int
    articles: int

    def __str__(self) -> str:
        """The figures in words."""
        before = f"the text stood in “{self.path}” on {self.pages_before} of {self.articles_before} pages"
        return f"{before}, and {self.pages} of these {self.articles} have such a place"


def moved(profile: Profile, traces: Sequence[Trace]) -> Moved | None:
    """Whether later pages still have the place that held most of the text; None where no place did."""
    holding = [item for item in profile.places if holds_text(item)]
    if not holding:
        return None
    best = max(holding, key=lambda item: (item.text, item.path))
    return Moved(
        path=best.path,
        pages_before=best.pages,
        articles_before=len(profile.articles),
        pages=sum(any(block.path == best.path for block in trace.blocks) for trace in traces),
        articles=len(traces),
    )
