"""Paragraphs that a text says twice, because a page held its article twice.

A run of paragraphs that stands in the text before, word for word and in the same order, goes; the first copy stays.  A paraphrase is
no copy.  White space, case and the shape of quotes and dashes do not count, nor does a dateline before the first paragraph.  A run counts
only when one of its paragraphs is long enough ("No comment." may be said twice), and a paragraph alone only when it follows its
double or stands there exactly twice: the question that an interviewer puts to each guest is no copy.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.datelines import dateline
from pipeline.worksheet import PARAGRAPH_WORDS, Sheet, count_words, folded

_SHORTEST_FILED = 60  # characters of a paragraph with a dateline
_EARLIER = 8  # places tried as the first copy of a paragraph that stands in many


def cut_repeats(sheet: Sheet, *, lines_alone: bool) -> int:
    """Cut the second copies and count them; with ``lines_alone`` a short line never goes: tables and lists repeat their words."""
    _cut_repeated_residue(sheet)
    lines = sheet.remaining()
    keys = list(_keys([sheet.left(line) for line in lines]))
    if len(set(keys)) == len(keys):
        return 0
    long = [count_words(key) >= PARAGRAPH_WORDS for key in keys]
    count = 0
    for start, end in _copies(keys, long):
        for at in range(start, end):
            if long[at] or not lines_alone:
                sheet.cut(lines[at], "repeat")
                count += 1
    return count


def _copies(keys: Sequence[str], long: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The runs that stand in the text before; each is found by its first long paragraph, so that short lines cost nothing."""
    times = Counter(keys)
    seen: dict[str, list[int]] = {}
    done = 0
    for number in (at for at, is_long in enumerate(long) if is_long):
        if number < done:
            continue
        runs = [_run(keys, earlier, number, done) for earlier in seen.get(keys[number], ())[:_EARLIER]]
        start, end = max(runs, key=lambda run: run[1] - run[0], default=(number, number))
        if end - start > 1 or (end > start and (times[keys[number]] == 2 or keys[number] == keys[number - 1])):
            yield start, end
            done = end
        else:
            seen.setdefault(keys[number], []).append(number)


def _run(keys: Sequence[str], earlier: int, later: int, done: int) -> tuple[int, int]:
    """The paragraphs around ``later`` that are those around ``earlier``, not before ``done``; a copy does not overlap its original."""
    start, end, distance = later, later + 1, later - earlier
    while start - 1 >= max(done, distance) and keys[start - 1] == keys[start - 1 - distance]:
        start -= 1
    while end < len(keys) and end - distance < start and keys[end] == keys[end - distance]:
        end += 1
    return start, end


def _keys(texts: Sequence[str]) -> Iterator[str]:
    """What each line is compared by; only lines that end alike can be copies, and folding and looking for a dateline take time."""
    ends = [_end(text) for text in texts]
    same = Counter(ends)
    folds = [folded(text) if same[end] > 1 else text for text, end in zip(texts, ends, strict=True)]
    alike = Counter(fold[-_SHORTEST_FILED:] for fold in folds)
    for text, fold in zip(texts, folds, strict=True):
        filed = dateline(text) if len(text) >= _SHORTEST_FILED and alike[fold[-_SHORTEST_FILED:]] > 1 else None
        yield folded(text[filed.length :]) if filed else fold


def _end(text: str) -> str:
    """The last word."""
    return folded(text.rsplit(None, 1)[-1])


def _cut_repeated_residue(sheet: Sheet) -> None:
    """The second copy of an article brings its date line, its caption and its byline along."""
    gone = {folded(line.whole) for line in sheet.lines if line.empty}
    ends = {_end(line.whole) for line in sheet.lines if line.empty}
    for line in sheet.remaining() if gone else ():
        if _end(sheet.left(line)) in ends and folded(sheet.left(line)) in gone:
            sheet.cut(line, "repeat")
