"""Through whom a text has somebody's words: an agency, another outlet, a channel.

``passed(prose, names, grammar, place, speaker)`` looks in the sentence of an attribution for "told BelTA", "quoted as saying by the state agency
BelTA", "in an interview with …", "on Telegram", "according to …" beside another speaker, and gives the name and where it stands.
"""

import re

from archive.relations import TextSpan
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.names import Name, Names
from pipeline.quotes.prose import Prose

_REACH = 90  # characters from the words to the name
_NEAR = 22  # and behind "told"
_STOPS = re.compile(r"[.;:](?=\s|\Z)|\n")
_MODIFIES = re.compile(r"[ -](?=[^\W\d_])[a-zа-яäöüßéèñ]+")


def passed(prose: Prose, names: Names, grammar: Grammar, sentence: TextSpan, speaker: str | None) -> tuple[str, TextSpan] | None:
    """The one who passes the words on, and the words that name him."""
    for pattern, reach, told in ((grammar.via, _REACH, False), (grammar.told, _NEAR, True)):
        for match in pattern.finditer(prose.outside, *sentence):
            stop = _STOPS.search(prose.outside, match.end(), min(sentence[1], match.end() + reach))
            end = stop.start() if stop else min(sentence[1], match.end() + reach)
            name = _named(prose, names, grammar, (match.end(), end), told=told)
            if name is not None and name.text != speaker and names.full(name.text) != speaker:
                return name.text, (name.start, name.end)
    return None


def _named(prose: Prose, names: Names, grammar: Grammar, where: TextSpan, *, told: bool) -> Name | None:
    """The first name there that is no person, no modifier of another word, and nobody who only listens."""
    for name in names.between(*where):
        word = name.text.casefold()
        if word in grammar.sets["channels"]:
            return name
        hears = any(part in grammar.sets["hearers"] for part in word.split())
        modifies = _MODIFIES.match(prose.outside, name.end)
        adjective = modifies is not None and modifies[0].strip(" -") not in (
            grammar.sets["prepositions"] | grammar.sets["breaks"] | grammar.sets["verbs"] | grammar.sets["between"]
        )
        if hears or name.possessive or (told and names.is_person(name)) or (adjective and not told):
            continue
        if _said_there(prose, where[0], name, grammar):
            return name
    return None


def _said_there(prose: Prose, start: int, name: Name, grammar: Grammar) -> bool:
    """Whether nothing but a description stands between the words and the name; a channel must be one that is known."""
    gap = prose.outside[start : name.title_start]
    lead = prose.outside[max(start - 4, 0) : start].casefold().split()
    return not (lead and lead[-1] == "on" and name.text.casefold() not in grammar.sets["channels"]) and gap.count(",") < 2
