"""Sentences, words and quotations of a text, as ranges of characters.

Contract: pure.  Ranges are (start, end) into the text that was given, in order, and never overlap.  Words and the characters between them
are the whole text.  A quotation's range is what stands between its marks, of the outermost ones; it ends with its paragraph, because a
speech that goes on is opened again there.
"""

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]

# A sentence: up to a stop before white space and no small letter, a stop of East Asian scripts, or the end of the line.
_SENTENCE = re.compile(r"\S.*?(?:[.!?…][\"'”’»«“)\]]*(?=\s|\Z)(?! [a-zß-öø-ÿα-ωа-я])|[。！？]+|(?=\n)|\Z)", re.DOTALL)
# A number with the signs inside it, or a run of letters and digits; of scripts that set no spaces, each character.
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|\\d+(?:[.,:]\\d+)*[^\\W\u3040-\u30ff\u3400-\u9fff]*|[^\\W\u3040-\u30ff\u3400-\u9fff]+")
_MEANING = frozenset("%&@#§")  # punctuation by category, but not to a reader
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "‘": "’", "‚": "‘’", '"': '"', "'": "'"}
_DIRECTED = frozenset("“„«「『")  # opens and nothing else: without its other half the speech goes on in the next paragraph
_QUOTE_MARK = re.compile('["“”„«»「」『』]')
_ANY_MARK = re.compile("[\"“”„«»「」『』‘’‚']")


class _Folded(dict[int, str]):
    """What a character means, looked up once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        means = char.isalnum() or char in _MEANING or unicodedata.category(char) in {"Mn", "Mc", "Sc", "Sm", "So"}
        self[code] = char if means else " "
        return self[code]


_FOLDED = _Folded()
_MINUS = re.compile(r"(?<!\w)[-−–](?=\d)")


def fold(text: str) -> str:
    """``text`` as far as it means something: its words and symbols, without case, quotes, dashes, punctuation and white space.

    A minus before a number and signs like % stay: "-5 %" against "5" is no matter of typography.
    """
    signed = _MINUS.sub(" minus ", unicodedata.normalize("NFC", text).casefold())
    return " ".join(signed.translate(_FOLDED).split())


def holds(ranges: Sequence[Range], place: int) -> bool:
    """Whether a place lies in one of some ranges, which are in order."""
    number = bisect_right(ranges, (place, sys.maxsize)) - 1
    return number >= 0 and place < ranges[number][1]


def sentences(text: str) -> list[Range]:
    """The sentences; between them stands white space alone."""
    return [match.span() for match in _SENTENCE.finditer(text)]


def word_ranges(text: str, start: int = 0, end: int | None = None) -> list[Range]:
    """The words between two offsets."""
    return [match.span() for match in _WORD.finditer(text, start, len(text) if end is None else end)]


def quote_marks(text: str) -> int:
    """How many marks stand in ``text`` that can be nothing but quotation marks."""
    return len(_QUOTE_MARK.findall(text))


def quotations(text: str) -> list[Range]:
    """What stands in quotation marks."""
    found: list[Range] = []
    start = 0
    for line in text.split("\n"):
        found += [(start + begin, start + end) for begin, end in _in_line(line)]
        start += len(line) + 1
    return found


def _in_line(line: str) -> Iterator[Range]:
    marks = [match.start() for match in _ANY_MARK.finditer(line)]
    at = 0
    unclosed: set[str] = set()  # what nothing closes from one place on nothing closes behind it
    for number, opening in enumerate(marks):
        if opening < at or line[opening] in unclosed or not _opens(line, opening):
            continue
        closing = _closing(line, marks, number)
        if closing is None and line[opening] not in _DIRECTED:
            unclosed.add(line[opening])
            continue
        end = len(line) if closing is None else closing
        yield opening + 1, end
        at = end + 1


def _opens(line: str, place: int) -> bool:
    mark = line[place]
    if mark not in _CLOSERS:
        return False
    before, after = line[place - 1 : place], line[place + 1 : place + 2]
    return mark in _DIRECTED or (not before.isalnum() and bool(after) and not after.isspace())


def _closing(line: str, marks: list[int], number: int) -> int | None:
    """Where the quotation that opens at a mark is closed; quotations of the same kind inside it are stepped over."""
    opening = line[marks[number]]
    closers, depth = _CLOSERS[opening], 0
    for later in range(number + 1, len(marks)):
        place = marks[later]
        mark = line[place]
        if mark in closers and _closes(line, place):
            if depth == 0:
                return place
            depth -= 1
        elif mark == opening and mark in _DIRECTED:
            depth += 1
    return None


def _closes(line: str, place: int) -> bool:
    """An apostrophe stands between letters; a straight mark after a space opens."""
    before, after = line[place - 1 : place], line[place + 1 : place + 2]
    if line[place] in "'’‘":
        return not after.isalnum()
    return line[place] != '"' or not before.isspace() or not after.isalnum()
