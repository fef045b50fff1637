"""A text under cleaning: its lines, what is left of each, what was cut and what was found.

A cut takes the beginning, the end or all of what is left of a line, never its middle, so that what remains is always one piece.
Lines without a character that prints do not appear.  ``head`` and ``tail`` are the lines before the first and after the last line that
is like a paragraph of an article; on a text without one, every line is both.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:['’.-][^\W_]+)*")
_STOPS, _CLOSERS = frozenset(".!?…。！？؟।"), "\"'’”»)]"
_SPOKEN = re.compile(r"[^\s\"“«]{2}[\"”»]")
_SIGNS = str.maketrans("‘’‛`´“”„‟«»‐‑–—", '\'\'\'\'\'""""""----')

PARAGRAPH_WORDS = 12  # a shorter line proves nothing: headlines, captions and furniture have as many
LONG_WORDS = 30  # a line as long is a paragraph, stop or no stop
HEADLINE_WORDS = 25


@dataclass(slots=True)
class Line:
    """One line; ``start`` and ``end`` close in as parts of it are cut, ``whole`` stays."""

    start: int
    end: int
    whole: str

    @property
    def empty(self) -> bool:
        """Whether all of the line is cut."""
        return self.start >= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A span taken out, with the rule that took it."""

    start: int
    end: int
    rule: str


class Sheet:
    """The lines of a text while it is read."""

    def __init__(self, text: str) -> None:
        """Lay out the lines of ``text``."""
        self.text = text
        self.cuts: list[Cut] = []
        self.found: dict[str, list[str]] = defaultdict(list)
        self.lines: list[Line] = []
        for match in _LINE.finditer(text):
            if stripped := match[0].strip():
                start = match.start() + match[0].index(stripped[0])
                self.lines.append(Line(start, start + len(stripped), stripped))

    def left(self, line: Line) -> str:
        """What is left of ``line``."""
        return self.text[line.start : line.end]

    def remaining(self) -> list[Line]:
        """The lines of which something is left."""
        return [line for line in self.lines if not line.empty]

    def cut(self, line: Line, rule: str, *, start: int | None = None, end: int | None = None) -> None:
        """Take what is left of ``line`` from ``start`` to ``end`` (of the text); without them from its beginning, to its end."""
        start = line.start if start is None else start
        end = line.end if end is None else end
        assert start == line.start or end == line.end
        self.cuts.append(Cut(start=start, end=start + len(self.text[start:end].rstrip()), rule=rule))
        if start == line.start:
            rest = self.text[end : line.end]
            line.start = end + len(rest) - len(rest.lstrip())
        else:
            line.end = line.start + len(self.text[line.start : start].rstrip())

    def head(self) -> list[Line]:
        """What is left before the first paragraph."""
        lines = self.remaining()
        return lines[: next((number for number, line in enumerate(lines) if like_paragraph(self.left(line))), len(lines))]

    def tail(self) -> list[Line]:
        """What is left after the last paragraph."""
        lines = self.remaining()[::-1]
        return lines[: next((number for number, line in enumerate(lines) if like_paragraph(self.left(line))), len(lines))][::-1]


@lru_cache(maxsize=1024)
def count_words(text: str) -> int:
    """Words; a character of a script without spaces counts as one."""
    return len(_WORD.findall(text))


def stopped(text: str) -> bool:
    """Whether ``text`` ends like a sentence."""
    said = text.rstrip()
    return said.rstrip(_CLOSERS)[-1:] in _STOPS or _SPOKEN.fullmatch(said[-3:]) is not None


def like_paragraph(text: str) -> bool:
    """Whether a line looks like a paragraph of an article."""
    words = count_words(text)
    return words >= LONG_WORDS or (words >= PARAGRAPH_WORDS and stopped(text))


def like_headline(text: str) -> bool:
    """Whether a line looks like a headline: some words, no full stop (a question or an exclamation may be one), nothing left open."""
    return 3 <= count_words(text) <= HEADLINE_WORDS and text[-1] not in ".,;:…。" and (text[0].isalnum() or text[0] in "\"'“‘«„¿¡(")


def folded(text: str) -> str:
    """``text`` for comparison: case, white space and the shapes of quotes and dashes do not count."""
    signs = text if text.isascii() else text.translate(_SIGNS)  # every sign is beyond ASCII, and most lines are not
    return " ".join(signs.casefold().split())
