"""Notes in which an outlet says that it changed an article.

Contract: pure.  ``note_ranges(text)`` gives each such note, from the sentence that announces it to the end of its line.  A label counts at
the start of a sentence, with a date or time behind it, and a sign; a phrase wherever it stands.  The words are data:
``rules/corrections.yaml``.
"""

import re
from collections.abc import Iterator
from functools import cache

from pipeline.lexicon import alternatives
from pipeline.sentences import Range, sentences

_LONGEST_LABEL = 160  # characters, with the date or time behind it


def note_ranges(text: str) -> list[Range]:
    """The notes of a text, in order."""
    return list(_notes(text))


def _notes(text: str) -> Iterator[Range]:
    at = 0
    for start, end in sentences(text):
        if start >= at and _announces(text, start, end):
            at = _line_end(text, start)
            yield start, at


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _announces(text: str, start: int, end: int) -> bool:
    # "Anm. d. Red.:" ends a sentence for the eye of a program: a label may go on to the end of the line.
    line = _said(text[start : min(_line_end(text, start), start + _LONGEST_LABEL)])
    return bool(_label().match(line)) or bool(_phrase().search(_said(text[start:end])))


def _said(text: str) -> str:
    return text.casefold().replace("’", "'")


@cache
def _phrase() -> re.Pattern[str]:
    return re.compile(alternatives("corrections", "phrases"))


@cache
def _label() -> re.Pattern[str]:
    """A label at the start of a sentence, perhaps with a date or time, and the sign after it."""
    labels = alternatives("corrections", "labels")
    when = r"\s*\([^()]*\)|[^.!?:]{0,40}\d[^!?:]{0,30}"
    return re.compile(rf"[\W_]*(?:{labels})\.?(?:{when})?\s*(?:[:：—–|]|\Z)")
