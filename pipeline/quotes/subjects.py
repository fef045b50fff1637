"""Who is the subject of a verb, and whom that subject stands for.

``Subjects`` is made for one text; its methods are pure look-ups of bounded reach.  A ``Subject`` has the words that name the speaker at
this place, and the fullest name that the text gives for them: of a pronoun its antecedent, of "the president" the last one who was called
so, of a surname the full name.  A pronoun without an antecedent has no name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from archive.relations import TextSpan
from pipeline.lexicon import words as lexicon
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.names import Name, Names
from pipeline.quotes.prose import SIGNS, Prose, Token, tokens

_PRONOUNS = ("he", "she", "they", "it", "i")
_SENTENCES_BACK = 8
_FEW = 4  # words of one that nothing marks
_LONGEST = 12  # words of a subject without a name
_NOUNS = re.compile(r" (?:[a-zа-яё-]+ ){1,2}")
_PLACES = frozenset({"on"})
_COMMA = re.compile(r"[,–—(]")
_WHO = re.compile(r"\s*,?\s*(?:who|qui|quien|der|die|который|которая)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The words of a subject and whom they stand for."""

    span: TextSpan
    name: str | None
    start: int  # of all that belongs to it


class Subjects:
    """The subjects of one text; ``told`` is what was attributed so far, by the sentence."""

    def __init__(self, prose: Prose, names: Names, grammar: Grammar) -> None:
        self.prose, self.names, self.grammar = prose, names, grammar
        self.told: dict[int, str] = {}

    # ------------------------------------------------------------------------------------------------- at a verb

    def before(self, words: Sequence[Token], verb: Token, *, attached: bool = False) -> Subject | None:
        """The subject that ends right before a verb; ``words`` are those of its sentence or part before it.

        ``attached``: they stand right behind a quotation, so that any few words can be a subject ("officers").
        """
        left = list(words)
        while left and (size := self._when(left) or self._between(left[-1])):
            left = left[:-size]
        if not left:
            return None
        last = left[-1]
        if (pronoun := self._pronoun(last)) is not None:
            return self._said_again(left, pronoun) or self._of_pronoun(last, pronoun)
        if self.grammar.holds("joins", last.word):
            return None
        gap = self.prose.outside[last.end : (words[len(left)].start if len(left) < len(words) else verb.start)]
        if any(sign in gap for sign in SIGNS) or any(stop in gap for stop in ";:"):
            return None
        segments = self._segments(left) if attached else []
        if len(segments) > 1 and (head := self._head(segments[0])) is not None:
            return self._of_name(head)
        if _COMMA.search(gap):
            return self._apposed(left)
        return self._plain(left) or (self._nominal(left) if attached and self._few(left) else None)

    def _said_again(self, left: Sequence[Token], pronoun: str) -> Subject | None:
        """Of "the ministry said it regretted" the one who said so."""
        if pronoun == "i" or len(left) < 3 or not self.grammar.says(left[-2].word):
            return None
        subject = self.before(left[:-2], left[-2])
        return None if subject is None else Subject(span=(left[-1].start, left[-1].end), name=subject.name, start=left[-1].start)

    def behind(self, words: Sequence[Token], end: int) -> Subject | None:
        """The subject behind a verb ("said Ada Quiroga, the governor"); ``words`` are those behind it, as far as ``end``."""
        if not words:
            return None
        if (pronoun := self._pronoun(words[0])) is not None:
            return self._of_pronoun(words[0], pronoun)
        limit = self._stop(words, end)
        found = self.names.between(words[0].start, limit)
        for name, other in zip_longest(found, found[1:]):
            if not name.possessive and not (name.governed and name.title_start != words[0].start):
                return self._of_name(other if other is not None and self._modifies(name, other) else name)
        taken = self._cut([word for word in words if word.end <= limit])
        if not taken or taken[0].word in self.grammar.sets["prepositions"]:
            return None
        return self._named_behind(taken[-1].end) or self._nominal(taken)

    def _modifies(self, name: Name, other: Name) -> bool:
        """Whether a name only says which: "Kyiv resident Ada Quiroga"."""
        gap = self.prose.outside[name.end : other.title_start]
        return other.person and not self.names.is_person(name) and _NOUNS.fullmatch(gap) is not None and not other.governed

    def nobody(self, place: int) -> Subject:
        """The subject of a verb that has none here: the person that was last spoken of."""
        return Subject(span=(place, place), name=self.antecedent(place, "anybody"), start=place)

    def _cut(self, words: Sequence[Token]) -> Sequence[Token]:
        """The words of a noun phrase, up to the phrase that begins behind it."""
        for number, word in enumerate(words[:_LONGEST]):
            inside = word.word in self.grammar.sets["inside"]
            if not inside and any(word.word in self.grammar.sets[key] for key in ("prepositions", "breaks", "between")):
                return words[:number]
        return words[:_LONGEST]

    def _named_behind(self, place: int) -> Subject | None:
        """The name behind a title and a comma: "the governor, Ada Quiroga"."""
        match = re.compile(r",\s+").match(self.prose.outside, place)
        found = self.names.between(match.end(), match.end() + 1) if match else ()
        return self._of_name(found[0]) if found and found[0].person and not found[0].possessive else None

    def main(self, start: int, end: int) -> Subject | None:
        """The subject of a sentence: the first name, pronoun or title in it that no preposition governs."""
        words = tokens(self.prose, start, min(end, start + 400))
        found = [name for name in self.names.between(start, end) if not name.possessive and not name.governed]
        pronouns = [word for word in words if self._pronoun(word) not in {None, "i"}]
        first = found[0].start if found else end
        if pronouns and pronouns[0].start < first:
            return self._of_pronoun(pronouns[0], self._pronoun(pronouns[0]) or "it")
        nominal = self._titled_phrase(words, first)
        if nominal is not None:
            return nominal
        return self._of_name(found[0]) if found else None

    def named(self, words: Sequence[Token]) -> bool:
        """Whether some words end with a name."""
        found = self.names.between(words[0].start, words[-1].end) if words else ()
        return bool(found) and not found[-1].possessive and found[-1].end >= words[-1].end - 1

    def somebody(self, subject: Subject) -> bool:
        """Whether a subject is a person, or a pronoun of one."""
        found = self.names.between(*subject.span)
        word = self.prose.text[slice(*subject.span)].casefold()
        pronoun = any(self.grammar.holds(key, word) for key in ("he", "she", "they", "i"))
        return pronoun or (bool(found) and self.names.is_person(found[0])) or (subject.name in self.names.first and not found)

    # ------------------------------------------------------------------------------------------------- shapes of subjects

    def _apposed(self, left: list[Token]) -> Subject | None:
        """The subject of "Ada Quiroga, the regional governor, said" and "The governor, Ada Quiroga, said"."""
        segments = self._segments(left)
        heads = [head for words in segments if (head := self._head(words)) is not None]
        last = segments[-1]
        inside = self.names.between(last[0].start, last[-1].end)
        whole = [name for name in inside if name.title_start <= last[0].start and name.end >= last[-1].end - 1 and not name.possessive]
        if whole and not (heads and heads[0] is not whole[-1]):
            return self._of_name(whole[-1])
        if heads:
            return self._of_name(heads[0])
        for words in segments[:-1] or segments:
            if words[0].word not in self.grammar.sets["prepositions"] and self._noun_phrase(words):
                return self._nominal(words[:_LONGEST])
        return None

    def _head(self, words: list[Token]) -> Name | None:
        """The person with whose name a segment ends."""
        found = self.names.between(words[0].start, words[-1].end)
        if not found or found[-1].possessive or found[-1].governed or found[-1].end < words[-1].end - 1:
            return None
        return found[-1] if self.names.is_person(found[-1]) and words[0].word not in self.grammar.sets["prepositions"] else None

    def _segments(self, words: list[Token]) -> list[list[Token]]:
        """The words between commas, from the last break on."""
        found: list[list[Token]] = [[words[0]]]
        for before, word in pairwise(words):
            gap = self.prose.outside[before.end : word.start]
            if any(sign in gap for sign in SIGNS) or ":" in gap or ";" in gap:
                found = [[word]]
            elif _COMMA.search(gap):
                found.append([word])
            else:
                found[-1].append(word)
        return found

    def _plain(self, left: list[Token]) -> Subject | None:
        phrase = self._segments(left)[-1]
        if (led := self._led(phrase)) is not None:
            return self._of_name(led)
        at = len(phrase)
        while at and not (phrase[at - 1].word in self.grammar.sets["breaks"] or self.grammar.says(phrase[at - 1].word)):
            at -= 1
        if at and self.grammar.language != "en" and phrase[at - 1].word in self.grammar.sets["prepositions"]:
            return None  # "Am Montag sagte": the subject stands behind
        phrase = phrase[at:] or phrase
        if (pronoun := self._pronoun(phrase[0])) in {"he", "she"}:
            return self._of_pronoun(phrase[0], pronoun)
        names = [name for name in self.names.between(phrase[0].start, phrase[-1].end) if not name.possessive]
        free = [name for name in names if not name.governed or name.title_start <= phrase[0].start]
        if free and (rest := [word for word in phrase if word.start >= free[-1].end]) and self._describes(phrase[0], free[-1], rest):
            return self._nominal(phrase)
        if free and (free[-1].end >= phrase[-1].end - 1 or self.names.is_person(free[-1]) or len(phrase) <= _LONGEST):
            return self._of_name(free[-1])
        return self._nominal(phrase) if len(phrase) <= _LONGEST and self._noun_phrase(phrase) else None

    def _led(self, phrase: Sequence[Token]) -> Name | None:
        """The person with whom a phrase begins that goes on with where that one belongs: "Ada Quiroga from Natural Justice in Dornach"."""
        found = self.names.between(phrase[0].start, phrase[-1].end)
        if len(found) < 2 or found[0].title_start != phrase[0].start or found[0].possessive or not found[0].person:
            return None
        rest = [word for word in phrase if word.start >= found[0].end]
        if not rest or rest[0].word not in {"from", "of", "at", "with", "in"}:
            return None
        told = any(word.word in self.grammar.sets["between"] - _PLACES or self.grammar.says(word.word) for word in rest)
        return None if told else found[0]

    def _describes(self, first: Token, name: Name, rest: Sequence[Token]) -> bool:
        """Whether a name only tells who else is meant: "the Republican governor", "the French foreign ministry"."""
        if self.names.is_person(name) or first.word not in self.grammar.sets["determiners"] or name.start - first.end != 1:
            return False
        return self._few(rest) and all(word.word.isalpha() and self.prose.text[word.start].islower() for word in rest)

    def _few(self, words: Sequence[Token]) -> bool:
        return len(words) <= _FEW and not any(word.word in self.grammar.sets[key] for word in words for key in ("between", "breaks"))

    def _noun_phrase(self, words: Sequence[Token]) -> bool:
        first = words[0]
        if len(words) > _LONGEST or (first.word in self.grammar.sets["breaks"] and first.word not in self.grammar.sets["determiners"]):
            return False
        possessive = any(word.word.endswith(("'s", "’s", "s'", "s’")) for word in words[:-1])
        titled = any(word.word in self.grammar.sets["titles"] for word in words)
        if any(word.word in self.grammar.sets["between"] or self.grammar.says(word.word) for word in words):
            return False
        return first.word in self.grammar.sets["determiners"] or self.prose.text[first.start].isupper() or possessive or titled

    def _titled_phrase(self, words: Sequence[Token], limit: int) -> Subject | None:
        """A title ("The head of state") at the start of a sentence, before any name."""
        lead = [word for word in words[:8] if word.end <= limit]
        if not lead or lead[0].word not in self.grammar.sets["determiners"]:
            return None
        for size in range(min(5, len(lead)), 1, -1):
            if self._title(lead[:size]) is not None and lead[size - 1].word not in self.grammar.sets["prepositions"]:
                return self._nominal(lead[:size])
        return None

    # ------------------------------------------------------------------------------------------------- what they stand for

    def _pronoun(self, token: Token) -> str | None:
        return next((key for key in _PRONOUNS if self.grammar.holds(key, token.word)), None)

    def _between(self, token: Token) -> bool:
        word = token.word
        adverb = self.grammar.language == "en" and word.endswith("ly") and len(word) > 4 and not self.prose.text[token.start].isupper()
        return word in self.grammar.sets["between"] or adverb

    def _when(self, words: Sequence[Token]) -> int:
        """How many words at the end say on which day ("on Monday", "yesterday")."""
        if len(words) < 2 or words[-1].word not in lexicon("days", "days"):
            return 0
        return 2 if words[-2].word in self.grammar.sets["prepositions"] else 1

    def _of_name(self, name: Name) -> Subject:
        return Subject(span=(name.start, name.end), name=self.names.full(name.text), start=name.title_start)

    def _of_pronoun(self, token: Token, pronoun: str) -> Subject:
        name = None if pronoun == "i" else self.antecedent(token.start, pronoun)
        return Subject(span=(token.start, token.end), name=name, start=token.start)

    def _nominal(self, words: Sequence[Token]) -> Subject:
        span = (words[0].start, words[-1].end)
        bare = len(words) == 1 or words[0].word in self.grammar.sets["determiners"]
        title = self._title(words) if bare else None
        bearer = self.names.titled(title, span[0]) if title is not None else None
        name = self.names.full(bearer.text) if bearer is not None else self.prose.text[span[0] : span[1]]
        return Subject(span=span, name=name, start=span[0])

    def _title(self, words: Sequence[Token]) -> str | None:
        """The title that a short phrase ends with: "the Republican governor", "the head of state"."""
        said = [word.word for word in words]
        for size in (3, 2, 1):
            title = " ".join(said[-size:])
            if len(said) > size - 1 and title in self.grammar.sets["titles"]:
                return title
        return None

    def antecedent(self, place: int, pronoun: str) -> str | None:
        """Whom a pronoun stands for: the subject before it in its sentence, else that of the sentence before, and so on."""
        number = self.prose.sentence(place)
        for back in range(number, max(number - _SENTENCES_BACK, -1), -1):
            start, end = self.prose.sentences[back]
            fitting = [name for name in self.names.between(start, min(end, place)) if self.names.fits(name, pronoun)]
            if back == number:
                relative = [name for name in fitting if not name.possessive and _WHO.match(self.prose.outside, name.end)]
                if relative:
                    return self.names.full(relative[-1].text)
            told = self.told.get(back)
            if back != number and told is not None and self._may_be(told, pronoun):
                return told
            free = [name for name in fitting if not name.possessive and not name.governed] or (
                [name for name in fitting if not name.possessive] if back != number else []
            )
            if free:
                return self.names.full(free[0].text)
        return None

    def _may_be(self, told: str, pronoun: str) -> bool:
        mention = self.names.first.get(told)
        return pronoun in {"he", "she", "anybody"} and mention is not None and self.names.fits(mention, pronoun)

    def _stop(self, words: Sequence[Token], end: int) -> int:
        """Where a subject behind its verb ends: at a comma, or at a word that opens another phrase."""
        for before, word in pairwise(words):
            gap = self.prose.outside[before.end : word.start]
            if any(sign in gap for sign in SIGNS) or re.search(r"[,;:–—(]", gap):
                return before.end
        return min(end, words[-1].end)
