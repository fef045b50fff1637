"""The names of a text: persons and organisations outside its quotations, and whom a short name, a pronoun or a title stands for.

``names(prose, grammar)`` is pure and linear.  A name is a run of capitalised words, the titles before it left out; two words or more make
a full name, which its last word, or its first, stands for elsewhere.  No list of persons is used: what a text does not show is not known.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.lexicon import words
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.prose import Prose, Token, tokens

_POSSESSIVE = re.compile(r"[’'‘](?:s)?$", re.IGNORECASE)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii"})
_LONGEST = 9  # words of a name
_SHORTEST = 5  # letters of a title, less one, that ends a compound
_SCAN = 40  # names looked back over for a pronoun
_VOTES_APART = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One mention of a name."""

    start: int
    end: int
    text: str
    person: bool
    titles: tuple[str, ...] = ()  # that stand before it, case-folded
    title_start: int  # of these, or of the name
    possessive: bool = False
    governed: bool = False  # behind a preposition
    first: bool = False  # of its sentence
    sentence: int


class Names:
    """All mentions in order, and what they stand for."""

    def __init__(self, prose: Prose, grammar: Grammar) -> None:
        self.prose, self.grammar = prose, grammar
        self.mentions = [name for number in range(len(prose.sentences)) for name in _in_sentence(prose, number, grammar)]
        self._full: dict[str, list[str]] = defaultdict(list)  # last word, or first, and the full names that have it
        self._initials: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        for name in self.mentions:
            self._learn(name)
        self._titled = {name.text for name in self.mentions if name.titles}
        self.mentions = [name for name in self.mentions if self._sure(name)]
        self.starts = [name.start for name in self.mentions]

    def _sure(self, name: Name) -> bool:
        """Whether one word is a name: German writes every noun large, and every language the first word of a sentence."""
        if " " in name.text or name.titles or name.text.isupper() or self.full(name.text) != name.text:
            return True
        if self.grammar.holds("channels", name.text.casefold()) or name.text.casefold() in words("metadata", "agencies"):
            return True
        return self.grammar.language != "de" and (not name.first or name.text in self._inside)

    @cached_property
    def _inside(self) -> set[str]:
        return {name.text for name in self.mentions if not name.first}

    def _learn(self, name: Name) -> None:
        parts = [part.strip(".") for part in name.text.casefold().split()]
        parts = parts[:-1] if parts[-1] in _SUFFIXES else parts
        key = " ".join(parts)
        if len(parts) > 1 and key not in self._spelled:
            self._spelled[key] = name.text
            for tail in {parts[-1], " ".join(parts[1:]), parts[0], " ".join(parts[-2:])} - {key}:
                self._full[tail].append(name.text)
        behind = self.prose.outside[name.end : name.end + 12]
        if match := re.match(r"\s\(([A-ZА-ЯÄÖÜ]{2,8})\)", behind):
            self._initials.setdefault(match[1].casefold(), name.text)

    def full(self, text: str) -> str:
        """The fullest form of a name that the text gives."""
        key = text.casefold().rstrip(".")
        if key in self._initials:
            return self._initials[key]
        forms = self._full.get(key, [])
        last = [form for form in forms if form.casefold().split()[-1].strip(".") == key.split()[-1] or _suffixed(form, key)]
        return (last or forms or [text])[0]

    def between(self, start: int, end: int) -> Sequence[Name]:
        """The mentions that begin between two places."""
        return self.mentions[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def before(self, place: int) -> Iterator[Name]:
        """The mentions before a place, the nearest first, as far as anybody remembers."""
        at = bisect_left(self.starts, place)
        yield from reversed(self.mentions[max(at - _SCAN, 0) : at])

    @cached_property
    def first(self) -> dict[str, Name]:
        """The first mention of each full name."""
        found: dict[str, Name] = {}
        for name in self.mentions:
            found.setdefault(self.full(name.text), name)
        return found

    @cached_property
    def _genders(self) -> dict[str, str]:
        """Man or woman, by titles and by the pronouns of sentences that name one person alone."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for name in self.mentions:
            for title in name.titles:
                for key in ("men", "women"):
                    if title in self.grammar.sets[key]:
                        votes[self.full(name.text)][key] += 3
        for start, end in self.prose.sentences:
            persons = [name for name in self.between(start, end) if name.person or self.full(name.text) != name.text]
            if len({self.full(name.text) for name in persons}) != 1:
                continue
            for token in tokens(self.prose, persons[0].end, min(end, persons[0].end + 400)):
                for key, pronoun in (("men", "he"), ("women", "she")):
                    votes[self.full(persons[0].text)][key] += self.grammar.holds(pronoun, token.word)
        return {name: counts.most_common(1)[0][0] for name, counts in votes.items() if _clear(counts)}

    def fits(self, name: Name, pronoun: str) -> bool:
        """Whether a pronoun ("he", "she", "it", "they") can stand for a name."""
        full = self.full(name.text)
        gender = self._genders.get(full)
        if pronoun == "anybody":
            return self.is_person(name)
        if pronoun in {"he", "she"}:
            wrong = "women" if pronoun == "he" else "men"
            return gender != wrong and self.is_person(name)
        if pronoun == "they":
            return self._organised(full)
        return not (gender or name.titles or self.is_person(name))

    def is_person(self, name: Name) -> bool:
        """Whether a mention is of a person, or may be of one."""
        return name.person or name.text in self._titled or (self.full(name.text) != name.text and not self._organised(self.full(name.text)))

    def known_person(self, name: Name) -> bool:
        """Whether the text shows that a name is a person's: by a title, or by calling that person by one of the names alone."""
        return name.text in self._titled or self.full(name.text) in self._shortened

    @cached_property
    def _shortened(self) -> set[str]:
        return {full for name in self.mentions if (full := self.full(name.text)) != name.text}

    def _organised(self, text: str) -> bool:
        return any(part.casefold().strip(".") in self.grammar.sets["organisations"] for part in text.split())

    @cached_property
    def _bearers(self) -> dict[str, dict[str, int]]:
        """Who bore each office, and from where in the text on."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for name in self.mentions:
            for title in name.titles:
                found[self.grammar.offices.get(title, title)].setdefault(self.full(name.text), name.start)
        return found

    def titled(self, title: str, place: int) -> Name | None:
        """Whom "the president" stands for: the last one before a place who bore that title, or another name of the office."""
        bearers = self._bearers.get(self.grammar.offices.get(title, title), {})
        known = (name for name in self.before(place) if not name.possessive and self.full(name.text) in bearers)
        return next((name for name in known if bearers[self.full(name.text)] <= name.start), None)


def _suffixed(form: str, key: str) -> bool:
    parts = form.casefold().replace(".", "").split()
    return parts[-1] in _SUFFIXES and parts[-2:-1] == [key.rsplit(maxsplit=1)[-1]]


def _clear(counts: Counter[str]) -> bool:
    ranked = counts.most_common(2)
    return ranked[0][1] > 0 and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= _VOTES_APART)


def _in_sentence(prose: Prose, number: int, grammar: Grammar) -> Iterator[Name]:
    start, end = prose.sentences[number]
    run: list[Token] = []
    before: Token | None = None
    for token in tokens(prose, start, end):
        if run and not _goes_on(prose, run, token, grammar):
            yield from _name(prose, number, run, before, grammar)
            before, run = run[-1], []
        if run or _capital(prose, token):
            run.append(token)
        else:
            before = token
    if run:
        yield from _name(prose, number, run, before, grammar)


def _capital(prose: Prose, token: Token) -> bool:
    return prose.text[token.start].isupper()


def _goes_on(prose: Prose, run: list[Token], token: Token, grammar: Grammar) -> bool:
    """Whether a word belongs to the name that a run of words is."""
    gap = prose.outside[run[-1].end : token.start]
    last = run[-1].word
    if len(run) >= _LONGEST or _POSSESSIVE.search(last):
        return False
    if gap not in {" ", "\u00a0", "-"} and not (
        gap.strip() == "." and (last in grammar.sets["abbreviations"] or last in grammar.sets["titles"])
    ):
        return False
    if _capital(prose, token):
        return True
    if token.word in words("quotes", "particles"):
        return token.word not in words("quotes", "articles") or last in words("quotes", "particles")
    return token.word in words("quotes", "joins") and any(one.word in grammar.sets["organisations"] for one in run)


def _name(prose: Prose, number: int, run: list[Token], before: Token | None, grammar: Grammar) -> Iterator[Name]:
    while run and not _capital(prose, run[-1]):
        run = run[:-1]
    while run and _no_name(prose, run[0], grammar):
        before, run = run[0], run[1:]
    while run and not _capital(prose, run[0]):
        before, run = run[0], run[1:]
    if not run:
        return
    titled = _titles(run, grammar)
    bare, titles = run[titled:], [token.word.rstrip(".") for token in run[:titled]]
    if len(run) == 1 and (run[0].word in grammar.sets["titles"] or _noun(before, grammar)):
        return
    lower = _titles_before(prose, run[0].start, grammar) if not titled else []
    end = bare[-1].end
    text = prose.text[bare[0].start : end]
    possessive = _POSSESSIVE.search(text)
    if possessive and (possessive[0] != "’" or text[-2:-1] in "sS"):
        end -= len(possessive[0])
        text = text[: -len(possessive[0])]
    if prose.outside[end : end + 1] == "." and bare[-1].word in _SUFFIXES:
        end += 1
        text += "."
    if not text:
        return
    organised = any(
        token.word.rstrip("’'s") in grammar.sets["organisations"] or token.word in grammar.sets["organisations"] for token in bare
    )
    articled = before is not None and before.word in grammar.sets["determiners"] and prose.outside[before.end : run[0].start] == " "
    yield Name(
        start=bare[0].start,
        end=end,
        text=text,
        person=len(bare) > 1 and not organised and bare[0].word not in grammar.sets["places"] and (bool(titles) or not articled),
        titles=(*titles, *lower),
        title_start=run[0].start,
        possessive=possessive is not None,
        governed=_governs(prose, number, run, before, grammar, titled=bool(titles or lower)),
        first=not prose.outside[prose.sentences[number][0] : run[0].start].strip(),
        sentence=number,
    )


def _governs(prose: Prose, number: int, run: list[Token], before: Token | None, grammar: Grammar, *, titled: bool) -> bool:
    """Whether a preposition stands before a name, or before the article before it; "an Ada Quiroga story" is about no person that acts."""
    if before is None:
        return False
    if before.word in grammar.sets["prepositions"]:
        return True
    if before.word not in grammar.sets["determiners"] or prose.outside[before.end : run[0].start] != " ":
        return False
    left = tokens(prose, max(prose.sentences[number][0], before.start - 24), before.start)
    joined = bool(left) and left[-1].word in grammar.sets["prepositions"]
    return joined or (before.word in {"a", "an"} and not titled and len(run) > 1)


def _no_name(prose: Prose, token: Token, grammar: Grammar) -> bool:
    """Whether a word is written large only because it begins something; initials are written large throughout."""
    initials = token.end - token.start > 1 and prose.text[token.start : token.end].isupper()
    return not initials and re.split("[’']", token.word)[0] in grammar.sets["no_names"]


def _noun(before: Token | None, grammar: Grammar) -> bool:
    """Whether a word is written large as any German noun is: an article stands before it."""
    return grammar.language == "de" and before is not None and before.word in grammar.sets["determiners"]


def _titular(word: str, grammar: Grammar) -> bool:
    """Whether a word is a title, or a compound that ends with one: "NDR-Sprecher", "Pressesprecher"."""
    word = word.rstrip(".")
    last = word.rpartition("-")[2]
    if word in grammar.sets["titles"] or last in grammar.sets["titles"]:
        return True
    return grammar.language == "de" and any(last[cut:] in grammar.sets["titles"] for cut in range(3, len(last) - _SHORTEST))


def _titles(run: list[Token], grammar: Grammar) -> int:
    """How many words at the start of a run are titles, or what stands before them."""
    held = [place for place, token in enumerate(run[:-1]) if _titular(token.word, grammar)]
    return held[-1] + 1 if held else 0


def _titles_before(prose: Prose, start: int, grammar: Grammar) -> list[str]:
    """The titles in small letters right before a name."""
    found = [match[0].casefold() for match in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)*", prose.outside[max(start - 24, 0) : start])]
    return [word for word in found[-1:] if word in grammar.sets["titles"] and prose.outside[start - 1 : start] == " "]
