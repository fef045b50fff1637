"""What outlets and agencies are called, and where a text names one.

A name's ``key`` is one for all its spellings: an agency's name in ``rules/newsagencies.yaml``, else the outlet's own name folded to its
letters ("The Moscow Times" and themoscowtimes.com are one).  ``own_names(document)`` are the keys under which a document's outlet may be
cited; ``Names`` finds such names in a text.  A file that is not as ``newsagencies.yaml`` says in its head is a ``ValueError``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import yaml

from archive.records import Document
from archive.urls import host, registered_domain
from pipeline.authors import split
from pipeline.lexicon import RULES
from pipeline.sentences import Range, word_ranges

_MOST_WORDS = 5  # of a name
_EXACT = 4  # letters up to which a spelling must be as it stands: "AP" is an agency, "ap" is not
_SHORTEST = 3  # letters of an outlet's own name
_KEYS = {"name", "aliases", "domains"}
_MARKS = re.compile(r"[\W_]+")


class Mention(NamedTuple):
    """A name in a text: whose, and its words."""

    key: str
    first: int
    size: int


@dataclass(frozen=True, slots=True)
class Agency:
    """A news agency, with every spelling."""

    name: str
    spellings: tuple[str, ...]
    domains: tuple[str, ...]


@cache
def agencies() -> tuple[Agency, ...]:
    """The agencies of the list."""
    content: Any = yaml.safe_load((RULES / "newsagencies.yaml").read_text("utf-8"))
    if not isinstance(content, list):
        raise ValueError("rules/newsagencies.yaml is not a list")
    return tuple(map(_agency, content))


def _agency(entry: Any) -> Agency:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or set(entry) - _KEYS:
        raise ValueError(f"rules/newsagencies.yaml: {entry!r} is not a name with aliases and domains")
    lists = [entry.get(key, []) for key in ("aliases", "domains")]
    if not all(isinstance(values, list) and all(isinstance(value, str) for value in values) for values in lists):
        raise ValueError(f"rules/newsagencies.yaml: the aliases and domains of {entry['name']} are not lists of words")
    return Agency(entry["name"], (entry["name"], *lists[0]), tuple(lists[1]))


def squeezed(name: str) -> str:
    """A name's letters and digits."""
    return _MARKS.sub("", name.casefold())


@cache
def _spellings() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By squeezed spelling: each spelling with its agency."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for agency in agencies():
        for spelling in agency.spellings:
            found[squeezed(spelling)] = (*found.get(squeezed(spelling), ()), (spelling, agency.name))
    return found


@cache
def _domains() -> Mapping[str, str]:
    return {domain: agency.name for agency in agencies() for domain in agency.domains}


def agency_named(name: str) -> str | None:
    """The agency of this spelling, desk and place behind it left out."""
    for words in _heads(name.split()):
        for spelling, agency in _spellings().get(squeezed(words), ()):
            if len(squeezed(spelling)) > _EXACT or squeezed_case(words) == squeezed_case(spelling):
                return agency
    return None


def _heads(words: Sequence[str]) -> Iterator[str]:
    """The whole, then ever shorter beginnings of it."""
    yield from (" ".join(words[:count]) for count in range(min(len(words), _MOST_WORDS), 0, -1))


def squeezed_case(name: str) -> str:
    """A name's letters as they are written."""
    return _MARKS.sub("", name)


def key_of(name: str) -> str:
    """The key of a name."""
    return agency_named(name) or squeezed(name).removeprefix("the")


def own_names(document: Document) -> dict[str, str]:
    """The keys of a document's own outlet, each with the name for a reader; a dateline's agency only where no outlet is known."""
    found: dict[str, str] = {}
    if document.outlet:
        found[key_of(document.outlet)] = document.outlet
    if domain := registered_domain(host(document.url)) if document.url else "":
        label = _domains().get(domain) or domain.partition(".")[0]
        found.setdefault(key_of(label), document.outlet or label)
        found.setdefault(squeezed(domain), document.outlet or domain)
    if not found:
        found = {key_of(name): name for name in filed_by(document)}
    return {key: name for key, name in found.items() if len(key) >= _SHORTEST or agency_named(name)}


def filed_by(document: Document) -> tuple[str, ...]:
    """The agencies of the dateline."""
    return tuple(item.value for item in document.candidates if item.field == "agencies" and item.place == "text:dateline")


def credited(document: Document) -> dict[str, str]:
    """The keys that a document's credits, rights and agencies name, each with the words; its own outlet left out."""
    found: dict[str, str] = {}
    for line in (*document.credits, *document.agencies):
        for name in split(line) or (line,):
            found.setdefault(key_of(name), line)
    for line in (*document.credits, document.rights or ""):
        for mention in Names(()).found(line):
            found.setdefault(mention.key, line)
    return {key: line for key, line in found.items() if key not in own_names(document)}


class Names:
    """Finds the agencies, and the outlets of the given keys, in texts."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = {spelling: key for key in keys for spelling in (key, f"the{key}")}

    def found(self, text: str, ranges: Sequence[Range] | None = None) -> list[Mention]:
        """Where ``text`` names one of them, the longest name at each place; ``ranges`` are the text's words if they are known."""
        words = word_ranges(text) if ranges is None else ranges
        found: list[Mention] = []
        after = 0
        for first, (start, _) in enumerate(words):
            if first < after or text[start].islower():
                continue
            if mention := self._at(text, words, first):
                found.append(mention)
                after = first + mention.size
        return found

    def _at(self, text: str, words: Sequence[Range], first: int) -> Mention | None:
        start = words[first][0]
        for count in range(min(_MOST_WORDS, len(words) - first), 0, -1):
            if (end := words[first + count - 1][1]) - start > 60 or "\n" in text[start:end]:
                continue
            written = text[start:end]
            folded = squeezed(written)
            for spelling, agency in _spellings().get(folded, ()):
                if len(folded) > _EXACT or squeezed_case(written) == squeezed_case(spelling):
                    return Mention(agency, first, count)
            if (key := self._keys.get(folded)) and (count > 1 or len(folded) > _EXACT or written.isupper()):
                return Mention(key, first, count)
        return None
