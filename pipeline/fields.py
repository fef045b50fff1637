"""From the words that a rule caught to the values of a field: names out of a credit, the holder out of a rights notice."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from pipeline.rulebook import rulebook
from pipeline.worksheet import count_words

_JOINS = re.compile(r"\s*(?:[;,/&|+]|\b(?:and|und|et|og|och|en|и|і|й)\b)\s*")
_PLACED = re.compile(r"\s+(?:in|at|from)\s.*$")
_AROUND = " \t\u00a0.()[]–—-"
_NO_TITLE = re.compile(r"(?:(?:about|on|at|from|in|of|here|the|it|this)\b.*)?\W*(?:https?:\S+)?\W*", re.IGNORECASE)


def read_field(field: str, text: str) -> Iterator[str]:
    """The values that ``text`` holds for ``field``."""
    return _READERS[field](text)


def _title(text: str) -> Iterator[str]:
    """The title after a "Read more:"; nothing when the line only says where to click."""
    title = text.strip(" \t\u00a0[]()»→>")
    if count_words(title) >= 3 and not _NO_TITLE.fullmatch(title):
        yield title


def _names(text: str) -> Iterator[str]:
    """Each person or agency: "Reporting by Jane Roe in Oslo; editing by John Doe" are two."""
    for clause in _JOINS.split(text):
        if name := _PLACED.sub("", _role().sub("", clause.strip(_AROUND))).strip(_AROUND):
            yield name


def _holder(text: str) -> Iterator[str]:
    """The statement of right as it stands, without the prohibitions that follow it."""
    notice = _notice().search(text)
    yield (text[: notice.start()] if notice else text).strip(" \t\u00a0,;|–—-")


def _verbatim(text: str) -> Iterator[str]:
    yield text


@cache
def _role() -> re.Pattern[str]:
    return rulebook().compiled(r"(?:and )?%work%(?: by|:)\s+")


@cache
def _notice() -> re.Pattern[str]:
    return rulebook().compiled(r"\b(?:%rights_words%|%notice%)")


_READERS: dict[str, Callable[[str], Iterator[str]]] = {
    "related": _title,
    "credits": _names,
    "rights": _holder,
    "caption": _verbatim,
    "outlet": _verbatim,
}
