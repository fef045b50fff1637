"""What a back end is asked, and what it answers: the two values between a story and everybody who can search.

Contract: pure.  A :class:`Question` says what is looked for, either articles about some words in a window of time, or captures of one
address; who cannot answer it gives no URL for it.  An :class:`Answer` holds what was listed, as entries like those of a feed, the further
URLs that hold the rest, and the problem when it is no answer: a text of apology with status 200, JSON that is cut or broken.
``questions`` makes a story's questions: its most telling words, and the rarest words in a row of its quotations (coverage.md §6: the best
key for back ends, because no two reporters put together the same ones).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from archive.kinds import Found, Verdict
from archive.records import Story
from pipeline.coverage import WINDOW
from pipeline.listing import Entry

WORDS = 3  # of a story in one question: all of them must be in a hit
QUOTED = 6  # words in a row of a quotation
_QUOTATION = re.compile('[“„«"]([^“”„«»"\n]{40,600})[”“»"]')
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
MOST_ROWS = 5000  # of one answer that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for; ``first`` and ``last`` bound the time of publication."""

    words: tuple[str, ...] = ()  # each must be in a hit
    phrase: str | None = None  # these words in this order
    dead: str | None = None  # captures of this address, whose own server has nothing
    prefix: str | None = None  # captures of any address that begins like this
    first: datetime | None = None
    last: datetime | None = None

    @property
    def told(self) -> str:
        """The question in words: the evidence of the lead that puts it."""
        if self.dead or self.prefix:
            return f"captures of {self.dead or f'{self.prefix}*'}"
        return f"“{self.phrase}”" if self.phrase else " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for a question."""

    found: Found = Found.QUERY
    entries: tuple[Entry, ...] = ()
    next: tuple[str, ...] = ()
    problem: str | None = None
    verdict: Verdict = Verdict.FAILED  # what a problem means for the URL
    dead: str | None = None  # whose captures the entries are
    cut: str | None = None  # what a limit took of the entries


Row = TypeVar("Row")


def readable(rows: Sequence[Row]) -> tuple[Sequence[Row], str | None]:
    """The rows of an answer that are read, and what the limit cut."""
    return rows[:MOST_ROWS], f"the first {MOST_ROWS} of {len(rows)} rows are read" if len(rows) > MOST_ROWS else None


def questions(story: Story, quoted: Iterable[str]) -> list[Question]:
    """What is asked about a story; ``quoted`` are texts whose quotations are looked through, the likeliest source first."""
    earliest, latest = story.earliest or story.latest, story.latest or story.earliest
    first, last = earliest and earliest - WINDOW, latest and latest + WINDOW
    asked = [Question(words=words, first=first, last=last)] if (words := tuple(story.words[:WORDS])) else []
    phrase = rarest(quoted)
    return [*asked, *([Question(phrase=phrase, first=first, last=last)] if phrase else [])]


def rarest(texts: Iterable[str]) -> str | None:
    """The words in a row, inside one quotation, that are least likely to come together by chance: the longest ones."""
    best, weight = None, 0
    for text in texts:
        for quotation in _QUOTATION.finditer(text):
            found = _WORD.findall(quotation[1])
            for start in range(len(found) - QUOTED + 1):
                row = found[start : start + QUOTED]
                if (heft := sum(map(len, row))) > weight:
                    best, weight = " ".join(row), heft
    return best
