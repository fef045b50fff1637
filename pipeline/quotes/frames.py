"""Whose words a quotation gives: the verb and the subject around it.

``Frames`` is made for one text; ``frame(outer, words)`` looks at the sentence of one quotation, in this order: the verb right behind it
("…," said the mayor), the verb that introduces it (The mayor said: "…"), the verb at the end of its sentence (… a "window", the mayor
said), the nearest verb before it (The mayor called it "absurd"), a phrase (according to the mayor).  Look-ups reach a bounded number of
characters, so that a text costs time in proportion to its length.
"""

import re
from dataclasses import dataclass, replace

from archive.relations import TextSpan
from pipeline.lexicon import words as words_of
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.names import Names
from pipeline.quotes.prose import SIGNS, Prose, Token, tokens
from pipeline.quotes.subjects import Subject, Subjects

_REACH = 420  # characters to either side
_ATTACHED = 16  # words between a quotation and the verb behind it, with one apposition
_APPOSED = 44
_LEAD = 4  # words in which an auxiliary ends: "a également déclaré"
_PASSIVE = 120
_INTRO = 70  # characters between an introducing verb and its quotation
_ENDING = 90  # and from a verb to the end of the sentence that it closes
_LEADS = re.compile(r"[:,]\s*[-–—]?\s*$")
_QUOTING = frozenset({"quoted", "quotes", "cited", "cites"})
_PASSIVES = frozenset({"was", "were", "is", "are", "been", "being"})
_SIGN = re.compile(f"[{SIGNS}]")
_LINKS = re.compile(r"[\s,–—.!?-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An attribution: whose words, the verb or phrase that says so, and by which rule."""

    subject: Subject | None
    cue: TextSpan
    rule: str
    end: int  # of what belongs to the attribution, as far as it is known
    through: Subject | None = None  # who passes the words on, where the attribution itself says so


class Frames:
    """The attributions of one text."""

    def __init__(self, prose: Prose, names: Names, subjects: Subjects, grammar: Grammar) -> None:
        self.prose, self.names, self.subjects, self.grammar = prose, names, subjects, grammar

    def frame(self, outer: TextSpan) -> Frame | None:
        """The attribution of the quotation whose marks are at ``outer``."""
        start, end = self.bounds(outer)
        behind = tokens(self.prose, outer[1], min(end, outer[1] + _REACH))
        before = tokens(self.prose, max(start, outer[0] - _REACH), outer[0])
        found = self._passive_frame(behind, outer[1], end) or self._attached(behind, outer[1], end)
        if found is not None:
            return self._reported(found, before, outer[0]) or found
        return (
            self._introduced(before, outer[0])
            or self._closing(behind, end)
            or self._nearest(before, start)
            or self._phrased(start, outer, end)
        )

    def bounds(self, outer: TextSpan) -> TextSpan:
        """The sentence in which a quotation stands, from where it begins to where it ends."""
        first = self.prose.sentences[self.prose.sentence(outer[0])]
        last = self.prose.sentences[self.prose.sentence(outer[1] - 1)]
        return min(first[0], outer[0]), max(last[1], outer[1])

    def _verb(self, words: list[Token], place: int) -> bool:
        """Whether a word is a verb of saying here, and no noun: "the reports", "his claims"."""
        if not self.grammar.says(words[place].word):
            return False
        if place and self.prose.text[words[place].start].isupper():
            return False
        before = words[place - 1].word if place else ""
        return before not in self.grammar.sets["determiners"] and not before.endswith(("'s", "’s"))

    def _attached(self, words: list[Token], start: int, end: int) -> Frame | None:
        if not words or not _LINKS.fullmatch(self.prose.outside, start, words[0].start):
            return None
        lead = next((place for place, word in enumerate(words[:_LEAD]) if word.word not in self.grammar.sets["between"]), 0)
        if self._verb(words, lead) or self.grammar.holds("behind", words[0].word):
            return self._inverted(words[lead:], end)
        if words[0].word in self.grammar.sets["breaks"] and words[0].word not in self.grammar.sets["determiners"]:
            return None
        for place in range(1, min(len(words), _APPOSED)):
            gap = self.prose.outside[words[place - 1].end : words[place].start]
            if _SIGN.search(gap) or ";" in gap or ":" in gap:
                return None
            if not self._verb(words, place) or self.grammar.holds("infinitive", words[place - 1].word):
                continue
            subject = self.subjects.before(words[:place], words[place], attached=True)
            if subject is None or (place > _ATTACHED and "," not in self.prose.outside[start : words[place].start]):
                return None
            return Frame(subject=subject, cue=(words[place].start, words[place].end), rule="verb behind", end=words[place].end)
        return None

    def _passive_frame(self, words: list[Token], start: int, end: int) -> Frame | None:
        """The speaker of "he was quoted as saying by BelTA"."""
        match = self.grammar.passive.search(self.prose.outside, start, min(end, start + _PASSIVE))
        left = [word for word in words if match is not None and word.end <= match.start()]
        if match is None or not left:
            return None
        subject = self.subjects.before(left, words[len(left)], attached=True)
        return None if subject is None else Frame(subject=subject, cue=match.span(), rule="quoted as saying", end=match.end())

    def _reported(self, found: Frame, before: list[Token], start: int) -> Frame | None:
        """Of "The minister said "…", Interfax reported" the minister, through Interfax."""
        if found.rule != "verb behind" or found.subject is None or self.subjects.somebody(found.subject) or not before:
            return None
        adjacent = self._verb(before, len(before) - 1) and not self.prose.outside[before[-1].end : start].strip()
        if not adjacent and not self._is_agency(found.subject):
            return None
        said = self._introduced(before, start) if adjacent else self._nearest(before, before[0].start)
        named = said is not None and said.subject is not None and said.subject.name not in {None, found.subject.name}
        return replace(said, through=found.subject) if said is not None and named else None

    def _is_agency(self, subject: Subject) -> bool:
        return any(name.text.casefold() in words_of("metadata", "agencies") for name in self.names.between(*subject.span))

    def _quoting(self, words: list[Token], place: int) -> Frame | None:
        """Of "SANA quoted the minister as saying" the minister, through SANA."""
        if words[place].word not in self.grammar.sets["participles"] or place < 2 or words[place - 1].word != "as":
            return None
        at = next((at for at in range(place - 2, max(place - _ATTACHED, 0), -1) if words[at].word in _QUOTING), None)
        if at is None or words[at - 1].word in _PASSIVES:
            return None
        subject, through = (
            self.subjects.behind(words[at + 1 : place - 1], words[place - 1].start),
            self.subjects.before(words[:at], words[at]),
        )
        cue = (words[at].start, words[place].end)
        return None if subject is None else Frame(subject=subject, cue=cue, rule="quoted as saying", end=cue[1], through=through)

    def _inverted(self, words: list[Token], end: int) -> Frame:
        subject = self.subjects.behind(words[1:], end) or self.subjects.nobody(words[0].start)
        last = max(subject.span[1], words[0].end)
        return Frame(subject=subject, cue=(words[0].start, words[0].end), rule="verb and subject behind", end=last)

    def _introduced(self, words: list[Token], start: int) -> Frame | None:
        """The verb that a colon, a comma or nothing at all separates from the quotation."""
        for place in range(len(words) - 1, -1, -1):
            gap = self.prose.outside[words[place].end : start]
            if len(gap) > _INTRO or _SIGN.search(gap):
                return None
            adjacent = place == len(words) - 1
            if not (adjacent or _LEADS.search(gap)):
                return None
            if self._verb(words, place) or words[place].word in self.grammar.sets["participles"]:
                return self._quoting(words, place) or self._at(words, place, "verb before")
        return None

    def _at(self, words: list[Token], place: int, rule: str) -> Frame | None:
        """The attribution of a verb before its quotation."""
        verb = words[place]
        cue = (verb.start, verb.end)
        number = self.prose.sentence(verb.start)
        start = self.prose.sentences[number][0]
        main = verb.word in self.grammar.sets["participles"] and not self.grammar.says(verb.word)
        main = main or (
            place > 0 and self.grammar.holds("infinitive", words[place - 1].word) and not self.subjects.named(words[: place - 1])
        )
        subject = None if main else self.subjects.before(words[:place], verb)
        joined = place > 0 and self.grammar.holds("joins", words[place - 1].word)
        if not main and not joined and (place == 0 or self.grammar.language != "en") and not (subject and self.subjects.somebody(subject)):
            behind = self.subjects.behind(words[place + 1 :], verb.end + _REACH)
            subject = behind if behind is not None and (subject is None or self.subjects.somebody(behind)) else subject
        if subject is None:
            subject = (self._clause_of(words[:place]) if main else None) or self.subjects.main(start, verb.start)
            if subject is not None and verb.word in self.grammar.sets["mixed"] and not self.subjects.somebody(subject):
                return None
        return None if subject is None else Frame(subject=subject, cue=cue, rule=rule, end=verb.end)

    def _clause_of(self, words: list[Token]) -> Subject | None:
        """The subject of the clause that a participle belongs to: of a name right before it that name, else of the last verb of saying."""
        if words and self.subjects.named(words) and (subject := self.subjects.before(words, words[-1])) and self.subjects.somebody(subject):
            return subject
        for place in range(len(words) - 1, 0, -1):
            if self._verb(words, place):
                subject = self.subjects.before(words[:place], words[place])
                return subject if subject is not None and self.subjects.somebody(subject) else None
        return None

    def _closing(self, words: list[Token], end: int) -> Frame | None:
        """The clause at the end of a sentence: "…, the mayor said"."""
        for place in range(len(words) - 1, 0, -1):
            if end - words[place].end > _ENDING:
                return None
            if not self._verb(words, place):
                continue
            opened = self.prose.outside.rfind(",", words[0].start, words[place].start)
            clause = [word for word in words[:place] if word.start > opened]
            if opened < 0 or len(clause) > _ATTACHED:
                continue
            subject = self._clause(clause, words, place, end)
            if subject is not None:
                return Frame(subject=subject, cue=(words[place].start, words[place].end), rule="end of the sentence", end=words[place].end)
        return None

    def saying(self, sentence: TextSpan) -> Subject | None:
        """Who says something in a sentence without a quotation, or else whom it is about."""
        start, end = sentence
        words = tokens(self.prose, start, min(end, start + _REACH))
        closing = self._closing(words, end)
        if closing is not None and closing.subject is not None:
            return closing.subject
        for place in range(1, len(words)):
            if self._verb(words, place):
                found = self._at(words, place, "")
                if found is not None:
                    return found.subject
        return self.subjects.main(start, end)

    def _clause(self, clause: list[Token], words: list[Token], place: int, end: int) -> Subject | None:
        if not clause:
            behind, before = self.subjects.behind(words[place + 1 :], end), self.subjects.before(words[:place], words[place])
            sure = before is not None and self.subjects.somebody(before) and not (behind is not None and self.subjects.somebody(behind))
            return before if sure else behind
        if clause[0].word in self.grammar.sets["breaks"] and clause[0].word not in self.grammar.sets["determiners"]:
            return None
        return self.subjects.before(clause, words[place])

    def _nearest(self, words: list[Token], start: int) -> Frame | None:
        """The nearest verb before a fragment."""
        for place in range(len(words) - 1, -1, -1):
            word = words[place].word
            speaks = self._verb(words, place) or word in self.grammar.sets["participles"]
            speaks = speaks or (word in self.grammar.sets["mixed"] and not self._passive(words, place))
            if speaks and words[place].start >= start:
                found = self._at(words, place, "verb of the sentence")
                if found is not None:
                    return found
        return None

    def _passive(self, words: list[Token], place: int) -> bool:
        near = {word.word for word in words[max(place - 2, 0) : place]}
        return bool(near & {"was", "were", "is", "are", "been", "being", "be"}) or (
            place > 0 and words[place - 1].word in self.grammar.sets["determiners"]
        )

    def _phrased(self, start: int, outer: TextSpan, end: int) -> Frame | None:
        """The source behind "according to"."""
        low, high = max(start, outer[0] - _REACH), min(end, outer[1] + _REACH)
        for match in self.grammar.according.finditer(self.prose.outside, low, high):
            words = tokens(self.prose, match.end(), min(high, match.end() + 120))
            subject = self.subjects.behind(words, min(high, match.end() + 120))
            if subject is not None:
                return Frame(subject=subject, cue=match.span(), rule="phrase", end=subject.span[1])
        return None
