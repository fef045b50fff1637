"""What a text says in numbers and dates, each with the words that tell what it is about.

``mentions(document)`` gives a document's ``Mention``s in the order of the text; none for a language without a file of numbers.  ``near``
holds the telling words of the sentence by their first letters, or by the role that they give a count ("=dead" for killed, died, toll), and
how near they stand: 1 beside the number, less with every telling word, number and sign between.  Of a text the first
``READ`` characters are read.  Linear in the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.records import Document
from archive.relations import FactValue, TextSpan
from pipeline.facts.amounts import MOST, Amount, amounts
from pipeline.facts.calendar import Day, dates
from pipeline.facts.figures import Numbers, language_of, numbers, unit
from pipeline.facts.numerals import Token, tokens
from pipeline.sentences import sentences

READ = 100_000  # characters of a text; no article is longer
_STEM = 5
_REACH = 9  # telling words on either side
_FAR = 40  # tokens on either side
_ROLE_REACH = 9  # tokens between a count and its role
_FALL = 0.35
_COUNTS = frozenset({"count", "share"})
_SIGNS: Mapping[str, float] = {",": 0.5, ";": 2.0, ":": 1.0, "—": 1.0, "–": 1.0, "(": 0.5, ")": 0.5, "\n": 9.0}
_KINDS = {"duration": "duration", "share": "share", "points": "share", "date": "date", "decade": "date", "clock": "date"}
_APOSTROPHE = re.compile(r"['’]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One number or date in a text."""

    document: str
    what: Amount | Day
    measure: str
    span: TextSpan
    text: str
    sentence: int  # its number in the text
    near: Mapping[str, float]
    words: Mapping[str, tuple[int, str]]  # by the same keys: place of the nearest such word, and the word
    head: str  # key of the word that is counted or dated
    role: str | None  # of a count
    names: frozenset[str]  # keys of near words that begin with a capital letter inside the sentence
    older: bool  # the text itself says that the count was an earlier one
    moved: bool  # the text itself says that the count has changed
    about: str  # the words behind it

    @property
    def value(self) -> FactValue:
        """What the text says, for a reader."""
        shown = self.what.value if isinstance(self.what, Day) else self.what.shown
        operator = "=" if isinstance(self.what, Day) else self.what.operator
        kind = "money" if self.measure.startswith("money") else _KINDS.get(self.measure, "number")
        return FactValue(document=self.document, span=self.span, text=self.text, kind=kind, value=shown, operator=operator)


def language(document: Document) -> str | None:
    """The code of the language whose numbers are read in a document; None where that language has no file."""
    return language_of(document.text, document.language)


def mentions(document: Document) -> list[Mention]:
    """The numbers and dates of a document."""
    code = language(document)
    if code is None:
        return []
    way, text = numbers(code), document.text[:READ]
    days = dates(text, document.published)
    read = tokens(text, way)
    found: list[Amount | Day] = [*days, *amounts(text, way, [(day.start, day.end) for day in days], read)]
    found = [_year(what) for what in sorted(found, key=lambda what: what.start)][:MOST]
    reader = _Reader(document.capture, text, way, read, [(what.start, what.end) for what in found])
    return [reader.mention(what) for what in found]


def _year(what: Amount | Day) -> Amount | Day:
    if isinstance(what, Amount) and what.measure == "year":
        return Day(what.start, what.end, year=int(what.value))
    return what


