"""What a style sheet refers to, and what a ``srcset`` does: the two little languages in which a page names files.

Contract: pure, on text of any kind and length; time grows with the length alone, and nothing raises.  Each gives the references in their
order, as they stand there, escapes undone; what they mean as addresses is for the caller.

``sheet_references`` follows CSS Syntax Level 3 §4 as far as references need it: ``url()`` and ``src()`` with and without quotes,
``@import`` with a string, strings in ``image-set()`` but not in its ``type()``; comments, other strings, ``@namespace`` (a name, no file)
and bad URLs (§4.3.6) hold none.  A function whose name is written with escapes is not seen.  ``set_references`` follows the HTML standard's
"parse a srcset attribute": every candidate, because which one a replay asks for depends on its window.
"""

import re
from collections.abc import Iterator

_COMMENT = r"(?P<comment>/\*.*?(?:\*/|\Z))"
_STRING = r""""(?:[^"\\\n]|\\.)*+["\n]?|'(?:[^'\\\n]|\\.)*+['\n]?"""
_BARE = r"""(?:[^"'()\\\s]|\\.)*+"""
_URL = rf"(?<![\w-])(?:url|src)\(\s*+(?:(?P<quoted>{_STRING})|(?P<bare>{_BARE}))(?P<rest>[^)]*+)\)?"
_SETS = r"(?<![\w-])(?P<opens>(?:-webkit-)?image-set\()"
_AT = rf"@(?:import(?:\s|/\*.*?\*/)*+(?P<imported>{_STRING})|namespace[^;{{]*+)"
_FLAGS = re.DOTALL | re.IGNORECASE
_OUTSIDE = re.compile(rf"{_COMMENT}|{_URL}|{_SETS}|{_AT}|(?P<string>{_STRING})", _FLAGS)
_INSIDE = re.compile(rf"{_COMMENT}|{_URL}|(?<![\w-])type\([^)]*+\)?|(?P<string>{_STRING})|(?P<opens>\(+)|(?P<closes>\)+)", _FLAGS)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(\n)|(.))", _FLAGS)

_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)")
_DESCRIPTORS = re.compile(r"(?:[^,(]|\([^)]*+\)?)*+")


def sheet_references(sheet: str) -> Iterator[str]:
    """The references of a style sheet or of a style attribute."""
    depth = 0  # of the parentheses of the image-set() in which we are
    position = 0
    while found := (_INSIDE if depth else _OUTSIDE).search(sheet, position):
        position = found.end()
        parts = found.groupdict()
        if opens := parts.get("opens"):
            depth += opens.count("(")
        elif closes := parts.get("closes"):
            depth = max(depth - len(closes), 0)
        else:
            reference = parts.get("imported") or _of_url(parts) or (depth and parts.get("string"))
            plain = _plain(reference) if reference else ""
            if plain:
                yield plain


def _of_url(parts: dict[str, str | None]) -> str | None:
    """What stands in a ``url()``; None when nothing does, and when more does than may (a bad URL)."""
    if parts.get("quoted"):
        return parts["quoted"]
    return parts["bare"] if parts.get("bare") and not (parts["rest"] or "").strip() else None


def _plain(token: str) -> str:
    """A string or bare reference without quotes and escapes."""
    if token[:1] in {'"', "'"}:
        token = token[1:].removesuffix(token[0]).removesuffix("\n")
    return _ESCAPE.sub(_unescaped, token)


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[3] or ""
    number = int(found[1], 16)
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"


def set_references(candidates: str) -> Iterator[str]:
    """The addresses in a ``srcset`` or ``imagesrcset`` attribute."""
    position = 0
    while found := _CANDIDATE.match(candidates, position):
        address = found[1]
        position = found.end()
        if not address.endswith(","):
            described = _DESCRIPTORS.match(candidates, position)
            position = described.end() if described else position
        if address.strip(","):
            yield address.rstrip(",")
