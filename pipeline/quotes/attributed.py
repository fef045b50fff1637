"""The quotations of one document: marks, attribution, and what one quotation lends to the next.

A quotation without an attribution of its own in a paragraph goes on with the speaker of the one before it there; one that is a paragraph
has the speaker of the paragraph before it, or the name on the line below it.  Two passages that only an attribution parts
("…," he said, "…") are one quotation with parts.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from archive.kinds import BlockKind
from archive.records import Document
from archive.relations import Quote, TextSpan
from pipeline.quotes.frames import Frame, Frames
from pipeline.quotes.grammar import Grammar, spoken
from pipeline.quotes.incises import dialogue, pieces
from pipeline.quotes.marks import Marked, marked
from pipeline.quotes.names import Names
from pipeline.quotes.passed import passed
from pipeline.quotes.prose import Prose, prose, tokens
from pipeline.quotes.subjects import Subject, Subjects
from pipeline.sentences import holds

_NO_SPEECH = frozenset({BlockKind.HEADLINE, BlockKind.RELATED, BlockKind.PROMOTION, BlockKind.CREDIT})
_REACH = 400  # characters around a quotation in which the one who passes it on is named
_PARTED = 200  # between two passages that an attribution parts
_FEW = 5  # words below which a passage is speech only where somebody is said to have said it
_CALLED = 30  # characters in which the word before a name begins
_SIGNED = re.compile(r"\s*\n\s*(?:[-–—~]|by )\s*(\S[^\n]{0,60})(?=\n|\Z)")
_STOP = re.compile(r"[.!?…]$")
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_LINK = re.compile(r"[,–—-]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    """A passage of speech: its words, what its marks enclose, and the pieces of that which are speech."""

    start: int
    end: int
    outer: TextSpan
    pieces: tuple[TextSpan, ...]
    parts: tuple[TextSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known of one text."""

    document: Document
    prose: Prose
    grammar: Grammar
    names: Names
    subjects: Subjects
    frames: Frames


_Spoken: TypeAlias = tuple[Quote, _Passage, Frame | None]


def read(document: Document) -> tuple[Reading | None, tuple[Marked, ...], tuple[_Passage, ...]]:
    """What is known of a document, None without a grammar for it; the passages between its marks; those of them at the top."""
    found = _speech(document, marked(document.text))
    grammar = spoken(document.language, document.text)
    if grammar is None:
        return None, found, ()
    top = _broken(document, [passage for passage in found if passage.inside is None], grammar)
    said = prose(document.text, [piece for passage in top for piece in passage.pieces], grammar)
    names = Names(said, grammar)
    subjects = Subjects(said, names, grammar)
    frames = Frames(said, names, subjects, grammar)
    return Reading(document=document, prose=said, grammar=grammar, names=names, subjects=subjects, frames=frames), found, top


def attributed(document: Document) -> tuple[Quote, ...]:
    """The direct quotations of a document, in order of start."""
    reading, found, top = read(document)
    if reading is None:
        return tuple(_bare(document, passage) for passage in found)
    quotes = _joined(reading, _spoken(reading, top))
    kept = {quote.start for quote in quotes}
    inner = [_bare(document, passage) for passage in found if passage.inside is not None and passage.inside in kept]
    return tuple(sorted([*quotes, *inner], key=lambda quote: (quote.start, -quote.end)))


def _speech(document: Document, found: Sequence[Marked]) -> tuple[Marked, ...]:
    """The passages that do not stand in a headline, a teaser or a credit."""
    closed = [(block.start, block.end) for block in document.blocks if block.kind in _NO_SPEECH]
    return tuple(passage for passage in found if not holds(closed, passage.start))


def _broken(document: Document, top: Sequence[Marked], grammar: Grammar) -> tuple[_Passage, ...]:
    """The passages with the attributions that stand inside them taken out, the lines that a dash opens, and the page's block quotations."""
    text = document.text
    marks = [_passage(text, pieces(text, passage.outer, grammar), passage) for passage in top]
    lines = [_passage(text, found, None) for found in dialogue(text, [passage.outer for passage in top], grammar)]
    taken = sorted(passage.outer for passage in [*marks, *lines])
    starts = [start for start, _ in taken]
    blocks = [
        _passage(text, ((block.start, block.end),), None)
        for block in document.blocks
        if block.kind is BlockKind.QUOTE and bisect_left(starts, block.start) == bisect_left(starts, block.end) and block.text.strip()
        if not holds(taken, block.start)
    ]
    return tuple(sorted([*marks, *lines, *blocks], key=lambda passage: passage.start))


