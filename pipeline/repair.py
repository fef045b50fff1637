"""Stray markup in plain text: taken out so that every change can be undone.

``repair(text)`` gives the text as a reader should see it and the edits that lead there; ``raw`` turns a span of the repaired text into the
span of the text that was given.  Four things are edits: HTML tags (a tag between two letters leaves the space that it swallowed, a block
tag leaves a line break), character references (decoded), characters that no reader sees (soft hyphen, zero-width marks), and line breaks
that only wrap a paragraph (``pipeline.wraps``).
A tag that splits a word on purpose (``un<i>believ</i>able``) cannot be told from one that glued two words: both get the space, save
``sub``, ``sup`` and a single letter (``H<sub>2</sub>O``, an initial).
"""

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from pipeline.wraps import wraps

_INLINE = "a|abbr|acronym|b|big|cite|code|del|em|font|i|ins|mark|q|s|small|span|strike|strong|sub|sup|time|tt|u"
_BLOCK = (
    "article|aside|blockquote|br|center|div|figcaption|figure|footer|h[1-6]|header|hr|iframe|img|li|main|ol|p|section|table|tbody|td|tr|ul"
)
_STRAY = re.compile(
    rf"</?(?:(?P<inline>{_INLINE})|(?P<block>{_BLOCK}))(?:\s[^<>]{{0,1000}})?/?>|(?P<comment><!--.{{0,1000}}?-->)"
    r"|(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});)|(?P<hidden>[\u00ad\u200b\u2060\ufeff]+)",
    re.IGNORECASE | re.DOTALL,
)
_CLOSE_FITTING = frozenset({"sub", "sup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The characters from ``start`` to ``end`` of the given text, and what stands for them."""

    start: int
    end: int
    text: str
    rule: str


class Repaired:
    """A repaired text with the way back."""

    __slots__ = ("_shifts", "_starts", "_stops", "edits", "text")

    def __init__(self, original: str, edits: tuple[Edit, ...]) -> None:
        """Apply ``edits``, which are in order and do not overlap."""
        self.edits = edits
        pieces, at = [], 0
        for edit in edits:
            pieces += [original[at : edit.start], edit.text]
            at = edit.end
        self.text = "".join([*pieces, original[at:]])
        # After an edit, original offset = repaired offset + shift; an edit's own text lies from start to stop in the repaired text.
        self._shifts = list(accumulate(edit.end - edit.start - len(edit.text) for edit in edits))
        self._stops = [edit.end - shift for edit, shift in zip(edits, self._shifts, strict=True)]
        self._starts = [stop - len(edit.text) for edit, stop in zip(edits, self._stops, strict=True)]

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of the repaired text, not empty, stands for."""
        before = bisect_right(self._starts, start) - 1
        if before >= 0 and start < self._stops[before]:
            first = self.edits[before].start
        else:
            first = start + self._shift(bisect_right(self._stops, start))
        inside = bisect_left(self._stops, end)
        if inside < len(self.edits) and self._starts[inside] < end:
            return first, self.edits[inside].end
        return first, end + self._shift(inside)

    def _shift(self, applied: int) -> int:
        return self._shifts[applied - 1] if applied else 0


def untouched(text: str) -> Repaired:
    """``text`` as it is: in a page's text a tag is words about tags."""
    return Repaired(text, ())


def repair(text: str) -> Repaired:
    """``text`` without stray markup and without hard line breaks."""
    markup = list(_markup(text))
    taken = {at for edit in markup for at in range(edit.start, edit.end)}
    breaks = [Edit(start=start, end=end, text=" ", rule="line-break") for start, end in wraps(text) if start not in taken]
    return Repaired(text, tuple(sorted([*markup, *breaks], key=lambda edit: edit.start)))


def _markup(text: str) -> Iterator[Edit]:
    for match in _STRAY.finditer(text):
        rule = "entity" if match["entity"] else "invisible" if match["hidden"] else "markup"
        yield Edit(start=match.start(), end=match.end(), text=_instead(match, text), rule=rule)


def _instead(match: re.Match[str], text: str) -> str:
    if match["entity"]:
        decoded = html.unescape(match[0])
        return " " if decoded.isspace() else "" if decoded in "\u00ad\u200b\u2060\ufeff" else decoded
    if match["block"]:
        return "\n"
    if match["inline"] and match["inline"].lower() not in _CLOSE_FITTING:
        return _swallowed_space(text, match.start(), match.end())
    return ""


def _swallowed_space(text: str, start: int, end: int) -> str:
    before, after = text[start - 1 : start], text[end : end + 1]
    if not after.isalnum() or not (before.isalnum() or (before and before in ",;!?”»")):
        return ""
    initial = text[start - 2 : start - 1] == ">" or text[end + 1 : end + 2] == "<"
    return "" if initial else " "
