"""The quotations of one document: marks, attribution, and what one quotation lends to the next.

A quotation without an attribution of its own in a paragraph goes on with the speaker of the one before it there; one that is a paragraph
has the speaker of the paragraph before it, or the name on the line below it.  Two passages that only an attribution parts
("…," he said, "…") are one quotation with parts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.kinds import BlockKind
from archive.records import Document
from archive.relations import Quote, TextSpan
from pipeline.quotes.frames import Frame, Frames
from pipeline.quotes.grammar import Grammar, spoken
from pipeline.quotes.marks import Marked, marked
from pipeline.quotes.names import Names
from pipeline.quotes.passed import passed
from pipeline.quotes.prose import Prose, prose, tokens
from pipeline.quotes.subjects import Subjects

_NO_SPEECH = frozenset({BlockKind.HEADLINE, BlockKind.RELATED, BlockKind.PROMOTION, BlockKind.CREDIT})
_FEW = 5  # words below which a passage is speech only where somebody is said to have said it
_SIGNED = re.compile(r"\s*\n\s*(?:[-–—~]|by )\s*(\S[^\n]{0,60})(?=\n|\Z)")
_STOP = re.compile(r"[.!?…]$")
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_LINK = re.compile(r"[,–—-]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What is known of one text."""

    document: Document
    prose: Prose
    grammar: Grammar
    names: Names
    subjects: Subjects
    frames: Frames


def attributed(document: Document) -> tuple[Quote, ...]:
    """The direct quotations of a document, in order of start."""
    found = [passage for passage in marked(document.text) if _is_speech(document, passage)]
    top = [passage for passage in found if passage.inside is None]
    grammar = spoken(document.language, document.text)
    if not top:
        return ()
    if grammar is None:
        return tuple(_bare(document, passage) for passage in found)
    said = prose(document.text, [passage.outer for passage in top], grammar)
    names = Names(said, grammar)
    subjects = Subjects(said, names, grammar)
    reading = _Reading(
        document=document, prose=said, grammar=grammar, names=names, subjects=subjects, frames=Frames(said, names, subjects, grammar)
    )
    quotes = _joined(reading, _spoken(reading, top))
    kept = {quote.start for quote in quotes}
    inner = [_bare(document, passage) for passage in found if passage.inside is not None and passage.inside in kept]
    return tuple(sorted([*quotes, *inner], key=lambda quote: (quote.start, -quote.end)))


def _is_speech(document: Document, passage: Marked) -> bool:
    return True


def _bare(document: Document, passage: Marked) -> Quote:
    return Quote(
        document=document.capture,
        start=passage.start,
        end=passage.end,
        text=document.text[passage.start : passage.end],
        inside=passage.inside,
        parts=passage.parts,
        rule="marks",
    )


def _spoken(reading: _Reading, top: Sequence[Marked]) -> list[tuple[Quote, Marked, Frame | None]]:
    """Each passage that is speech, with its speaker; in order, because one lends its speaker to the next."""
    found: list[tuple[Quote, Marked, Frame | None]] = []
    for passage in top:
        frame = reading.frames.frame(passage.outer)
        quote = _bare(reading.document, passage)
        if frame is not None and not _is_name(quote.text, frame):
            quote = _with(reading, quote, passage, frame)
        elif _lone(quote.text) or (_whole(quote.text) and found and _same_line(reading, found[-1][1], passage)):
            quote, frame = _lent(reading, quote, passage, found[-1] if found else None), None
        else:
            continue
        if quote.speaker is not None:
            reading.subjects.told[reading.prose.sentence(passage.outer[0])] = quote.speaker
        found.append((quote, passage, frame))
    return found


def _with(reading: _Reading, quote: Quote, passage: Marked, frame: Frame) -> Quote:
    subject = frame.subject
    start, end = reading.frames.bounds(passage.outer)
    via = passed(reading.prose, reading.names, reading.grammar, (max(start, passage.outer[0] - 400), min(end, passage.outer[1] + 400)), None if subject is None else subject.name)
    return replace(
        quote,
        speaker=None if subject is None else subject.name,
        speaker_span=None if subject is None else subject.span,
        via=via[0] if via else None,
        via_span=via[1] if via else None,
        cue=frame.cue,
        rule=frame.rule,
    )