def _passage(text: str, found: Sequence[TextSpan], whole: Marked | None) -> _Passage:
    if whole is not None and len(found) == 1 and found[0] == whole.outer:
        return _Passage(start=whole.start, end=whole.end, outer=whole.outer, pieces=(whole.outer,), parts=whole.parts)
    first = whole.start if whole is not None else found[0][0]
    last = whole.end if whole is not None else found[-1][1]
    parts = [_bounded(text, max(start, first), min(end, last)) for start, end in found]
    return _Passage(
        start=parts[0][0],
        end=parts[-1][1],
        outer=(found[0][0], found[-1][1]),
        pieces=tuple(found),
        parts=tuple(parts) if len(parts) > 1 else (),
    )


def _bounded(text: str, start: int, end: int) -> TextSpan:
    while start < end and (text[start].isspace() or text[start] in ".,"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _bare(document: Document, passage: Marked | _Passage) -> Quote:
    return Quote(
        document=document.capture,
        start=passage.start,
        end=passage.end,
        text=document.text[passage.start : passage.end],
        inside=passage.inside if isinstance(passage, Marked) else None,
        parts=passage.parts,
        rule="marks",
    )


def _spoken(reading: Reading, top: Sequence[_Passage]) -> list[_Spoken]:
    """Each passage that is speech, with its speaker; in order, because one lends its speaker to the next."""
    found: list[_Spoken] = []
    for passage in top:
        if _is_called(reading, passage):
            continue
        frame = reading.frames.frame(passage.pieces[0])
        quote = _bare(reading.document, passage)
        last = found[-1] if found else None
        if frame is None and last is not None and _parted(reading, last, passage):
            quote, frame = _same(quote, last[0], "speaker of the words before"), last[2]
        elif frame is not None and not _is_name(quote.text, frame, grammar=reading.grammar):
            quote = _with(reading, quote, passage, frame)
        elif _lone(quote.text) or (_whole(reading.document.text, quote) and found and _same_line(reading, found[-1][1], passage)):
            quote, frame = _lent(reading, quote, passage, found[-1] if found else None), None
        else:
            continue
        if quote.speaker is not None:
            reading.subjects.told[reading.prose.sentence(passage.outer[0])] = quote.speaker
        found.append((quote, passage, frame))
    return found


def _with(reading: Reading, quote: Quote, passage: _Passage, frame: Frame) -> Quote:
    subject = frame.subject
    start, end = reading.frames.bounds(passage.outer)
    near = (max(start, passage.outer[0] - _REACH), min(end, passage.outer[1] + _REACH))
    via = None
    if frame.rule != "phrase":
        via = passed(reading.prose, reading.names, reading.grammar, near, None if subject is None else subject.name)
    if via is None and frame.through is not None and (named := reading.names.between(*frame.through.span)):
        via = named[0].text, (named[0].start, named[0].end)
    return replace(
        quote,
        speaker=None if subject is None else subject.name,
        speaker_span=None if subject is None else subject.span,
        via=via[0] if via else None,
        via_span=via[1] if via else None,
        cue=frame.cue,
        rule=frame.rule,
    )


def _is_name(text: str, frame: Frame, *, grammar: Grammar) -> bool:
    """Whether a short passage is a title or a name that its sentence only mentions: all its words are written large."""
    if grammar.language == "de" or frame.rule in {"verb behind", "verb and subject behind", "verb before"}:
        return False
    found = _WORD.findall(text)
    return (
        0 < len(found) < _FEW
        and all(word[0].isupper() or len(word) < 4 for word in found)
        and not _STOP.search(text)
        and found[0][0].isupper()
    )


def _is_called(reading: Reading, passage: _Passage) -> bool:
    """Whether a passage is the name of a firm or a paper, which Russian sets in marks behind the word for what it is: "газета «Труд»"."""
    if reading.grammar.language != "ru":
        return False
    text = reading.document.text[passage.start : passage.end]
    before = tokens(reading.prose, max(passage.outer[0] - _CALLED, 0), passage.outer[0])
    adjacent = bool(before) and reading.prose.outside[before[-1].end : passage.outer[0]] == " "
    if not adjacent or reading.grammar.says(before[-1].word) or not reading.document.text[before[-1].start].islower():
        return False
    return text[:1].isupper() and len(_WORD.findall(text)) < _FEW and not _STOP.search(text)


def _lone(text: str) -> bool:
    """Whether a passage without an attribution is speech all the same: a sentence, not a word or a name."""
    found = _WORD.findall(text)
    large = sum(word[0].isupper() for word in found)
    return len(found) >= _FEW and large <= len(found) / 2


def _whole(text: str, quote: Quote) -> bool:
    """Whether a passage is a sentence: a capital, and a stop before or behind its mark."""
    return quote.text[0].isupper() and bool(_STOP.search(quote.text) or _STOP.search(text[quote.end : quote.end + 2].rstrip()))


def _same_line(reading: Reading, before: _Passage, passage: _Passage) -> bool:
    return "\n" not in reading.document.text[before.outer[1] : passage.outer[0]]


def _lent(reading: Reading, quote: Quote, passage: _Passage, before: _Spoken | None) -> Quote:
    """The quotation with the speaker that its neighbours lend it."""
    text = reading.document.text
    if match := _SIGNED.match(text, passage.outer[1]):
        span = match.span(1)
        return replace(quote, speaker=match[1].strip(), speaker_span=(span[0], span[0] + len(match[1].rstrip())), rule="signed below")
    line = text.rfind("\n", 0, passage.outer[0]) + 1
    if (before is not None and before[1].outer[0] >= line) or (before is not None and before[1].outer[1] > line):
        return _same(quote, before[0], "speaker of the quotation before")
    alone = not text[line : passage.outer[0]].strip()
    number = reading.prose.sentence(passage.outer[0]) - 1
    if not alone:
        told = number >= 0 and reading.prose.sentences[number][0] >= line
        subject = reading.frames.saying(reading.prose.sentences[number]) if told else None
        return quote if subject is None else _told(reading, quote, subject, number, "subject of the sentence before")
    return _after_paragraph(reading, quote, before, line)


def _same(quote: Quote, before: Quote, rule: str) -> Quote:
    return replace(quote, speaker=before.speaker, speaker_span=before.speaker_span, via=before.via, via_span=before.via_span, rule=rule)


def _after_paragraph(reading: Reading, quote: Quote, before: _Spoken | None, line: int) -> Quote:
    """A paragraph that is a quotation: the speaker is that of the paragraph before it."""
    number = reading.prose.sentence(max(line - 1, 0))
    while number >= 0 and reading.prose.sentences[number][0] >= line:
        number -= 1
    if number < 0:
        return quote
    start, end = reading.prose.sentences[number]
    if before is not None and before[1].outer[1] > start and before[0].speaker is not None:
        return _same(quote, before[0], "speaker of the paragraph before")
    told = reading.subjects.told.get(number)
    subject = reading.frames.saying((start, end))
    if subject is None and told is None:
        return quote
    if subject is None:
        return replace(quote, speaker=told, rule="speaker of the paragraph before")
    return _told(reading, quote, subject, number, "subject of the paragraph before")


def _told(reading: Reading, quote: Quote, subject: Subject, number: int, rule: str) -> Quote:
    """The quotation of whom the sentence of that number is about, through whom that sentence names."""
    via = passed(reading.prose, reading.names, reading.grammar, reading.prose.sentences[number], subject.name) or (None, None)
    return replace(quote, speaker=subject.name, speaker_span=subject.span, via=via[0], via_span=via[1], rule=rule)


def _joined(reading: Reading, found: Sequence[_Spoken]) -> list[Quote]:
    """Passages that only an attribution parts as one quotation."""
    quotes: list[Quote] = []
    last: _Spoken | None = None
    for one in found:
        if last is not None and _continues(reading, last, one):
            quote = quotes[-1]
            parts = (*(quote.parts or ((quote.start, quote.end),)), *(one[0].parts or ((one[0].start, one[0].end),)))
            quotes[-1] = replace(quote, end=one[0].end, text=reading.document.text[quote.start : one[0].end], parts=parts)
        else:
            quotes.append(one[0])
        last = (quotes[-1], one[1], one[2] if one[2] is not None else last[2] if last else None)
    return quotes


def _continues(reading: Reading, last: _Spoken, one: _Spoken) -> bool:
    return last[0].speaker == one[0].speaker and _parted(reading, last, one[1])


def _parted(reading: Reading, last: _Spoken, passage: _Passage) -> bool:
    """Whether an attribution with one verb of saying, and nothing else, parts a passage from the one before it."""
    start, end = last[1].outer[1], passage.outer[0]
    gap = reading.prose.outside[start:end]
    if len(gap) > _PARTED or "\n" in gap or not _LINK.search(gap) or last[2] is None or not start <= last[2].cue[0] < end:
        return False
    if reading.prose.sentence(last[1].outer[0]) != reading.prose.sentence(passage.outer[0]):
        return False
    said = [word.word for word in tokens(reading.prose, start, end)]
    return sum(reading.grammar.says(word) or reading.grammar.holds("participles", word) for word in said) == 1