class _Reader:
    """Reads the surroundings of numbers in one text."""

    def __init__(self, document: str, text: str, way: Numbers, read: Sequence[Token], spans: Sequence[TextSpan]) -> None:
        self._document, self._text, self._way, self._read, self._spans = document, text, way, read, spans
        self._operators = {word for phrase in (*way.before, *way.after) for word in phrase}
        self._starts = [token.start for token in read]
        self._sentences = [start for start, _ in sentences(text)]
        self._taken = [start for start, _ in spans]

    def mention(self, what: Amount | Day) -> Mention:
        """A number with its surroundings."""
        measure = "date" if isinstance(what, Day) else what.measure
        sentence = bisect_right(self._sentences, what.start) - 1
        first = bisect_left(self._starts, self._sentences[sentence]) if sentence >= 0 else 0
        last = bisect_left(self._starts, self._sentences[sentence + 1]) if sentence + 1 < len(self._sentences) else len(self._read)
        at, after = bisect_left(self._starts, what.start), bisect_left(self._starts, what.end)
        left = range(at - 1, max(first - 1, at - _FAR), -1)
        right = range(after, min(last, after + _FAR))
        near: dict[str, float] = {}
        words: dict[str, tuple[int, str]] = {}
        names: set[str] = set()
        for side in (left, right):
            for key, weight, place in self._telling(side, first):
                if weight > near.get(key, 0.0):
                    near[key] = weight
                    words[key] = (place, self._shown(place))
                if self._read[place].big and place != first and weight > 0.3:
                    names.add(key)
        cues = {self._read[place].text for place in (*left[:3], *right[:2])}
        clause = {self._read[place].text for place in (*left[:9], *right[:9])}
        return Mention(
            document=self._document,
            what=what,
            measure=measure,
            span=(what.start, what.end),
            text=self._text[what.start : what.end],
            sentence=sentence,
            near=near,
            words=words,
            head=self._head(measure, left, right),
            role=self._role(left, right) if measure in _COUNTS else None,
            names=frozenset(names),
            older=bool(cues & self._way.lists["earlier"]),
            moved=bool(clause & self._way.lists["now"]),
            about=self._about(right),
        )

    def _telling(self, side: range, first: int) -> Iterator[tuple[str, float, int]]:
        """Key, weight and place of the telling words of one side."""
        distance, told = 0.0, 0
        for place in side:
            token = self._read[place]
            if not token.text[0].isalpha():
                distance += 2.0 if token.figure else _SIGNS.get(token.text, 0.0)
                continue
            key = self._key(place)
            if key is None:
                continue
            yield key, 1 / (1 + _FALL * distance), place
            distance, told = distance + 1, told + 1
            if told == _REACH:
                return

    def _key(self, place: int) -> str | None:
        """By what a word is known; None for one that tells nothing."""
        word = self._read[place].text
        if (role := self._way.roles.get(word)) is not None:
            return f"={role}"
        known = (
            word in self._way.stop
            or word in self._operators
            or len(word) < 3
            or unit((word,)) is not None
            or (word,) in self._way.words
            or word in self._way.scales
        )
        return None if known else word[:_STEM]

    def _head(self, measure: str, left: range, right: range) -> str:
        """The word that is counted: the first telling one behind; of a label the one before."""
        order = (left, right) if measure == "label" else (right, left)
        for side in order:
            for place in side[:5]:
                if self._read[place].text in _SIGNS or self._read[place].text == ".":
                    break
                if self._read[place].text[0].isalpha() and (key := self._key(place)):
                    return key
        return ""

    def _role(self, left: range, right: range) -> str | None:
        """The role of a count: that of the nearest word which gives one, with no other number between; behind goes before ahead."""
        found: list[tuple[float, int, str]] = []
        for order, side in enumerate((right, left)):
            for distance, place in enumerate(side[:_ROLE_REACH]):
                text = self._read[place].text
                if self._number(place) or text in {";", "\n"}:
                    break
                if (role := self._way.roles.get(text)) is not None:
                    found.append((distance + 2 * (text == ","), order, role))
                    break
        return min(found)[2] if found else None

    def _number(self, place: int) -> bool:
        at = bisect_right(self._taken, self._read[place].start) - 1
        return at >= 0 and self._read[place].start < self._spans[at][1]

    def _shown(self, place: int) -> str:
        return self._text[self._read[place].start : self._read[place].end]

    def _about(self, right: range) -> str:
        """The words behind the number, up to a sign or the next number."""
        end = start = self._read[right[0]].start if right else 0
        for place in right[:5]:
            token = self._read[place]
            if self._number(place) or not (token.text[0].isalpha() or _APOSTROPHE.match(token.text) or token.text == "-"):
                break
            end = token.end
        return self._text[start:end].strip(" -'’")
