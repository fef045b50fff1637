"""Attributions inside a quotation, and speech that a dash opens: « Nous partons, dit-il, ce soir », — Мы уходим, — сказал он. — Сейчас.

``pieces(text, outer, grammar)`` gives the ranges of a quotation that are speech, its marks with the first and the last: one range where
nothing breaks it.  ``dialogue(text, taken, grammar)`` gives the lines that a dash opens, each with its pieces, where a verb of saying
stands behind a second dash: without that a dash may be anything.  Only Spanish, French and Russian set either.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from archive.relations import TextSpan
from pipeline.quotes.grammar import Grammar
from pipeline.quotes.prose import TOKEN

_LANGUAGES = frozenset({"es", "fr", "ru"})
_DASH = re.compile(r"[,.!?…]?\s+[—–]\s*(?=[^\W\d_])|[,.!?…]\s?—\s*(?=[^\W\d_])")
_COMMA = re.compile(r",\s+(?=(?:a-)?(?:t-)?[^\W\d_]+(?:-t)?-(?:il|elle|ils|elles|on)\b)")
_COMMA_SPOKEN = re.compile(r",\s+(?=[^\W\d_]+\s+[^\W\d_])")
_END = re.compile(r"[,.]?\s*[—–][.,]?\s*|,\s*(?=[»”\"]|\Z)|\.(?=\s|\Z)")
_COMMA_END = re.compile(r"[,.]\s*")
_LINE = re.compile(r"^[ \t]*[—–][ \t]*(?=\S)", re.MULTILINE)
_LONGEST = 90  # characters of an attribution inside a quotation
_MOST = 20  # of them in one quotation
_LEAD = 3  # words in which its verb stands


def pieces(text: str, outer: TextSpan, grammar: Grammar, *, dashed: bool = False) -> tuple[TextSpan, ...]:
    """The ranges of a quotation that are speech; ``dashed``: a dash opens it, so that a comma may end it."""
    if grammar.language not in _LANGUAGES:
        return (outer,)
    at, found = outer[0], []
    for start, end, goes_on in _incises(text, outer, grammar, dashed=dashed):
        found.append((at, start))
        at = end
        if not goes_on:
            return tuple(found)
    return (*found, (at, outer[1]))


def dialogue(text: str, taken: Sequence[TextSpan], grammar: Grammar) -> Iterator[tuple[TextSpan, ...]]:
    """The pieces of each line that a dash opens; lines with quotation marks, which are ``taken``, are left to these."""
    if grammar.language not in _LANGUAGES:
        return
    starts = [start for start, _ in taken]
    for match in _LINE.finditer(text):
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        held = bisect_left(starts, match.start())
        if held < len(starts) and starts[held] < end:
            continue
        found = pieces(text, (match.end(), end), grammar, dashed=True)
        if found[0][1] < end:
            yield tuple(piece for piece in found if text[slice(*piece)].strip())


def _incises(text: str, outer: TextSpan, grammar: Grammar, *, dashed: bool) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each attribution inside, and whether speech goes on behind it."""
    at = outer[0]
    for _ in range(_MOST):
        dash = _DASH.search(text, at, outer[1])
        comma = (_COMMA_SPOKEN if dashed else _COMMA).search(text, at, outer[1]) if grammar.language == "fr" else None
        lead = min((match for match in (dash, comma) if match is not None), key=lambda match: match.start(), default=None)
        if lead is None:
            return
        at = lead.end()
        closing = (_COMMA_END if lead is comma else _END).search(text, at, min(outer[1], at + _LONGEST))
        first = 1 if lead is comma and dashed else _LEAD
        if not _says(text, at, closing.start() if closing else outer[1], grammar, first) or (closing is None and outer[1] - at > _LONGEST):
            continue
        end = closing.end() if closing else outer[1]
        yield (
            lead.start() + (text[lead.start()] in "!?…"),
            end,
            closing is not None and (lead is comma or "—" in closing[0] or "–" in closing[0]),
        )
        at = end


def _says(text: str, start: int, end: int, grammar: Grammar, most: int) -> bool:
    words = [match[0].casefold() for _, match in zip(range(most), TOKEN.finditer(text, start, end), strict=False)]
    return any(grammar.says(word) for word in words)
