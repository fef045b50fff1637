"""Lines that say who signed a text, and the place before a report where agency, town and day stand.

Contract: pure.  ``byline_ranges(text)`` gives the lines and last sentences that are signatures or credits; ``dateline_ranges(text)`` what
stands before the dash of a report ("HALVIK, 3 May (Vesta) – "), without the dash.  The words are data: ``rules/bylines.yaml``.
"""

import re
from collections.abc import Iterator
from functools import cache

from pipeline.lexicon import alternatives, words
from pipeline.sentences import Range, fold

_MOST_WORDS = 14
_LONGEST = 120  # characters of a dateline with its dash
_FILED = 4  # words of a town in small letters, with the day and agency behind it
_DATELINE = re.compile(r"[^\W\d_][^–—\n]{1,80}?(?=\s[–—-]{1,2}\s)")
_TOWN = re.compile(r"[^\W\d_]{3,}")


def byline_ranges(text: str) -> list[Range]:
    """Lines that are signatures or credits."""
    return list(_bylines(text))


def _bylines(text: str) -> Iterator[Range]:
    start = 0
    for line in text.split("\n"):
        said = line.strip()
        if said and len(said.split()) <= _MOST_WORDS and (_signed(said) or _credited(said)):
            yield start, start + len(line)
        start += len(line) + 1


def _signed(line: str) -> bool:
    """Whether the line is "By" and a name: what follows begins with a capital, and no sentence ends."""
    match = _opening().match(line)
    if match is None or line.endswith((".", "!", "?", ":")):
        return False
    names = [word for word in re.findall(r"[^\W\d_][\w'’.-]*", line[match.end() :]) if len(word) > 3]
    return bool(names) and all(word[0].isupper() for word in names)


def _credited(line: str) -> bool:
    folded = fold(line)
    return folded.startswith(_folded("credits")) or folded.endswith(_folded("does"))


def dateline_ranges(text: str) -> list[Range]:
    """What stands before the dash of a report at the start of a line."""
    found = []
    start = 0
    for line in text.split("\n"):
        match = _DATELINE.match(line[:_LONGEST])
        if match and _is_filed(match[0]):
            found.append((start + match.start(), start + match.end()))
        start += len(line) + 1
    return found


def _is_filed(place: str) -> bool:
    """Whether what stands before a dash is a town in capitals, or a town with an agency in brackets."""
    if any(word[0].islower() for word in re.findall(r"[^\W\d_]{4,}", place)):
        return False
    town = _TOWN.match(place)
    return (town is not None and town[0].isupper()) or (place.endswith(")") and len(place.split()) <= _FILED)


@cache
def _folded(key: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in words("bylines", key))


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{alternatives('bylines', 'opens')})\s*[:：]?\s+(?=[^\W\d_])", re.IGNORECASE)
