"""Through whom a text has somebody's words: an agency, another outlet, a channel.

``passed(prose, names, grammar, sentence, speaker)`` looks in the sentence of an attribution for "told BelTA", "quoted as saying by the
agency BelTA", "in an interview with the Gazette", "on Telegram", or "according to BelTA" beside another speaker, and gives the name as the
text has it there, and where.
"""

import re

from archive.relations import TextSpan
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.names import Name, Names
from pipeline.quotes.prose import Prose

_REACH = 90  # characters from the words to the name
_NEAR = 22  # and behind "told"
_COMMAS = 2
_OWNED = 3  # characters from "CNN" to "Jake Tapper" in "CNN's Jake Tapper"
_STOPS = re.compile(r"[.;:](?=\s|\Z)|\n")
_MODIFIES = re.compile(r"[ -](?=[^\W\d_])[a-zа-яäöüßéèñ]+")


def passed(prose: Prose, names: Names, grammar: Grammar, sentence: TextSpan, speaker: str | None) -> tuple[str, TextSpan] | None:
    """The one who passes the words on, and the words that name him."""
    kinds = ((grammar.via, _REACH), (grammar.told, _NEAR), (grammar.over, _NEAR))
    for number, (pattern, reach) in enumerate(kinds):
        for match in pattern.finditer(prose.outside, *sentence):
            stop = _STOPS.search(prose.outside, match.end(), min(sentence[1], match.end() + reach))
            end = stop.start() if stop else min(sentence[1], match.end() + reach)
            bars = number > 0 or match[0].casefold() in grammar.sets["according"]
            name = _named(prose, names, grammar, (match.end(), end), told=number > 0, person_bars=bars)
            channel = name is not None and name.text.casefold() in grammar.sets["channels"]
            if name is not None and speaker not in {name.text, names.full(name.text)} and (channel or number < len(kinds) - 1):
                return name.text, (name.start, name.end)
    return None


def _named(prose: Prose, names: Names, grammar: Grammar, where: TextSpan, *, told: bool, person_bars: bool) -> Name | None:
    """The first name there that is no modifier of another word, and nobody who only listens."""
    owner: Name | None = None
    for name in names.between(*where):
        if name.possessive and not names.known_person(name):
            owner = name
        if name.text.casefold() in grammar.sets["channels"]:
            return name
        hears = any(part in grammar.sets["hearers"] for part in name.text.casefold().split())
        known = any(_behind(prose, name) in grammar.sets[key] for key in ("prepositions", "breaks", "verbs", "between"))
        modifies = bool(_behind(prose, name)) and not known and not told
        titled = prose.outside[max(name.start - 4, 0) : name.start] == "The "  # inside a sentence: "told The Herald"
        if hears or name.possessive or (person_bars and names.known_person(name) and not titled) or modifies:
            continue
        if prose.outside[where[0] : name.title_start].count(",") < _COMMAS:
            return owner if owner is not None and name.person and name.title_start - owner.end <= _OWNED else name
    return None


def _behind(prose: Prose, name: Name) -> str:
    """The word in small letters right behind a name: "the Quiroga paper"."""
    match = _MODIFIES.match(prose.outside, name.end)
    return match[0].strip(" -") if match else ""
