"""Hard line breaks: texts that a mail program or a terminal has wrapped, where a line is no paragraph.

``wraps(text)`` gives the spans of the line breaks that stand for a space; none for a text whose lines are paragraphs.  The test is what a
program does that wraps: it breaks a line where the next word would not have fitted.  Where most line breaks between lines that touch
are such breaks, the text is wrapped, and they are undone; the others part paragraphs.
"""

import re
from itertools import pairwise

_LINE = re.compile(r"[^\r\n]+")
_BREAK = re.compile(r"\r\n|[\r\n]")
_WIDEST = 130  # characters: paragraphs on one line are longer
_FEWEST = 6  # line breaks: fewer show no pattern
_MOST = 0.6  # of the line breaks: in wrapped texts 0.7 and more, in lists and verse less than 0.3
_OUTLIERS = 0.95  # of the lines are not wider than the width; a long URL may be


def wraps(text: str) -> list[tuple[int, int]]:
    """The spans of the line breaks that wrapping has put in."""
    pairs = pairwise(_LINE.finditer(text))
    touching = [pair for pair in pairs if _BREAK.fullmatch(text, pair[0].end(), pair[1].start()) and pair[1][0].strip()]
    if len(touching) < _FEWEST:
        return []
    width = sorted(len(first[0]) for first, _ in touching)[int(len(touching) * _OUTLIERS)]
    full = [(first.end(), second.start()) for first, second in touching if len(first[0].rstrip()) + 1 + len(second[0].split()[0]) > width]
    return full if width <= _WIDEST and len(full) >= _MOST * len(touching) else []
