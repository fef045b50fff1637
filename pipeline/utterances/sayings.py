"""Quotations taken apart into the sentences that one person says.

``sayings(document, quotes)`` gives the sentences of the direct quotations in the order of the text.  What stands in a quotation inside
another is somebody's words out of the speaker's mouth: the sentence has that person as ``speaker`` where the words before it tell ("He
asked me"), and who tells it as ``told_by``.  "He" is the person other than the teller whom the text names most often.  Where the turns of
a dialogue have no words before them, its two speakers take turns.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from archive.records import Document
from archive.relations import Quote, TextSpan
from pipeline.facts.names import alike
from pipeline.lexicon import words
from pipeline.quotes.grammar import spoken
from pipeline.quotes.names import Names
from pipeline.quotes.prose import prose
from pipeline.sentences import sentences

_WORD = re.compile(r"[^\W\d_]+")
_LEAD = 5  # words
_TRIM = " \t\n\"'“”„‘’«»-–—,;:([])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One sentence of a quotation."""

    document: str
    quote: int  # start of the outermost quotation
    span: TextSpan
    text: str
    speaker: str | None
    told_by: str | None = None


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two names can be one person's: the last words are spellings of one name."""
    return one is not None and other is not None and alike(_last(one), _last(other))


def _last(name: str) -> str:
    parts = name.split()
    return parts[-1] if parts else ""


def sayings(document: Document, quotes: Sequence[Quote]) -> list[Saying]:
    """The sentences of a document's direct quotations."""
    direct = sorted((quote for quote in quotes if quote.direct), key=lambda quote: (quote.start, -quote.end))
    inner: dict[int, list[Quote]] = {}
    tops = [quote for quote in direct if quote.inside is None]
    at = 0
    for quote in direct:
        if quote.inside is None:
            continue
        while at + 1 < len(tops) and tops[at + 1].start <= quote.start:
            at += 1
        if tops and quote.end <= tops[at].end:
            inner.setdefault(tops[at].start, []).append(quote)
    teller = _Tellers(document, direct)
    return [saying for top in tops for saying in _of(document, top, inner.get(top.start, []), teller)]


def _of(document: Document, top: Quote, inner: Sequence[Quote], tellers: "_Tellers") -> Iterator[Saying]:
    """The sentences of one quotation and of those inside it; of what is nested deeper the outer one inside counts."""
    place = top.start
    for quote in inner:
        if quote.start < place:
            continue
        yield from _without_lead(_sentences(document, top, (place, quote.start), top.speaker, None))
        speaker = (
            quote.speaker if quote.speaker and quote.speaker != top.speaker else tellers.speaker(top, document.text[place : quote.start])
        )
        tellers.turn = speaker
        yield from _sentences(document, top, (quote.start, quote.end), speaker, top.speaker if speaker != top.speaker else None)
        place = quote.end
    yield from _sentences(document, top, (place, top.end), top.speaker, None)


def _without_lead(said: Iterable[Saying]) -> Iterator[Saying]:
    """The sentences before an inner quotation; "He asked me" leads to it and says nothing itself."""
    listed = list(said)
    if listed and len(_WORD.findall(listed[-1].text)) <= _LEAD and listed[-1].text[-1:] not in {".", "!", "?"}:
        listed.pop()
    yield from listed


def _sentences(document: Document, top: Quote, span: TextSpan, speaker: str | None, told_by: str | None) -> Iterator[Saying]:
    for start, end in sentences(document.text[slice(*span)]):
        text = document.text[span[0] + start : span[0] + end]
        lead = len(text) - len(text.lstrip(_TRIM))
        words_only = text.strip(_TRIM)
        if _WORD.search(words_only):
            first = span[0] + start + lead
            yield Saying(
                document=document.capture,
                quote=top.start,
                span=(first, first + len(words_only)),
                text=words_only,
                speaker=speaker,
                told_by=told_by,
            )


class _Tellers:
    """Who speaks in the dialogues that a document's speakers tell."""

    def __init__(self, document: Document, direct: Sequence[Quote]) -> None:
        self._document, self._direct = document, direct
        self._persons: list[str] | None = None
        self.turn: str | None = None  # who spoke last in a told dialogue

    def speaker(self, top: Quote, before: str) -> str | None:
        """Who says the words behind ``before`` in a quotation."""
        said = [word for word in _WORD.findall(before[-200:].casefold()) if word in _first() or word in _third()]
        if said:
            clause = _WORD.findall(re.split(r"[.!?]\s", before[-200:].casefold())[-1])
            subject = next((word for word in clause if word in _first() or word in _third()), None)
            if subject is None:
                return None
            return top.speaker if subject in _first() else self._other(top.speaker)
        if _WORD.search(before) or self.turn is None:
            return None
        return self._other(top.speaker) if same_person(self.turn, top.speaker) else top.speaker

    def _other(self, teller: str | None) -> str | None:
        """The person other than the teller whom the text names most often."""
        if self._persons is None:
            self._persons = self._named()
        return next((name for name in self._persons if not same_person(name, teller)), None)

    def _named(self) -> list[str]:
        """The persons of the text, quotations and all, by their fullest names, the most often named first; of two the one named first."""
        grammar = spoken(self._document.language, self._document.text)
        if grammar is None:
            return []
        names = Names(prose(self._document.text, [], grammar), grammar)
        persons = {names.full(name.text) for name in names.mentions if names.is_person(name)}
        written = [name.text for name in names.mentions]
        counts = Counter(full for text in written if (full := names.full(text)) in persons)
        return sorted(counts, key=lambda name: (-counts[name], written.index(name) if name in written else len(written)))


@cache
def _first() -> frozenset[str]:
    return frozenset(words("told", "first"))


@cache
def _third() -> frozenset[str]:
    return frozenset(words("told", "third"))
