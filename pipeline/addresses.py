"""The article's own address in a scraped text: "Original url:" and a URL, on one line or on several, whole or broken.

Two things are read: a URL after a label that says so (``address`` in ``rules/residue.yaml``), and the only URL that stands on a line of
its own before or after the article.  The URL is given as it is written, line breaks and all; to mend it is ``pipeline.mend``'s work.
"""

import re

from pipeline.datelines import date_line
from pipeline.rulebook import rulebook
from pipeline.worksheet import Line, Sheet, stopped

_SCHEME = r"(?:https?|h[x*]{1,2}ps?|ttps?|htps?)\s?\[?:\]?\s?/{1,3}\s?"
_URL = re.compile(rf"[<(\[\"]?(?:{_SCHEME}|//(?=[\w-]+\.)|www\s?\.|(?<![\w-])(?:[\w-]{{1,63}}\.)+[a-z]{{2,24}}/)[^\s<>]", re.IGNORECASE)
_PIECE = re.compile(r"[\w%./?=&#~+,:;@!$'()*\[\]>\u00ad-]+")
_JOINT = re.compile(r"[/\d_%=&?-]")
_PROSE = re.compile(r"\s+(?:[(\[|]|(?:accessed|retrieved|archived)\b)", re.IGNORECASE)
_PAGE = re.compile(r"[\w-]/\s?[^\s/]")
_MOST_LINES = 4  # over which one broken URL may run
_MOST_PIECES = 4  # into which spaces may have broken a URL that no label announces


def read_addresses(sheet: Sheet) -> None:
    """Cut labels and URLs, and give the URLs to ``original`` or to ``links``."""
    edges = {id(line) for line in (*sheet.head(), *sheet.tail())}
    lines, announced = sheet.remaining(), False
    alone: list[str] = []
    for number, line in enumerate(lines):
        if line.empty:
            continue
        if _is_label(sheet.left(line), sheet.left(lines[number + 1]) if number + 1 < len(lines) else ""):
            sheet.cut(line, "address-label")
            announced = True
            continue
        if spot := _spot(sheet.left(line), announced=announced):
            labelled = announced or spot[0] < spot[1]
            own = labelled or id(line) in edges
            url = _take(sheet, lines[number:], spot, rule="address" if own else "link", labelled=labelled)
            (sheet.found["original"] if labelled else alone if own else sheet.found["links"]).append(url)
        announced = False
    # Without a label one URL of a page, not of a site, is the article's own; several are references.
    certain = len(alone) == 1 and not sheet.found["original"] and bool(_PAGE.search(alone[0]))
    sheet.found["original" if certain else "links"] += alone


def _is_label(text: str, following: str) -> bool:
    """Whether a line is a label and nothing else: with its sign, or before a line that begins with a URL."""
    return bool(rulebook().address.match(text)) and (text[-1] in ":=" or bool(_URL.match(following)))


def _spot(text: str, *, announced: bool) -> tuple[int, int] | None:
    """Where a label and its URL begin in a line; both are the line's beginning when the URL stands alone."""
    first = _URL.match(text)
    if first and (announced or _one_url(text)):
        return 0, 0
    for url in _URL.finditer(text):
        label = rulebook().address.search(text[max(0, url.start() - 60) : url.start()])
        if label and (not (before := text[: url.start() - len(label[0])].rstrip()) or stopped(before)):
            return url.start() - len(label[0]), url.start()
    return None


def _one_url(text: str) -> bool:
    pieces = text.split()
    return (
        len(pieces) <= _MOST_PIECES
        and all(_PIECE.fullmatch(piece.strip('<>"')) for piece in pieces)
        and all(map(_JOINT.search, pieces[1:]))
    )


def _take(sheet: Sheet, lines: list[Line], spot: tuple[int, int], *, rule: str, labelled: bool) -> str:
    """Cut the URL that begins at ``spot`` of the first line, with the lines on which it goes on, and its label; give the URL."""
    first = lines[0]
    label, start, end = first.start + spot[0], first.start + spot[1], first.end
    prose = _PROSE.search(sheet.text, start, end)
    if prose:
        end = prose.start()
    sheet.cut(first, rule, start=start)
    if label < start:
        sheet.cut(first, "address-label", start=label)
    for line in lines[1:_MOST_LINES]:
        if prose or not _goes_on(sheet.text[start:end], sheet.left(line), labelled=labelled):
            break
        end = line.end
        sheet.cut(line, rule)
    return sheet.text[start:end]


def _goes_on(url: str, text: str, *, labelled: bool) -> bool:
    """Whether a line is the next piece of a URL that a line break has cut."""
    pieces = text.split()
    if len(pieces) > 2 or _URL.match(text) or date_line(text) or not all(map(_PIECE.fullmatch, pieces)) or text[0].isupper():
        return False
    return (
        url[-1] in "-/_%=&?"
        or all(_JOINT.search(piece.rstrip(".")) for piece in pieces)
        or (labelled and len(pieces) == 1 and not stopped(text))
    )
