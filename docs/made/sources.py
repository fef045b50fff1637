"""The meanings that stand in the code beside the members of a closed list, as comments.

Contract: ``members`` reads the source of an enumeration; a member without a comment is a ValueError, because a value that is in
somebody's table must mean something.
"""

import inspect
import re
from enum import StrEnum

_MEMBER = re.compile(r'^    [A-Z][A-Z0-9_]* = "([^"]*)"(?:  # (.*))?$', re.MULTILINE)

_ASIDE = re.compile(r"; ``.*?(?=\.$)")


def members(closed: type[StrEnum]) -> dict[str, str]:
    """Each value and its meaning, in the order of the code."""
    found = dict(_MEMBER.findall(inspect.getsource(closed)))
    if set(found) != set(closed) or not all(found.values()):
        lacking = sorted({str(value) for value in closed} - {value for value, words in found.items() if words})
        raise ValueError(f"{closed.__module__}.{closed.__qualname__}: no comment says what these mean: {', '.join(lacking)}")
    return found


def summary(thing: object) -> str:
    """The first paragraph of a docstring, without what it says of parameters."""
    text = inspect.getdoc(thing)
    if not text:
        raise ValueError(f"{thing!r} has no docstring")
    return _ASIDE.sub("", " ".join(text.split("\n\n")[0].split()))