def _is_name(text: str, frame: Frame) -> bool:
    """Whether a short passage is a title or a name that its sentence only mentions: all its words are written large."""
    if frame.rule in {"verb behind", "verb and subject behind", "verb before"}:
        return False
    found = _WORD.findall(text)
    return 0 < len(found) < _FEW and all(word[0].isupper() or len(word) < 4 for word in found) and not _STOP.search(text) and found[0][0].isupper()


def _lone(text: str) -> bool:
    """Whether a passage without an attribution is speech all the same: a sentence, not a word or a name."""
    found = _WORD.findall(text)
    large = sum(word[0].isupper() for word in found)
    return len(found) >= _FEW and large <= len(found) / 2


def _whole(text: str) -> bool:
    return text[0].isupper() and bool(_STOP.search(text))


def _same_line(reading: _Reading, before: Marked, passage: Marked) -> bool:
    return "\n" not in reading.document.text[before.outer[1] : passage.outer[0]]


def _lent(reading: _Reading, quote: Quote, passage: Marked, before: tuple[Quote, Marked, Frame | None] | None) -> Quote:
    """The quotation with the speaker that its neighbours lend it."""
    text = reading.document.text
    if match := _SIGNED.match(text, passage.outer[1]):
        span = match.span(1)
        return replace(quote, speaker=match[1].strip(), speaker_span=(span[0], span[0] + len(match[1].rstrip())), rule="signed below")
    line = text.rfind("\n", 0, passage.outer[0]) + 1
    if before is not None and before[1].outer[0] >= line or (before is not None and before[1].outer[1] > line):
        return _same(quote, before[0], "speaker of the quotation before")
    alone = not text[line : passage.outer[0]].strip()
    number = reading.prose.sentence(passage.outer[0]) - 1
    if not alone:
        subject = reading.subjects.main(*reading.prose.sentences[number]) if number >= 0 and reading.prose.sentences[number][0] >= line else None
        return quote if subject is None else replace(quote, speaker=subject.name, speaker_span=subject.span, rule="subject of the sentence before")
    return _after_paragraph(reading, quote, before, line)


def _same(quote: Quote, before: Quote, rule: str) -> Quote:
    return replace(quote, speaker=before.speaker, speaker_span=before.speaker_span, via=before.via, via_span=before.via_span, rule=rule)


def _after_paragraph(reading: _Reading, quote: Quote, before: tuple[Quote, Marked, Frame | None] | None, line: int) -> Quote:
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
    subject = reading.subjects.main(start, end)
    if subject is None and told is None:
        return quote
    if subject is None:
        return replace(quote, speaker=told, rule="speaker of the paragraph before")
    return replace(quote, speaker=subject.name, speaker_span=subject.span, rule="subject of the paragraph before")


def _joined(reading: _Reading, found: Sequence[tuple[Quote, Marked, Frame | None]]) -> list[Quote]:
    """Passages that only an attribution parts as one quotation."""
    quotes: list[Quote] = []
    last: tuple[Quote, Marked, Frame | None] | None = None
    for one in found:
        if last is not None and _continues(reading, last, one):
            quote = quotes[-1]
            parts = (*(quote.parts or ((quote.start, quote.end),)), *(one[0].parts or ((one[0].start, one[0].end),)))
            quotes[-1] = replace(quote, end=one[0].end, text=reading.document.text[quote.start : one[0].end], parts=parts)
        else:
            quotes.append(one[0])
        last = (quotes[-1], one[1], one[2] if one[2] is not None else last[2] if last else None)
    return quotes


def _continues(reading: _Reading, last: tuple[Quote, Marked, Frame | None], one: tuple[Quote, Marked, Frame | None]) -> bool:
    gap = reading.prose.outside[last[1].outer[1] : one[1].outer[0]]
    if len(gap) > 200 or "\n" in gap or not _LINK.search(gap) or last[2] is None or last[0].speaker != one[0].speaker:
        return False
    if reading.prose.sentence(last[1].outer[0]) != reading.prose.sentence(one[1].outer[0]):
        return False
    inside = tokens(reading.prose, last[1].outer[1], one[1].outer[0])
    verbs = [word for word in inside if reading.grammar.says(word.word) or word.word in reading.grammar.sets["participles"]]
    return len(verbs) == 1 and last[2].cue[0] >= last[1].outer[1]
