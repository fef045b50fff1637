"""A document as it is compared: its words with their places, what stands in quotations, its names, numbers and telling words.

``read(document, quotes)`` is pure and linear in the text.  Words are case-folded; a word in a quotation, of ``quotes`` or between any
quotation marks, is ``quoted``.  ``plain`` and ``spoken`` hold the places of each three words in a row that stand wholly outside, or wholly
inside, quotations: a run of words never crosses from one into the other.  ``names`` are words that the text writes with a capital inside a
sentence; a script without capitals has none, and ``cased`` says so.  ``stems`` are the telling words by their first letters, with
counts: function words of the language whose list fits best are left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from archive.records import Document
from archive.relations import Quote
from pipeline.lexicon import words as lexicon
from pipeline.quotes.marks import marked
from pipeline.relevance import LANGUAGES
from pipeline.sentences import Range, sentences, word_ranges

GRAM = 3  # words in a row by which shared passages are found
STEM = 5  # letters: a rough stem that serves all European languages
_PLACES = 4  # of one gram in a text that are looked at: a refrain is no passage
_SHOUTED = 0.6  # share of words with a capital from which capitals mean nothing
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
Gram = tuple[str, str, str]
Grams = dict[Gram, tuple[int, ...]]


@dataclass(frozen=True)
class Reading:
    """One document, read for comparison; numbers of words are places in ``words``, ranges are characters of the text."""

    document: Document
    quotes: tuple[Quote, ...]
    words: tuple[str, ...]
    ranges: tuple[Range, ...]
    quoted: tuple[bool, ...]
    starts: tuple[int, ...]  # the number of the first word of each sentence
    sentences: tuple[Range, ...]

    @property
    def id(self) -> str:
        """The document's."""
        return self.document.capture

    @cached_property
    def plain(self) -> Grams:
        """Where each three words outside quotations stand."""
        return _grams(self.words, self.quoted, inside=False)

    @cached_property
    def spoken(self) -> Grams:
        """The same inside quotations."""
        return _grams(self.words, self.quoted, inside=True)

    @cached_property
    def fives(self) -> frozenset[tuple[str, ...]]:
        """Each five words in a row, quotations or not."""
        words = self.words
        return frozenset(zip(words, words[1:], words[2:], words[3:], words[4:], strict=False))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of text and headline."""
        title = self.document.title or ""
        return frozenset(self.words) | {title[start:end].casefold() for start, end in word_ranges(title)}

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters of the vocabulary."""
        return frozenset(word[:STEM] for word in self.vocabulary)

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The words as they are written."""
        return tuple(self.document.text[start:end] for start, end in self.ranges)

    @cached_property
    def cased(self) -> bool:
        """Whether capitals tell names in this text."""
        capitals = sum(word[:1].isupper() for word in self.written)
        return 0 < capitals < _SHOUTED * len(self.written)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words with a capital that is not owed to the sentence's beginning."""
        return frozenset(self.words[number] for number in self.named)

    @cached_property
    def named(self) -> frozenset[int]:
        """The numbers of the words that are names."""
        if not self.cased:
            return frozenset()
        capital = [number for number, word in enumerate(self.written) if word[:1].isupper() and len(word) > 1]
        first = set(self.starts) | {number for number in capital if self._opens(number)}
        sure = {
            self.words[number]
            for number in capital
            if number not in first or (len(self.written[number]) > 2 and self.written[number].isupper())
        }
        stop = self.stop
        return frozenset(number for number in capital if self.words[number] in sure and self.words[number] not in stop)

    def _opens(self, number: int) -> bool:
        """Whether a word stands behind a mark that opens speech or a line."""
        start = self.ranges[number][0]
        return start > 0 and self.document.text[start - 1] in "\"'“„«»‘‚([\n"

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Numbers in figures, as the text has them."""
        return frozenset(word for word in self.words if word[0].isdigit())

    @cached_property
    def stop(self) -> frozenset[str]:
        """The function words of the text's language."""
        counts = Counter(self.words)
        return max((_stop(language) for language in LANGUAGES), key=lambda entries: sum(counts[word] for word in entries & counts.keys()))

    @cached_property
    def stems(self) -> Counter[str]:
        """The telling words."""
        return Counter(_stems(self.words, self.stop))

    def span(self, first: int, count: int) -> Range:
        """The characters of so many words from one on."""
        return self.ranges[first][0], self.ranges[first + count - 1][1]

    def text(self, first: int, count: int) -> str:
        """The words of a span, as they stand."""
        start, end = self.span(first, count)
        return self.document.text[start:end]


def read(document: Document, quotes: Iterable[Quote] = ()) -> Reading:
    """Read a document for comparison."""
    text, given = document.text, tuple(quotes)
    ranges = word_ranges(text)
    found = sentences(text)
    return Reading(
        document=document,
        quotes=given,
        words=tuple(text[start:end].casefold() for start, end in ranges),
        ranges=tuple(ranges),
        quoted=tuple(_inside(ranges, _speech(text, given))),
        starts=tuple(_firsts(ranges, found)),
        sentences=tuple(found),
    )


def _speech(text: str, quotes: Iterable[Quote]) -> list[Range]:
    """All that stands in quotations, in order and joined where it overlaps."""
    given = [part for quote in quotes if quote.direct for part in (quote.parts or ((quote.start, quote.end),))]
    joined: list[Range] = []
    for start, end in sorted([*given, *((item.start, item.end) for item in marked(text))]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _inside(ranges: Sequence[Range], speech: Sequence[Range]) -> Iterator[bool]:
    at = 0
    for start, _ in ranges:
        while at < len(speech) and speech[at][1] <= start:
            at += 1
        yield at < len(speech) and speech[at][0] <= start


def _firsts(ranges: Sequence[Range], found: Sequence[Range]) -> Iterator[int]:
    number = 0
    for start, _ in found:
        while number < len(ranges) and ranges[number][0] < start:
            number += 1
        yield number


def _grams(words: Sequence[str], quoted: Sequence[bool], *, inside: bool) -> Grams:
    places: Grams = {}
    marks = zip(quoted, quoted[1:], quoted[2:], strict=False)
    for number, (gram, (first, second, third)) in enumerate(zip(zip(words, words[1:], words[2:], strict=False), marks, strict=True)):
        if first is inside and second is inside and third is inside:
            known = places.get(gram)
            if known is None:
                places[gram] = (number,)
            elif len(known) < _PLACES:
                places[gram] = (*known, number)
    return places


def _stems(words: Iterable[str], stop: frozenset[str]) -> Iterator[str]:
    previous = ""
    for word in words:
        if _UNSPACED.match(word):
            if previous:
                yield previous + word
            previous = word
            continue
        previous = ""
        if len(word) > 2 and word not in stop and not word[0].isdigit():
            yield word[:STEM]


@cache
def _stop(language: str) -> frozenset[str]:
    return frozenset(lexicon("stopwords", language))
