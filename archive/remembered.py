"""What a function says of texts of which a few are met again and again: media types, dates, the words of a standard.

Contract: ``remembered(make)`` says what ``make`` says, of a text that it was asked before without calling it again.  It keeps no long text
and not many, because who wrote the texts may be hostile: half a mebibyte is the most that a function's answers take.
"""

from collections.abc import Callable
from typing import TypeVar

_Made = TypeVar("_Made")
_LONGEST, _MOST = 256, 1024


class _Answers(dict[str, _Made]):
    def __init__(self, make: Callable[[str], _Made]) -> None:
        self._make = make

    def __missing__(self, text: str) -> _Made:
        made = self._make(text)
        if len(text) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[text] = made
        return made


def remembered(make: Callable[[str], _Made]) -> Callable[[str], _Made]:
    """A decorator; ``lru_cache`` has no bound on the size of a key, and takes twice the time."""
    return _Answers(make).__getitem__
