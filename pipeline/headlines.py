"""The headline of a text, its copies, and the path of sections that stands before it.

``read_headline(sheet)`` looks among the lines before the first paragraph.  A line that comes twice is the headline, also when one copy
has the path before it ("Home Europe Bridge reopens") or the outlet's name after it; else the first line of four words that is shaped
like one.  ``known_headline`` takes the copies of a title that is known from elsewhere.  A text that begins with its first paragraph has
no headline: None, never a guess.
"""

import re
from functools import cache

from rapidfuzz import fuzz

from pipeline.datelines import date_line
from pipeline.rulebook import rulebook
from pipeline.worksheet import Line, Sheet, count_words, folded, like_headline, stopped

_MOST_LINES = 40  # among which a headline is looked for
_LABEL_WORDS = 4
_STRANGERS = 3  # words beside the date on a line that is no headline: "By Jane Roe, March 3, 2024"
_PATH_WORDS = 8  # in what stands before a doubled headline
_PATH_SIGN = r"\s*[>»›/|→·•]\s*"
_CRUMB = r"[^\s>»›/|→·•]+(?: [^\s>»›/|→·•]+){0,2}"
_SUFFIX = re.compile(r"\s+[|–—-]\s+")
_SAME = 92  # rapidfuzz ratio of a first line and the title: a changed quote, an added word


def read_headline(sheet: Sheet) -> str | None:
    """Find the headline of a seed, cut it with all its copies, and give it."""
    _cut_paths(sheet)
    lines = [line for line in sheet.head()[:_MOST_LINES] if like_headline(sheet.left(line))]
    if not lines:
        return None
    chosen = _twice(sheet, lines) or _unfold(sheet, max(lines, key=lambda line: _likelihood(sheet.left(line))))
    headline = sheet.left(chosen)
    sheet.cut(chosen, "headline")
    head = {id(line) for line in sheet.head()}
    for line in sheet.remaining():
        # Inside the article a line may end with the words of the headline: "He asked: will the bridge open in May?"
        _cut_copy(sheet, line, headline, dressed=id(line) in head)
    _cut_labels(sheet)
    return headline


def known_headline(sheet: Sheet, title: str) -> None:
    """Cut the first lines that are ``title``, or the title without the outlet's name."""
    forms = {folded(title), *map(folded, _SUFFIX.split(title))}
    forms = {form for form in forms if count_words(form) >= 3} or {folded(title)}
    for line in [*sheet.head(), *sheet.remaining()[:1]]:
        text = folded(sheet.left(line))
        if text and any(text == form or fuzz.ratio(text, form) >= _SAME for form in forms):
            sheet.cut(line, "headline")


def _likelihood(text: str) -> int:
    """Of several lines the first without a date and with four words is the headline; names of outlets and people are shorter."""
    return 2 * (date_line(text, _STRANGERS) is None) + (count_words(text) >= 4)


def _cut_labels(sheet: Sheet) -> None:
    """Cut what else stands around a headline: a line with a date in it, a name or a section in a few capitalised words."""
    head = sheet.head()
    if len(head) == len(sheet.remaining()):
        return
    for line in head:
        text = sheet.left(line)
        if said := date_line(text, _STRANGERS):
            sheet.cut(line, "date")
            sheet.found["later" if said.later else "published"] += [said.day] if said.day else []
        elif not stopped(text) and all(word[:1].isupper() for word in text.split()) and count_words(text) <= _LABEL_WORDS:
            sheet.cut(line, "label")


def _twice(sheet: Sheet, lines: list[Line]) -> Line | None:
    """The plain copy of a headline that stands twice among ``lines``."""
    for line in lines:
        text = folded(sheet.left(line))
        others = (folded(sheet.left(other)) for other in sheet.head()[:_MOST_LINES] if other is not line)
        if any(other == text or _around(other, text) is not None for other in others):
            return line
    return None


def _around(text: str, headline: str) -> tuple[str, str] | None:
    """What stands before or after ``headline`` in a folded line: a path of sections, or a sign and the outlet's name."""
    if text.endswith(" " + headline) and count_words(before := text[: -len(headline)]) <= _PATH_WORDS:
        return before, ""
    if text.startswith(headline + " ") and _SUFFIX.match(after := text[len(headline) :]) and count_words(after) <= _PATH_WORDS:
        return "", after
    return None


def _cut_copy(sheet: Sheet, line: Line, headline: str, *, dressed: bool) -> None:
    """Cut a line that is the headline or, with ``dressed``, the headline with a path before or the outlet's name after it."""
    text = sheet.left(line)
    around = ("", "") if folded(text) == folded(headline) else _around(folded(text), folded(headline)) if dressed else None
    if around is None:
        return
    if around[0]:
        # Folding keeps the number of words, so the headline is the line's last words.
        words = list(re.finditer(r"\S+", text))
        sheet.cut(line, "breadcrumb", end=line.start + words[-len(headline.split())].start())
    sheet.cut(line, "headline-repeat")


def _unfold(sheet: Sheet, line: Line) -> Line:
    """Cut the second half of a line that says the same thing twice."""
    words = list(re.finditer(r"\S+", sheet.left(line)))
    half, odd = divmod(len(words), 2)
    if not odd and half >= 3 and [folded(word[0]) for word in words[:half]] == [folded(word[0]) for word in words[half:]]:
        sheet.cut(line, "headline-repeat", start=line.start + words[half].start())
    return line


def _cut_paths(sheet: Sheet) -> None:
    """Cut a path with signs, "Home > World > ", that leads to a headline on the same line."""
    for line in sheet.head():
        if (match := _path().match(sheet.left(line))) and count_words(sheet.left(line)[match.end() :]) >= 3:
            sheet.cut(line, "breadcrumb", end=line.start + match.end())


@cache
def _path() -> re.Pattern[str]:
    return rulebook().compiled(rf"%section%{_PATH_SIGN}(?:{_CRUMB}{_PATH_SIGN})*")
