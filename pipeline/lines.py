"""Whole lines held against the rules: share bars, and everything that ``rules/residue.yaml`` describes by place and shape."""

import re
from collections.abc import Iterator, Sequence

from pipeline.datelines import date_line
from pipeline.fields import read_field
from pipeline.rulebook import Rule, rulebook
from pipeline.worksheet import Line, Sheet, count_words, folded, like_headline, like_paragraph, stopped

_BETWEEN = re.compile(r"[\s.,:;|·•/–—()\[\]-]*")
_SENTENCE_ENDS = re.compile(r"[.!?…”\"’')»\]]\s*(?=[^\s.!?…”\"’')»\]])")
_ENDING = 600  # characters at the end of a paragraph in which residue is looked for
_SURE, _STRONG = frozenset({"strong", "act"}), frozenset({"strong"})
_NETWORKS = 3  # on one line, without a word that says "share"
_PARTS = re.compile(r"\s*[|•·]\s*|\s{3,}|\t")
_URL = re.compile(r"https?://[^\s\])>\"”]+")
_TITLES_AFTER_LABEL = 12  # that a list of related articles may hold

_Bar = tuple[Line, list[tuple[int, int, str]]]  # a line and the phrases that fill it: start, end and grade


def cut_runs(sheet: Sheet, *, ends: bool) -> None:
    """Cut share bars: lines made of their phrases alone and, with ``ends``, the same at the end of a paragraph."""
    group: list[_Bar] = []
    before: Line | None = None
    for line in [*sheet.remaining(), None]:
        items = _run(sheet.text, line.start, line.end) if line else None
        if line and items:
            group.append((line, items))
            continue
        # A bar may begin at the end of the paragraph before it: "… the board said. Share." and "Exit mobile version" on the next line.
        grades = _SURE if _cut_group(sheet, group) else _STRONG
        if before and ends:
            _cut_run_at_end(sheet, before, grades)
        group, before = [], line


def _cut_group(sheet: Sheet, group: list[_Bar]) -> bool:
    """Cut lines that follow each other when they are a share bar; whether they were."""
    grades = {grade for _, items in group for *_, grade in items}
    crowded = any(sum(grade == "network" for *_, grade in items) >= _NETWORKS for _, items in group)
    if not (grades & _SURE or crowded):
        return False
    for line, items in group:
        for _, end, _ in items:
            sheet.cut(line, "share-bar", end=end)
    return True


def _cut_run_at_end(sheet: Sheet, line: Line, grades: frozenset[str]) -> None:
    for start in _sentence_ends(sheet, line):
        items = _run(sheet.text, start, line.end)
        if items and any(grade in grades for *_, grade in items):
            for at, _, _ in reversed(items):
                sheet.cut(line, "share-bar", start=at)
            return


def _run(text: str, start: int, end: int) -> list[tuple[int, int, str]] | None:
    """The phrases of a share bar that fill the span from ``start`` to ``end``, with their grades; None when anything else is in it."""
    if end - start > _ENDING:
        return None
    items: list[tuple[int, int, str]] = []
    at, begin = _past_signs(text, start, end), start
    while at < end:
        match = rulebook().run.match(text, at, end)
        if match is None:
            return None
        at = _past_signs(text, match.end(), end)
        items.append((begin, match.end() + len(text[match.end() : at].rstrip()), str(match.lastgroup)))
        begin = at
    return items


def _past_signs(text: str, at: int, end: int) -> int:
    match = _BETWEEN.match(text, at, end)
    return match.end() if match else at


def _sentence_ends(sheet: Sheet, line: Line) -> Iterator[int]:
    """Where a sentence of ``line`` ends and something follows, near its end."""
    from_ = max(line.start, line.end - _ENDING)
    for match in _SENTENCE_ENDS.finditer(sheet.text, from_, line.end):
        yield match.end()


def apply_rules(sheet: Sheet, rules: Sequence[Rule], *, ends: bool) -> None:
    """Hold every line against the rules, first those that hold anywhere, then those that need to know where the article begins and ends."""
    anywhere = [rule for rule in rules if rule.where == "any"]
    _each_line(sheet, sheet.remaining(), anywhere, dates=False)
    if ends:
        _each_end(sheet, [rule for rule in rules if rule.ends])
    head, tail = sheet.head(), sheet.tail()
    _each_line(sheet, head, [rule for rule in rules if rule.where in {"head", "edge"}], dates=True)
    _each_line(sheet, tail, [rule for rule in rules if rule.where in {"tail", "edge"}], dates=True)
    before = {id(line) for line in head}
    inside = [line for line in sheet.remaining() if id(line) not in before]
    _each_line(sheet, inside, [rule for rule in rules if rule.where == "inside"], dates=False)


def _each_line(sheet: Sheet, lines: list[Line], rules: list[Rule], *, dates: bool) -> None:
    for number, line in enumerate(lines):
        if line.empty:
            continue
        text, known = sheet.left(line), len(sheet.found["related"])
        name = _take_parts(sheet, text, rules, dates=dates) or _take(sheet, text, rules, dates=dates)
        if name is None:
            continue
        sheet.cut(line, name)
        if name == "related":
            sheet.found["links"] += _URL.findall(text)
        if name == "related" and len(sheet.found["related"]) == known:
            _take_titles(sheet, text, lines[number + 1 : number + 1 + _TITLES_AFTER_LABEL])


def _take(sheet: Sheet, text: str, rules: list[Rule], *, dates: bool) -> str | None:
    """The name of the first rule that takes ``text`` whole; what the text says goes to the sheet."""
    if dates and (said := date_line(text)):
        if said.day:
            sheet.found["later" if said.later else "published"].append(said.day)
        return "date"
    length = len(text)
    fitting = [rule for rule in rules if length <= rule.most_characters]
    words, ended = (count_words(text), stopped(text)) if fitting else (0, False)
    for rule in fitting:
        if words > rule.most_words or (rule.open and ended) or not rule.only_with.search(text):
            continue
        if match := next(filter(None, (shape.fullmatch(text) for shape in rule.shapes)), None):
            _note(sheet, match)
            return rule.name
    return None


def _take_parts(sheet: Sheet, text: str, rules: list[Rule], *, dates: bool) -> str | None:
    """A line of several things with signs between, "By Jane Roe | March 3, 2024": all of them must be residue."""
    parts = [part for part in _PARTS.split(text) if part] if dates and len(text) < _ENDING else []
    if len(parts) < 2:
        return None
    trial = Sheet("")
    names = [_take(trial, part, rules, dates=True) for part in parts]
    if not all(names):
        return None
    for field, values in trial.found.items():
        sheet.found[field] += values
    return names[0]


def _each_end(sheet: Sheet, rules: list[Rule]) -> None:
    """Cut what a rule names at the end of a paragraph."""
    for line in sheet.remaining():
        for start in _sentence_ends(sheet, line):
            if name := _take(sheet, sheet.text[start : line.end], rules, dates=False):
                sheet.cut(line, name, start=start)
                break


def _take_titles(sheet: Sheet, label: str, following: list[Line]) -> None:
    """After a label that stands alone: the title on the next line, or the titles of a list."""
    several = folded(label).rstrip(": ") in rulebook().words["several"]
    if not (several or label.rstrip().endswith(":")):
        return
    for line in following if several else following[:1]:
        text = sheet.left(line)
        if line.empty or like_paragraph(text) or not like_headline(text):
            return
        sheet.found["related"].append(text)
        sheet.cut(line, "related")


def _note(sheet: Sheet, match: re.Match[str]) -> None:
    for field, value in match.groupdict().items():
        if value is not None:
            sheet.found[field] += read_field(field, value)
