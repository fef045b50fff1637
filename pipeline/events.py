"""What kind of change each changed passage is.

Contract: pure.  ``text_events(before, after)`` gives the events of two texts, at most one of a kind, in the order of the closed list, each
with its passages; ``value_event`` one of a title, a list of names or a date.  An edit may be of several kinds: a number changed inside a
quotation is FIGURE and QUOTE.  The passages of an event are whole sentences where a sentence came or went, else the words that differ.
What a page changes by itself (``pipeline.live``) is no event.  A passage for which there is no finer word is PASSAGE_REMOVED where words
went and PASSAGE_ADDED where words came: where other words took the place of some, it is both.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from archive.kinds import EventKind
from archive.records import Event, Span
from pipeline.alignment import Alignment, Pair, align, alike, changed_words, gaps
from pipeline.attribution import sources
from pipeline.bylines import byline_ranges, dateline_ranges
from pipeline.live import live_ranges
from pipeline.notes import note_ranges
from pipeline.sentences import Range, fold, holds, quotations, quote_marks, word_ranges
from pipeline.wordkinds import Kind, kinds

_CURRENCY = frozenset("$€£¥₽₴%‰+−-")


def text_events(found: Alignment) -> tuple[Event, ...]:
    """The events of an aligned pair of texts."""
    older, newer = _Text(found.before), _Text(found.after)
    places: defaultdict[EventKind, set[Pair]] = defaultdict(set)
    for kind, pair in _found(found, older, newer):
        places[kind].add(pair)
    return tuple(
        Event(kind=kind, spans=tuple(_span(found.before, found.after, pair) for pair in sorted(places[kind])))
        for kind in EventKind
        if kind in places
    )


def text_alignment(before: str, after: str) -> Alignment:
    """Two texts side by side, with notes, signatures and what changes by itself apart from the sentences of the article."""
    return align(before, after, _apart)


def value_event(kind: EventKind, field: str, before: str, after: str) -> Event:
    """The event of a short value such as a title; COSMETIC when the two say the same, one passage when they share little."""
    kind = EventKind.COSMETIC if fold(before) == fold(after) else kind
    whole = Pair((0, len(before)), (0, len(after)))
    changed = changed_words(before, after, whole) if kind is EventKind.COSMETIC or alike(before, after) else [whole]
    spans = [_span(before, after, pair) for pair in changed]
    return Event(kind=kind, field=field, spans=tuple(spans))


def spans(found: Alignment) -> tuple[Span, ...]:
    """All that differs, in order: making every span's change makes the newer text."""
    return tuple(_span(found.before, found.after, pair) for pair in gaps(found))


def _span(before: str, after: str, pair: Pair) -> Span:
    return Span(before=pair.older, after=pair.newer, removed=before[slice(*pair.older)], added=after[slice(*pair.newer)])


def _apart(text: str) -> list[Range]:
    return _joined([*live_ranges(text), *note_ranges(text), *byline_ranges(text)])


