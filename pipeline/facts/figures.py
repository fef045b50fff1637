"""How languages write numbers, as data: ``rules/numbers-LANGUAGE.yaml`` and ``rules/units.yaml``, checked when they are read.

``numbers(language)`` gives a language's way by its code; ``language_of(text, stated)`` the code of the language that a text is read in,
None for one that has no file.  ``unit(words)`` gives measure and factor of a unit in any language.  A file with an unknown key, an unknown
operator or a value that is no number is a ``ValueError`` that names the place.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from pipeline.lexicon import RULES
from pipeline.lexicon import words as lexicon

LANGUAGES = ("en", "de", "fr", "es", "ru")
OPERATORS = frozenset({">=", ">", "<=", "<", "~", "near"})
_OTHERS = ("italian", "portuguese", "dutch", "swedish", "danish", "polish", "czech", "ukrainian", "belarusian", "turkish")
_LISTS = ("joins", "glue", "article", "for", "not_one", "earlier", "now", "age", "decades")
_TABLES = ("words", "scales", "vague", "before", "after", "roles")
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000  # characters from which the language is told
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One language's way with numbers; phrases are tuples of case-folded words."""

    code: str
    stop: frozenset[str]
    decimal: str
    groups: str
    words: Mapping[Phrase, float]
    scales: Mapping[str, float]
    vague: Mapping[Phrase, tuple[float, float]]
    before: Mapping[Phrase, str]
    after: Mapping[Phrase, str]
    roles: Mapping[str, str]
    lists: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, the measure's own unit, and the factor to it."""

    measure: str
    of: str
    factor: float


@cache
def numbers(code: str) -> Numbers:
    """The way of the language with this code."""
    return read_numbers(code, (RULES / f"numbers-{code}.yaml").read_text("utf-8"))


def read_numbers(code: str, text: str) -> Numbers:
    """What a file says; ValueError on anything that is not understood."""
    data: Any = yaml.safe_load(text)
    wanted = {"language", "decimal", "groups", *_LISTS, *_TABLES}
    if not isinstance(data, dict) or set(data) != wanted:
        raise ValueError(f"numbers-{code}.yaml: the keys are not {sorted(wanted)}")
    for name in _TABLES:
        if not isinstance(data[name], dict):
            raise ValueError(f"numbers-{code}.yaml: {name} is no table")
    if strange := {*data["before"], *data["after"]} - OPERATORS:
        raise ValueError(f"numbers-{code}.yaml: {sorted(strange)} are no operators")
    return Numbers(
        code=code,
        stop=frozenset(lexicon("stopwords", data["language"])),
        decimal=str(data["decimal"]),
        groups=str(data["groups"]),
        words={_phrase(word): _number(value, code) for word, value in data["words"].items()},
        scales={word.casefold(): _number(value, code) for word, value in data["scales"].items()},
        vague={_phrase(word): _range(value, code) for word, value in data["vague"].items()},
        before=_turned(data["before"], code),
        after=_turned(data["after"], code),
        roles={" ".join(words): role for words, role in _turned(data["roles"], code).items()},
        lists={name: frozenset(map(str.casefold, _strings(data[name], code))) for name in _LISTS},
    )


@cache
def _units() -> Mapping[Phrase, Unit]:
    return read_units((RULES / "units.yaml").read_text("utf-8"))


def read_units(text: str) -> Mapping[Phrase, Unit]:
    """The units that a file lists; ValueError on anything that is not understood."""
    found: dict[Phrase, Unit] = {}
    data: Any = yaml.safe_load(text)
    for measure, entry in data.items():
        if not isinstance(entry, dict) or set(entry) != {"of", "units"}:
            raise ValueError(f"units.yaml: {measure} is not of and units")
        for line in entry["units"]:
            if set(line) != {"factor", "words"}:
                raise ValueError(f"units.yaml: a unit of {measure} is not factor and words")
            for words in _strings(line["words"], measure):
                found[tuple(words.casefold().split())] = Unit(measure, entry["of"], _number(line["factor"], measure))
    return found


def unit(words: Phrase) -> Unit | None:
    """The unit of these words, case-folded."""
    return _units().get(words)


def language_of(text: str, stated: str | None = None) -> str | None:
    """The code of the language that a text is read in: as stated, else the one whose small words it uses most; None without a file."""
    if stated:
        code = stated[:2].casefold()
        return code if code in LANGUAGES else None
    counts = Counter(match[0] for match in _WORD.finditer(text[:_SAMPLE].casefold()))
    fits = {code: _fit(counts, numbers(code).stop) for code in LANGUAGES}
    code = max(fits, key=lambda name: fits[name])
    strange = max(_fit(counts, frozenset(lexicon("stopwords", name))) for name in _OTHERS)
    return code if fits[code] >= max(strange, 1) else None


def _fit(counts: Counter[str], stop: frozenset[str]) -> int:
    return sum(counts[word] for word in stop)


def _phrase(words: Any) -> Phrase:
    return tuple(str(words).casefold().replace("-", " ").split())


def _turned(table: Mapping[str, Any], where: str) -> dict[Phrase, str]:
    return {_phrase(words): name for name, listed in table.items() for words in _strings(listed, where)}


def _strings(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise ValueError(f"{where}: {value!r} is not a list of words")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{where}: {value!r} is no number")
    return float(value)


def _range(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where}: {value!r} is not lowest and highest")
    return _number(value[0], where), _number(value[1], where)
