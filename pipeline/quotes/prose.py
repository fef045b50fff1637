"""A text without what is quoted in it: the sentences and words in which attributions stand.

``prose(text, quoted, grammar)`` is pure and linear.  ``outside`` is as long as the text, with everything quoted, marks and all, replaced by
one of three signs, so that offsets hold: a sentence ends behind a quotation that ends with a full stop, and behind one that ends with
another stop unless its attribution follows.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archive.relations import TextSpan
from pipeline.quotes.grammar import Grammar

HELD, STOPPED, ASKED = "\x01", "\x02", "\x03"  # what a character inside a quotation becomes; its last one says how it ended
SIGNS = HELD + STOPPED + ASKED
_CLITIC = r"(?:t-)?(?:il|elle|ils|elles|on)\b"  # "dit-il" is two words, "a-t-elle" three
_LETTER = r"[^\W\d_]"
TOKEN = re.compile(rf"{_LETTER}\.(?:{_LETTER}\.)+|{_LETTER}\.(?=\s{_LETTER})|[^\W_]+(?:[’'‘‑-](?!{_CLITIC})[^\W_]+)*[’']?|\*+")
_STOP = re.compile(rf"[.!?…]+[)\]]*(?=\s)|[{STOPPED}{ASKED}]+[.]?(?=\s)|[。！？]")
_NEXT = re.compile(r"\s*(\S)")
_BEFORE_STOP = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)$")
_LOOK = 160  # characters behind a question in which its attribution may begin
_WORDS = 9  # and the words before that verb
_CLOSING = "”’\"'»«“」』›‹"


class Token(NamedTuple):
    """A word with its offsets, case-folded; a tuple, because a text has many."""

    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """The text, its outside, and the sentences in order."""

    text: str
    outside: str
    sentences: tuple[TextSpan, ...]
    starts: tuple[int, ...]

    def sentence(self, place: int) -> int:
        """The number of the sentence at a place, or of the one before it."""
        return max(bisect_right(self.starts, place) - 1, 0)


def prose(text: str, quoted: Sequence[TextSpan], grammar: Grammar) -> Prose:
    """The text with the ranges ``quoted``, in order and apart, taken out."""
    pieces: list[str] = []
    at = 0
    for start, end in quoted:
        pieces += [text[at:start], _sign(text, start, end)]
        at = max(end, at)
    outside = "".join([*pieces, text[at:]])
    found = tuple(_sentences(outside, grammar))
    return Prose(text=text, outside=outside, sentences=found, starts=tuple(start for start, _ in found))


def tokens(prose: Prose, start: int, end: int) -> list[Token]:
    """The words outside quotations between two places."""
    return [_token(match) for match in TOKEN.finditer(prose.outside, start, end)]


def _token(match: re.Match[str]) -> Token:
    word, start = match[0], match.start()
    if word[-1] in "’'" and word[-2:-1] not in "sS":
        word = word.rstrip("’'")
    return Token(start, start + len(word), word.casefold())


def _sign(text: str, start: int, end: int) -> str:
    last = end - 1
    while last > start and (text[last] in _CLOSING or text[last].isspace()):
        last -= 1
    ending = STOPPED if text[last] == "." else ASKED if text[last] in "!?…" else HELD
    lines = [HELD if char != "\n" else "\n" for char in text[start : end - 1]] if "\n" in text[start:end] else [HELD * (end - start - 1)]
    return "".join([*lines, ending])


def _sentences(outside: str, grammar: Grammar) -> Iterator[TextSpan]:
    at = 0
    for line in outside.split("\n"):
        yield from _in_line(outside, at, at + len(line), grammar)
        at += len(line) + 1


def _in_line(outside: str, start: int, end: int, grammar: Grammar) -> Iterator[TextSpan]:
    at = start
    for match in _STOP.finditer(outside, start, end):
        if not _ends(outside, match, end, grammar):
            continue
        if outside[at : match.end()].strip():
            yield at, match.end()
        at = match.end()
    if outside[at:end].strip():
        yield at, end


def _ends(outside: str, stop: re.Match[str], end: int, grammar: Grammar) -> bool:
    following = _NEXT.match(outside, stop.end(), end)
    if following is None or stop[0] in "。！？":
        return True
    char = following[1]
    if char.islower() or char in ",;:–—-)":
        return False
    if stop[0][0] == ASKED and char not in SIGNS:
        return not _attributed(outside, following.start(1), end, grammar)
    if stop[0][0] == ".":
        before = _BEFORE_STOP.search(outside, max(stop.start() - 12, 0), stop.start())
        if before and (len(before[1]) == 1 and before[1].isupper()):
            return False
        return before is None or before[1].casefold() not in grammar.sets["abbreviations"]
    return True


def _attributed(outside: str, start: int, end: int, grammar: Grammar) -> bool:
    """Whether a verb of saying stands near the start of what follows a question."""
    for number, match in enumerate(TOKEN.finditer(outside, start, min(end, start + _LOOK))):
        if number > _WORDS:
            return False
        if grammar.says(match[0].casefold()):
            return True
    return False
