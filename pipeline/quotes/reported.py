"""Indirect speech, where a language marks it plainly: a subject, a verb of saying and its word of "that".

``reported(document)`` gives what follows that word up to the end of the sentence, as quotations with ``direct`` False, of sentences in
which nothing is quoted and whose subject has a name or a title.  In other shapes indirect speech is not told from narration, and left.
"""

from collections.abc import Iterator

from archive.records import Document
from archive.relations import Quote, TextSpan
from pipeline.quotes.attributed import Reading, read
from pipeline.quotes.passed import passed
from pipeline.quotes.prose import SIGNS, tokens

_STOPS = ".!?… "
_REACH = 400  # characters in which a sentence has its verb


def reported(document: Document) -> tuple[Quote, ...]:
    """The indirect speech of a document, in order of start; empty where its language has no grammar."""
    reading, _, _ = read(document)
    return () if reading is None else tuple(quote for span in reading.prose.sentences for quote in _in_sentence(reading, span))


def _in_sentence(reading: Reading, sentence: TextSpan) -> Iterator[Quote]:
    start, end = sentence
    if any(reading.prose.outside.find(sign, start, end) >= 0 for sign in SIGNS):
        return
    words = tokens(reading.prose, start, min(end, start + _REACH))
    for place in range(1, len(words) - 1):
        if not (reading.grammar.holds("reported", words[place].word) and reading.grammar.holds("that", words[place + 1].word)):
            continue
        subject = reading.subjects.before(words[:place], words[place])
        first = words[place + 2].start if place + 2 < len(words) else end
        last = start + len(reading.document.text[start:end].rstrip(_STOPS))
        if subject is None or subject.name is None or first >= last:
            return
        via = passed(reading.prose, reading.names, reading.grammar, (start, min(end, start + _REACH)), subject.name)
        yield Quote(
            document=reading.document.capture,
            start=first,
            end=last,
            text=reading.document.text[first:last],
            direct=False,
            speaker=subject.name,
            speaker_span=subject.span,
            via=via[0] if via else None,
            via_span=via[1] if via else None,
            cue=(words[place].start, words[place].end),
            rule="verb and that",
        )
        return
