"""What changes on a page by itself and is no part of its article: counters, relative times, lists of other articles, advertisements.

Contract: pure.  Cleaning takes most of it out before (``pipeline.residue``); this is for what leaked into a text, so that a change of it is
no edit (coverage.md §5).  A line is held against the words of ``rules/live.yaml`` whole, and none that ends like a sentence is taken.
"""

from collections.abc import Iterator
from functools import cache

from pipeline.lexicon import words
from pipeline.sentences import Range, fold

_MOST_WORDS = 10  # of a counter or a relative time
_MOST_TITLE = 20  # of a title in a list of other articles
_STOPS = tuple(".!?…。！？")
_SIGNS = tuple(":|>»›→–—-")


def live_ranges(text: str) -> list[Range]:
    """The lines that are such, in order."""
    return list(_lines(text))


def _lines(text: str) -> Iterator[Range]:
    start, listed = 0, False
    for line in text.split("\n"):
        said, end = line.strip(), start + len(line)
        heads = fold(said) in _folded("boxes")
        listed = heads or (listed and _is_title(said))
        if said and (listed or is_live(said)):
            yield start, end
        start = end + 1


def _is_title(line: str) -> bool:
    return not line.rstrip("\"'”’»)").endswith((".", "…", "。")) and len(line.split()) <= _MOST_TITLE


def is_live(line: str) -> bool:
    """Whether a line by itself is a counter, a relative time, an advertisement or a lead to another article."""
    folded = fold(line)
    return _is_clock(line, folded.split()) or folded in _folded("ads") or _leads(line)


def _is_clock(line: str, said: list[str]) -> bool:
    """A counter or a relative time: numbers with their words, and nothing else."""
    if not 0 < len(said) <= _MOST_WORDS or line.endswith(_STOPS):
        return False
    rest = [word for word in said if not word[0].isdigit()]
    if len(rest) < len(said) and rest and all(word in _folded("counted") for word in rest):
        return True
    relative = [word for word in rest if word in _folded("ago")]
    timed = [word for word in rest if word in _folded("units")] or [word for word in said if word[0].isdigit() and not word.isdigit()]
    return bool(relative) and bool(timed) and all(_is_time(word) for word in rest)


def _is_time(word: str) -> bool:
    return any(word in _folded(key) for key in ("ago", "units", "updated"))


def _leads(line: str) -> bool:
    """Whether a label and a sign stand before what could be a title."""
    for sign in _SIGNS:
        label, found, title = line.partition(sign)
        if found and fold(label) in _folded("leads") | _folded("ads") and _is_title(title.strip()):
            return True
    return False


@cache
def _folded(key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words("live", key))
