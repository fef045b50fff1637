"""What a language brings to attribution, read from ``rules/quotes-LANGUAGE.yaml`` and checked.

``grammar(code)`` gives the grammar of an ISO 639-1 code ("de", "de-AT"), or None of a language that has none.  ``spoken(document_language,
text)`` chooses one; where nothing is declared it counts the words that only one of the languages uses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.lexicon import words

LANGUAGES = ("en", "de", "es", "fr", "ru")
_KEYS: tuple[str, ...] = (
    "verbs",
    "mixed",
    "participles",
    "reported",
    "that",
    "he",
    "she",
    "they",
    "it",
    "i",
    "between",
    "passive",
    "prepositions",
    "breaks",
    "determiners",
    "no_names",
    "titles",
    "offices",
    "men",
    "women",
    "organisations",
    "abbreviations",
    "via",
    "told",
    "channels",
    "according",
    "hearers",
    "infinitive",
    "joins",
    "places",
    "over",
    "inside",
    "behind",
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000  # characters that show a text's language
_FEWEST = 0.07  # of the words of such a sample that are the language's small ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The lists of one language as sets, and the patterns made of them."""

    language: str
    sets: Mapping[str, frozenset[str]]
    offices: Mapping[str, str]  # a title and the first of its group
    via: re.Pattern[str]
    over: re.Pattern[str]
    told: re.Pattern[str]
    according: re.Pattern[str]
    passive: re.Pattern[str]

    def holds(self, key: str, word: str) -> bool:
        """Whether a word, case-folded, is in a list."""
        return word in self.sets[key]

    def says(self, word: str) -> bool:
        """Whether a word is a verb of saying with a subject of its own."""
        return word in self.sets["verbs"]


@cache
def grammar(language: str | None) -> Grammar | None:
    """The grammar of a language, None where there is none."""
    code = (language or "").casefold().replace("_", "-").partition("-")[0]
    if code not in LANGUAGES:
        return None
    name = f"quotes-{code}"
    sets = {key: frozenset(words(name, key)) for key in _KEYS}
    offices = {title.strip(): group.split("=")[0].strip() for group in words(name, "offices") for title in group.split("=")}
    return Grammar(
        language=code,
        sets=sets,
        offices=offices,
        via=_phrases(name, "via"),
        over=_phrases(name, "over"),
        told=_phrases(name, "told"),
        according=_phrases(name, "according"),
        passive=_phrases(name, "passive"),
    )


def _phrases(name: str, key: str) -> re.Pattern[str]:
    """Any entry of a list as words of their own; one that nothing matches, of an empty list."""
    entries = sorted(words(name, key), key=len, reverse=True)
    if not entries:
        return re.compile(r"(?!)")
    shapes = "|".join(re.escape(entry).replace(r"\ ", r"\s+") for entry in entries)
    return re.compile(rf"(?<![\w-])(?:{shapes})(?![\w-])", re.IGNORECASE)


def spoken(declared: str | None, text: str) -> Grammar | None:
    """The grammar that a text is read with: of its declared language, or of the one whose small words it has."""
    if declared:
        return grammar(declared)
    found = [word.casefold() for word in _WORD.findall(text[:_SAMPLE])]
    if not found:
        return None
    shares = {code: sum(word in _small(code) for word in found) / len(found) for code in LANGUAGES}
    best = max(shares, key=lambda code: shares[code])
    return grammar(best) if shares[best] >= _FEWEST else None


@cache
def _small(language: str) -> frozenset[str]:
    """Words of a language that no other one here has."""
    lists = {
        code: {word for key in ("prepositions", "determiners", "breaks") for word in words(f"quotes-{code}", key)} for code in LANGUAGES
    }
    return frozenset(lists[language].difference(*(lists[code] for code in LANGUAGES if code != language)))
