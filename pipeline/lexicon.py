"""Words as data: the lists in ``rules/NAME.yaml``.

A lexicon file is a mapping of list names to lists of strings; anything else in it is a ``ValueError`` at first use, never a default.
``words`` gives a list, case-folded; ``alternatives`` gives a regular expression that matches any of them literally.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent / "rules"


@cache
def words(name: str, key: str) -> tuple[str, ...]:
    """The list ``key`` of ``rules/NAME.yaml``, case-folded, in the file's order."""
    lists = _lists(name)
    if key not in lists:
        raise ValueError(f"rules/{name}.yaml has no list {key!r}")
    return tuple(word.casefold() for word in lists[key])


@cache
def alternatives(name: str, key: str) -> str:
    """A regular expression for any entry of the list, longest first; use it on case-folded text."""
    return "|".join(re.escape(word) for word in sorted(words(name, key), key=len, reverse=True))


@cache
def _lists(name: str) -> dict[str, list[str]]:
    with (RULES / f"{name}.yaml").open(encoding="utf-8") as stream:
        content: Any = yaml.safe_load(stream)
    if not isinstance(content, dict):
        raise ValueError(f"rules/{name}.yaml is not a mapping of lists")
    for key, entries in content.items():
        if not isinstance(entries, list) or not all(isinstance(entry, str) and entry for entry in entries):
            raise ValueError(f"rules/{name}.yaml: {key!r} is not a list of words")
    return content
