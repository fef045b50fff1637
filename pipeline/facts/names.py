"""Spellings of one name in several texts: Alexander and Aleksandr, Belarusian and Belarussian.

``name_facts(documents)`` gives a compatible fact for each name that the documents spell in different ways.  ``alike(one, other)`` tells
whether two words can be spellings of one name: their consonants are the same once letters that transliterations exchange are one, and
most of their letters are.  A name is a word with a capital letter inside a sentence, in scripts that have capitals.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from rapidfuzz.distance import Levenshtein

from archive.records import Document
from archive.relations import Fact, FactValue, FactVerdict, TextSpan
from pipeline.facts.mentions import READ, language
from pipeline.lexicon import words

_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]+(?:-[^\W\d_]+)*")
_BEFORE = re.compile(r"[\w,;)’'][ \u00a0]$")
_LIKE = 0.75
_SHORTEST, _LONGEST = 5, 40
_VOWELS = re.compile(r"[aeiou]")
_DOUBLE = re.compile(r"(.)\1+")


def alike(one: str, other: str) -> bool:
    """Whether two words can be spellings of one name."""
    first, second = _made_one(latin(one)), _made_one(latin(other))
    if first == second:
        return True
    return (
        bone(one) == bone(other) and min(len(first), len(second)) >= _SHORTEST and Levenshtein.normalized_similarity(first, second) >= _LIKE
    )


@cache
def latin(word: str) -> str:
    """A word in small Latin letters without marks."""
    folded = "".join(_cyrillic().get(char, char) for char in word.casefold())
    return "".join(char for char in unicodedata.normalize("NFKD", folded) if char.isalnum())


@cache
def bone(word: str) -> str:
    """A name's first letter and consonants, with what transliterations exchange made one."""
    letters = _made_one(latin(word))
    return _DOUBLE.sub(r"\1", letters[:1] + _VOWELS.sub("", letters[1:]))


def _made_one(letters: str) -> str:
    for written, one in _exchanged():
        letters = letters.replace(written, one)
    return letters


@cache
def _cyrillic() -> dict[str, str]:
    return {letter: latin for letter, _, latin in (entry.partition(" ") for entry in words("transliteration", "cyrillic"))}


@cache
def _exchanged() -> tuple[tuple[str, str], ...]:
    return tuple((written, one) for written, _, one in (entry.partition(" ") for entry in words("transliteration", "exchanged")))


def name_facts(documents: Sequence[Document]) -> list[Fact]:
    """The names that documents spell in different ways."""
    by: defaultdict[str, dict[str, list[tuple[str, TextSpan]]]] = defaultdict(dict)
    for document in documents:
        if language(document) == "de":  # every noun has a capital there
            continue
        for word, span in _names(document.text[:READ]):
            by[bone(word)].setdefault(document.capture, []).append((word, span))
    return [fact for _, told in sorted(by.items()) if len(told) > 1 for fact in _facts(told)]


def _names(text: str) -> Iterator[tuple[str, TextSpan]]:
    """The words that are names: with a capital letter where no sentence opens, each spelling once."""
    seen: set[str] = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if (
            not word[0].isupper()
            or word in seen
            or len(word) < _SHORTEST
            or not _BEFORE.search(text, max(0, match.start() - 2), match.start())
        ):
            continue
        seen.add(word)
        yield word, match.span()


def _facts(told: dict[str, list[tuple[str, TextSpan]]]) -> Iterator[Fact]:
    """One fact for the spellings that can be one name and are not the same in all texts."""
    firsts = [(document, word, span) for document, spelled in told.items() for word, span in spelled[:1]]
    anchor = firsts[0][1]
    values = [(document, word, span) for document, word, span in firsts if alike(anchor, word) and not _inflected(anchor, word)]
    if (
        len({latin(word) for _, word, _ in values}) > 1
        or len({word for _, word, _ in values if not word.isupper()} | {w for _, w, _ in values}) > 1
    ):
        yield Fact(
            about=anchor,
            values=tuple(FactValue(document=document, span=span, text=word, kind="name", value=word) for document, word, span in values),
            verdict=FactVerdict.COMPATIBLE,
            why="spellings of one name",
        )


def _inflected(one: str, other: str) -> bool:
    """Whether two words differ by an ending alone: "Islamist" and "Islamists" are no spellings of each other."""
    first, second = sorted((latin(one), latin(other)), key=len)
    return first != second and second.startswith(first)
