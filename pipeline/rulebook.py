"""The rules of ``rules/residue.yaml``, checked and compiled.

``rulebook()`` reads the file once.  An unknown key, an unknown %name%, a field that no reader has or a shape that does not compile is a
``ValueError`` that names the place: a slip in the data must never be a rule that silently takes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from pipeline.lexicon import words as lexicon

FIELDS = frozenset({"related", "credits", "rights", "caption", "outlet"})
PLACES = frozenset({"any", "head", "tail", "edge", "inside"})
_PLACEHOLDER = re.compile(r"%(\w+)%")
_LONGEST_WORD = 20  # characters a word may have on average in a line that a rule looks at: keeps the shapes off megabyte lines
_OPTIONAL = frozenset({"open", "ends", "only_with", "from", "until"})
_RULE_KEYS = frozenset({"name", "where", "most_words", "shapes"}) | _OPTIONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where it holds, and the shapes of a whole line."""

    name: str
    where: str
    most_words: int
    open: bool  # spares lines that end like a sentence
    ends: bool  # also holds for the end of a paragraph
    only_with: re.Pattern[str]  # what every match contains: spares the shapes most lines
    shapes: tuple[re.Pattern[str], ...]
    most_characters: int  # a longer line is no match, whatever its words
    since: date | None = None  # first and last day of captures for which it holds: a site's words of one year are text in another
    until: date | None = None

    def holds(self, on: date | None) -> bool:
        """Whether the rule holds for a capture of this day; for a text of no known day every rule does."""
        return on is None or ((self.since is None or self.since <= on) and (self.until is None or on <= self.until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All of the data: rules in order, the phrases of share bars by grade, and lists that the code asks for by name."""

    rules: tuple[Rule, ...]
    run: re.Pattern[str]  # one phrase of a share bar; the group that matched is its grade
    address: re.Pattern[str]  # the label before the article's own URL, at the end of a text
    words: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, str]

    def on(self, day: date | None) -> list[Rule]:
        """The rules for a capture of this day, in order."""
        return [rule for rule in self.rules if rule.holds(day)]

    def compiled(self, shape: str) -> re.Pattern[str]:
        """A shape of the code's own, in the language of the rules."""
        return _compiled(_expand(shape, self.parts))


@cache
def rulebook() -> Rulebook:
    """The checked rules."""
    return read_rules(files("pipeline").joinpath("rules/residue.yaml").read_text("utf-8"))


def read_rules(text: str) -> Rulebook:
    """The rules that a YAML text holds; ValueError on anything that is not understood."""
    data = _mapping(yaml.safe_load(text), {"words", "parts", "runs", "address", "rules"}, "residue.yaml")
    words = {name: _strings(entries, name) for name, entries in data["words"].items()}
    parts = {name: _alternatives(entries) for name, entries in words.items()}
    parts["agency"] = _alternatives(lexicon("metadata", "agencies"))
    parts |= data["parts"]
    runs = _mapping(data["runs"], {"strong", "act", "network"}, "runs")
    grades = "|".join(f"(?P<{grade}>{_alternatives(_strings(runs[grade], grade))})" for grade in ("strong", "act", "network"))
    label = _alternatives(_strings(data["address"], "address"))
    return Rulebook(
        rules=tuple(_rule(entry, parts) for entry in data["rules"]),
        run=_compiled(rf"(?:{grades}|(?P<count>\d[\d.,]*[km]?))(?!\w)[.:!…]*"),
        address=_compiled(rf"(?:^|(?<=[\s.!?)\"”]))[\[(*•—–\s-]*(?:{label})\s*[:=]?\s*$"),
        words=words,
        parts=parts,
    )


def _rule(entry: Any, parts: Mapping[str, str]) -> Rule:
    entry = _mapping(entry, _RULE_KEYS, "a rule", optional=_OPTIONAL)
    name = entry["name"]
    if entry["where"] not in PLACES:
        raise ValueError(f"{name}: where is {entry['where']!r}, not one of {sorted(PLACES)}")
    return Rule(
        name=name,
        where=entry["where"],
        most_words=int(entry["most_words"]),
        open=bool(entry.get("open", False)),
        ends=bool(entry.get("ends", False)),
        only_with=_shape(entry.get("only_with", ""), parts, name),
        shapes=tuple(_shape(shape, parts, name) for shape in _strings(entry["shapes"], name)),
        most_characters=int(entry["most_words"]) * _LONGEST_WORD,
        since=_day(entry.get("from"), name),
        until=_day(entry.get("until"), name),
    )


def _day(value: Any, rule: str) -> date | None:
    if value is not None and type(value) is not date:
        raise ValueError(f"{rule}: {value!r} is no day; write 2026-11-21")
    return value


def _shape(shape: str, parts: Mapping[str, str], rule: str) -> re.Pattern[str]:
    try:
        compiled = _compiled(_expand(shape, parts))
    except (re.error, KeyError, RecursionError) as error:
        raise ValueError(f"{rule}: {shape!r} is no shape: {error}") from error
    if unknown := set(compiled.groupindex) - FIELDS:
        raise ValueError(f"{rule}: no reader for the fields {sorted(unknown)}")
    return compiled


def _expand(shape: str, parts: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: f"(?:{_expand(parts[match[1]], parts)})", shape)


def _alternatives(entries: tuple[str, ...]) -> str:
    """A regular expression for any of the phrases, the longest first."""
    return "|".join(re.escape(entry).replace(r"\ ", " ") for entry in sorted(entries, key=len, reverse=True))


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression.replace(" ", r"\s+").replace("'", "['’]"), re.IGNORECASE)


def _mapping(
    value: Any, keys: set[str] | frozenset[str], what: str, *, optional: set[str] | frozenset[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not a mapping")
    if unknown := set(value) - keys:
        raise ValueError(f"{what}: unknown keys {sorted(map(str, unknown))}")
    if missing := keys - optional - set(value):
        raise ValueError(f"{what}: keys {sorted(missing)} are missing")
    return value


def _strings(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise ValueError(f"{what} is not a list of words")
    return tuple(value)