def _joined(ranges: Iterable[Range]) -> list[Range]:
    """Ranges in order, those that overlap as one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


@dataclass(frozen=True)
class _Text:
    """One of the two texts, with what its places are; each list is made when it is first asked for."""

    text: str

    @cached_property
    def quoted(self) -> list[Range]:
        return quotations(self.text)

    @cached_property
    def notes(self) -> list[Range]:
        return note_ranges(self.text)

    @cached_property
    def live(self) -> list[Range]:
        return live_ranges(self.text)

    @cached_property
    def bylines(self) -> list[Range]:
        return byline_ranges(self.text)

    @cached_property
    def datelines(self) -> list[Range]:
        return dateline_ranges(self.text)


def _found(found: Alignment, older: _Text, newer: _Text) -> Iterator[tuple[EventKind, Pair]]:
    yield from _between(found)
    for pair in found.pairs:
        yield from _in_pair(pair, older, newer)
    for pair in found.moved:
        if not holds(older.live, pair.older[0]) and not holds(newer.live, pair.newer[0]):
            yield EventKind.COSMETIC, pair
            yield from ((kind, words) for kind, words in _in_pair(pair, older, newer) if kind is not EventKind.COSMETIC)
    for kind, (start, end) in _passages(older, found, EventKind.PASSAGE_REMOVED):
        place = _counterpart(found, start)
        yield kind, Pair((start, end), (place, place))
    for kind, (start, end) in _passages(newer, found.turned, EventKind.PASSAGE_ADDED):
        place = _counterpart(found.turned, start)
        yield kind, Pair((place, place), (start, end))


def _counterpart(found: Alignment, place: int) -> int:
    """Where in the newer text a passage of the older one that has no counterpart would stand."""
    number = bisect_left(found.pairs, place, key=lambda pair: pair.older[0])
    return found.pairs[number - 1].newer[1] if number else 0


def _passages(text: _Text, found: Alignment, kind: EventKind) -> Iterator[tuple[EventKind, Range]]:
    """Sentences of the older side that have no counterpart, those of a kind that follow each other as one passage."""
    elsewhere = {pair.older for pair in found.moved}
    ranges = [sentence for sentence in found.removed if sentence not in elsewhere]
    lone = {sentence: _lone_kind(text, sentence[0], kind, ranges) for sentence in ranges}
    told = sorted([*((pair.older, None) for pair in (*found.pairs, *found.moved)), *lone.items()], key=lambda item: item[0])
    for what, group in groupby(told, key=lambda item: item[1]):
        ranges = [sentence for sentence, _ in group]
        if what is not None:
            yield what, (ranges[0][0], ranges[-1][1])


def _lone_kind(text: _Text, start: int, kind: EventKind, lone: Sequence[Range]) -> EventKind | None:
    """What a whole sentence is that came or went, ``lone`` being all that did; None for one that is no part of the article."""
    if holds(text.live, start):
        return None
    if holds(text.notes, start):
        return EventKind.CORRECTION if kind is EventKind.PASSAGE_ADDED else kind
    if holds(text.bylines, start):
        return EventKind.BYLINE
    if not holds(text.quoted, start):
        return kind
    opened = text.quoted[bisect_left(text.quoted, (start + 1, 0)) - 1][0]
    return kind if opened == start or holds(lone, opened - 1) else EventKind.QUOTE  # a speech that goes on


def _between(found: Alignment) -> Iterator[tuple[EventKind, Pair]]:
    """White space that differs between two sentences that stayed neighbours."""
    ends = Pair((len(found.before),) * 2, (len(found.after),) * 2)
    for left, right in pairwise([Pair((0, 0), (0, 0)), *found.pairs, ends]):
        older, newer = (left.older[1], right.older[0]), (left.newer[1], right.newer[0])
        spaces = found.before[slice(*older)], found.after[slice(*newer)]
        if spaces[0] != spaces[1] and not spaces[0].strip() and not spaces[1].strip():
            yield EventKind.COSMETIC, Pair(older, newer)


def _in_pair(pair: Pair, older: _Text, newer: _Text) -> Iterator[tuple[EventKind, Pair]]:
    """The kinds of every difference between a sentence and what became of it."""
    changed = list(changed_words(older.text, newer.text, pair))
    if not changed:
        return
    sides = _Side(older, pair.older), _Side(newer, pair.newer)
    for words in changed:
        for kind in sorted(_kinds(words, *sides)):
            yield kind, _share(kind, words)


def _share(kind: EventKind, words: Pair) -> Pair:
    """Of words in the place of others, what went or what came."""
    (start, end), (begin, stop) = words
    if kind is EventKind.PASSAGE_REMOVED:
        return Pair((start, end), (begin, begin))
    return Pair((end, end), (begin, stop)) if kind is EventKind.PASSAGE_ADDED else words


class _Side:
    """A sentence of one of the texts, and what its words are."""

    def __init__(self, text: _Text, passage: Range) -> None:
        self.text = text
        self.ranges = word_ranges(text.text, *passage)
        self.kinds = kinds(text.text, self.ranges)
        self.sources = sources(text.text, passage, text.quoted)

    def words(self, part: Range) -> list[int]:
        """Which words stand in a changed part."""
        first, last = (bisect_left(self.ranges, (place, 0)) for place in part)
        return list(range(first, last))

    def quotes(self, part: Range) -> bool:
        """Whether every word of the part is quoted, or the part has none and stands within a quotation."""
        places = [self.ranges[number][0] for number in self.words(part)] or [part[0]]
        return all(holds(self.text.quoted, place) for place in places)

    def beside(self, part: Range) -> bool:
        """Whether a number stands in the part or right behind it."""
        numbers = self.words(part)
        last = numbers[-1] + 1 if numbers else len(self.ranges)
        return any(kind is Kind.FIGURE for kind in self.kinds[numbers[0] if numbers else last : last + 1])

    def plain(self, part: Range) -> list[int]:
        """The words of the part that tell no quantity and no date."""
        counted = self.beside(part)
        taken = {Kind.FIGURE, Kind.UNIT, Kind.DATE} | ({Kind.QUALIFIER} if counted else set())
        return [number for number in self.words(part) if self.kinds[number] not in taken]

    def sourced(self, numbers: Iterable[int]) -> bool:
        return all(holds(self.sources, self.ranges[number][0]) for number in numbers)


def _kinds(words: Pair, older: _Side, newer: _Side) -> set[EventKind]:
    """All kinds of one changed passage inside a sentence."""
    sides = [(side, part) for side, part in ((older, words.older), (newer, words.newer)) if part[0] < part[1]]
    removed, added = older.text.text[slice(*words.older)], newer.text.text[slice(*words.newer)]
    if _same_meaning(words, older.text.text, newer.text.text):
        return {EventKind.QUOTE if quote_marks(removed) != quote_marks(added) else EventKind.COSMETIC}
    found = set(_told(sides))
    if _is_sign(removed) and _is_sign(added):
        return {EventKind.FIGURE}
    if any(holds(side.text.bylines, part[0]) for side, part in sides):
        return {EventKind.BYLINE}
    if all(holds(side.text.datelines, part[0]) for side, part in sides):
        return {EventKind.BYLINE if _in_brackets(*sides[0]) else EventKind.DATE}
    quoted = [side.quotes(part) for side, part in sides]
    sourced = any(plain and side.sourced(plain) for side, part in sides if (plain := _weighty(side, part)))
    if all(quoted) or (any(quoted) and not sourced):
        return found | {EventKind.QUOTE}
    if sourced:
        return found | {EventKind.ATTRIBUTION}
    lost, come = ([number for part_side, part in sides if part_side is side for number in _weighty(side, part)] for side in (older, newer))
    if not found and not lost and not come:
        lost, come = older.words(words.older), newer.words(words.newer)
    rest = {EventKind.PASSAGE_REMOVED} if lost else set()
    return found | rest | ({EventKind.PASSAGE_ADDED} if come else set()) or {EventKind.COSMETIC}


def _same_meaning(words: Pair, before: str, after: str) -> bool:
    """Whether two passages differ in typography alone; read with their neighbours, because a dash before a number is a minus."""
    (i, j), (k, m) = words
    left, right = before[i - 1 : i] if i else "", after[k - 1 : k] if k else ""
    if left != right:
        left = right = ""
    return fold(left + before[i : j + 1]) == fold(right + after[k : m + 1]) or fold(before[i:j]) == fold(after[k:m]) != ""


def _told(sides: Sequence[tuple[_Side, Range]]) -> Iterator[EventKind]:
    """Whether the passage tells a date or a quantity; a unit is one where its counterpart is one too, or nothing."""
    told = [{side.kinds[number] for number in side.words(part)} for side, part in sides]
    if any(Kind.DATE in found for found in told):
        yield EventKind.DATE
    qualified = any(Kind.QUALIFIER in found and side.beside(part) for found, (side, part) in zip(told, sides, strict=True))
    if any(Kind.FIGURE in found for found in told) or all(Kind.UNIT in found for found in told) or qualified:
        yield EventKind.FIGURE


def _weighty(side: _Side, part: Range) -> list[int]:
    """The plain words of the part that say something by themselves."""
    return [number for number in side.plain(part) if side.kinds[number] is not Kind.SMALL]


def _is_sign(text: str) -> bool:
    """Whether nothing but a currency's or a number's sign stands there, or nothing."""
    return all(char in _CURRENCY or char.isspace() for char in text)


def _in_brackets(side: _Side, part: Range) -> bool:
    before = side.text.text[: part[0]].rpartition("\n")[2]
    return before.count("(") > before.count(")")
