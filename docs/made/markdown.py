"""Small pieces of Markdown.

Contract: pure; what is given as text is shown as it stands, never read as markup, unless a name says otherwise.
"""

import re
from collections.abc import Iterable, Sequence

_QUOTED = re.compile(r"(?:\\`){1,2}(.+?)(?:\\`){1,2}")


def code(text: object) -> str:
    """``text`` as code; nothing for what is empty."""
    return f"`{text}`" if str(text) else ""


def plain(text: object) -> str:
    """``text`` as words, which stay in their cell of a table: nothing in it is markup but code between backticks, as docstrings have it."""
    escaped = "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in str(text))
    return " ".join(_QUOTED.sub(lambda found: code(found[1].replace("\\", "")), escaped).split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; ValueError where a row has another width."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"{len(row)} cells under {len(head)} headings: {row}")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def page(title: str, *parts: str) -> str:
    """A page of parts."""
    return "\n\n".join((f"# {title}", *(part for part in parts if part))) + "\n"


def fence(text: str, language: str = "text") -> str:
    """Lines as they stand."""
    return f"```{language}\n{text.rstrip()}\n```"
