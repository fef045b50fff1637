"""Paragraphs that a text says twice, because a page held its article twice.

A run of paragraphs that stands in the text before, word for word and in the same order, goes; the first copy stays.  A paraphrase is
no copy.  White space, case and the shape of quotes and dashes do not count, nor does a dateline before the first paragraph.  A run counts
only when one of its paragraphs is long enough ("No comment." may be said twice), and a paragraph alone only when it follows its
double or stands there exactly twice: the question that an interviewer puts to each guest is no copy.
"""

from collections import Counter

from pipeline.datelines import dateline
from pipeline.worksheet import PARAGRAPH_WORDS, Line, Sheet, count_words, folded

_EARLIER = 8  # places tried as the first copy of a paragraph that stands in many


def cut_repeats(sheet: Sheet, *, lines_alone: bool) -> int:
    """Cut the second copies and count them; with ``lines_alone`` a short line never goes: tables and lists repeat their words."""
    _cut_repeated_residue(sheet)
    lines = sheet.remaining()
    keys = [_key(sheet, line) for line in lines]
    long = [count_words(key) >= PARAGRAPH_WORDS for key in keys]
    times = Counter(keys)
    seen: dict[str, list[int]] = {}
    count = number = 0
    while number < len(lines):
        length = max((_run(keys, earlier, number) for earlier in seen.get(keys[number], ())[:_EARLIER]), default=0)
        copied = any(long[number : number + length]) and (length > 1 or times[keys[number]] == 2 or keys[number] == keys[number - 1])
        for at in range(number, number + length if copied else number):
            if long[at] or not lines_alone:
                sheet.cut(lines[at], "repeat")
                count += 1
        if not copied:
            seen.setdefault(keys[number], []).append(number)
        number += length if copied else 1
    return count


def _run(keys: list[str], earlier: int, later: int) -> int:
    """How many paragraphs from ``later`` on are those from ``earlier`` on."""
    length = 0
    while later + length < len(keys) and earlier + length < later and keys[earlier + length] == keys[later + length]:
        length += 1
    return length


def _key(sheet: Sheet, line: Line) -> str:
    text = sheet.left(line)
    filed = dateline(text)
    return folded(text[filed.length :] if filed else text)


def _cut_repeated_residue(sheet: Sheet) -> None:
    """The second copy of an article brings its date line, its caption and its byline along."""
    gone = {folded(line.whole) for line in sheet.lines if line.empty}
    for line in sheet.remaining():
        if folded(sheet.left(line)) in gone:
            sheet.cut(line, "repeat")
