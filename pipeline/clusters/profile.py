"""What of a document is compared with stories: its telling words, names apart from other words, each with a weight.

``profile(document)``. A name is a number, or a word that stands with a capital inside a sentence; where a language writes all nouns so
(German), or has no capitals, there are none. Words are compared by their first letters, texts in scripts that put no space between words
by pairs of characters; scripts for which neither serves are said in ``note``, and so is a text that is longer than what is read of it.
The title and the first words count for more: a story is told in its lead (coverage.md §4). Pure; linear in the text's length.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from archive.records import Document
from pipeline.lexicon import words
from pipeline.relevance import LANGUAGES

READ = 30_000  # characters of a text that are read: a longer one is no article about one event
LEAD = 60  # words
TERMS = 150  # of a document, the weightiest before rarity is known
_STEM = 6  # letters: "Belarusian" and "Belarus" meet, "contract" and "concert" do not
_LONGEST = 40  # letters of a word; what is longer is none
_NOUNS = frozenset({"german"})  # all nouns have a capital: it tells no name
_PAIRED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_UNMARKED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
_WORD = re.compile(rf"[{_PAIRED}]+|[^\W\d_{_PAIRED}]+|\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_INSIDE = re.compile(r"[\w,;)’'\"”»] ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A document as it is compared: weights by term, before rarity."""

    document: str
    time: datetime | None  # when it was published, as exact as that is known
    words: Mapping[str, float]
    names: Mapping[str, float]
    note: str | None = None  # what of the document could not be used


def profile(document: Document) -> Profile:
    """What of ``document`` is compared."""
    title, text = document.title or "", document.text[:READ]
    counts: Counter[str] = Counter()
    named: set[str] = set()
    found = list(_terms(f"{title}\n{text}"))
    language = _language({term for term, _, _ in found})
    stop = _stops()[language]
    for number, (term, is_inside, is_capital) in enumerate(found):
        if term in stop:
            continue
        counts[term] += 1 if number >= LEAD else 2
        if is_inside and is_capital and language not in _NOUNS:
            named.add(term)
    weights = {term: 1 + math.log(count) for term, count in counts.most_common(TERMS * 2)}
    return Profile(
        document=document.capture,
        time=moment(document.published),
        words={term: weight for term, weight in weights.items() if term not in named},
        names={term: weight for term, weight in weights.items() if term in named},
        note=_note(document, counts),
    )


def moment(published: str | None) -> datetime | None:
    """An ISO 8601 time as one in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(published or "")
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _terms(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Each term, whether it stands inside a sentence, and whether with a capital."""
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        if len(word) > _LONGEST and not _is_paired(word):
            continue
        if word[0].isdigit():
            if len(word) > 1 and not _YEAR.fullmatch(word):
                yield word, True, True
        elif _is_paired(word):
            for pair in _pairs(word):
                yield pair, False, False
        elif len(word) > 2 or word.isupper():
            inside = start > 1 and _INSIDE.fullmatch(text, start - 2, start) is not None
            yield stem(word), inside, word[0].isupper()


def _language(terms: set[str]) -> str:
    """The language of which the most words are there that tell nothing."""
    return max(_stops(), key=lambda language: len(_stops()[language] & terms))


@cache
def _stops() -> dict[str, frozenset[str]]:
    return {language: frozenset(stem(word) for word in words("stopwords", language) if len(word) > 2) for language in LANGUAGES}


def _is_paired(word: str) -> bool:
    return "\u3040" <= word[0] <= "\ud7af"


def _pairs(word: str) -> Iterable[str]:
    return (word[at : at + 2] for at in range(len(word) - 1))


def _note(document: Document, counts: Counter[str]) -> str | None:
    if _UNMARKED.search(document.text[:READ]):
        return "its script puts no space between words and is not compared by pairs: stories in it are not told apart"
    if not counts:
        return "no words"
    return f"the first {READ} of {len(document.text)} characters are compared" if len(document.text) > READ else None


def stem(word: str) -> str:
    """What stands for a word."""
    return word.casefold()[:_STEM]
