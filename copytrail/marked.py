"""A revision as marked text: which paragraphs changed, and in them which words went and which came.

Contract: pure.  ``paragraphs`` gives the changed paragraphs whole, as pieces that are the same, removed or added, in the order of the
later text; runs of paragraphs that did not change are counted and not shown.  ``in_lines`` cuts any pieces into
paragraphs.  ``words`` marks two short texts, such as headlines, word by word where they are much alike, else one after the other.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from archive.records import Span

SAME, REMOVED, ADDED = "same", "removed", "added"
_ALIKE = 0.5  # share of words in common below which one headline struck out and one new is easier to read than a mixture


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and what became of them."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One changed paragraph, or how many stand unchanged in its place."""

    pieces: tuple[Piece, ...] = ()
    unchanged: int = 0


def paragraphs(after: str, spans: Sequence[Span]) -> tuple[Paragraph, ...]:
    """The later text with its changes marked; ``spans`` are those of a revision, in order."""
    found = [tuple(line) for line in in_lines(_pieces(after, spans))]
    result: list[Paragraph] = []
    for changed, group in groupby(found, key=lambda line: any(piece.kind != SAME for piece in line)):
        lines = list(group)
        result += [Paragraph(line) for line in lines] if changed else [Paragraph(unchanged=len(lines))]
    return tuple(result)


def words(before: str | None, after: str | None, alike: float = _ALIKE) -> tuple[Piece, ...]:
    """Two headlines as one, marked; a text that is not there takes no part.  ``alike`` is the share of words in common that it takes."""
    if before is None or after is None or before == after:
        return (Piece(SAME, after or before or ""),)
    old, new = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    kept = [word for block in matcher.get_matching_blocks() for word in old[block.a : block.a + block.size]]
    if _words_in(kept) < alike * max(_words_in(old), _words_in(new)):
        return Piece(REMOVED, before), Piece(SAME, " "), Piece(ADDED, after)
    pieces: list[Piece] = []
    for tag, start, end, begin, stop in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(old[start:end])))
        else:
            pieces += [Piece(REMOVED, "".join(old[start:end])), Piece(ADDED, "".join(new[begin:stop]))]
    return tuple(_joined(piece for piece in pieces if piece.text))


def _words_in(parts: Iterable[str]) -> int:
    """White space and commas make no likeness."""
    return sum(part.isalnum() for part in parts)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """White space alone between two changes is no reason to break them."""
    result: list[Piece] = []
    for piece in pieces:
        if result and result[-1].kind == piece.kind:
            result[-1] = Piece(piece.kind, result[-1].text + piece.text)
        else:
            result.append(piece)
    return result


def _pieces(after: str, spans: Sequence[Span]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for span in spans:
        pieces += [Piece(SAME, after[at : span.after[0]]), Piece(REMOVED, span.removed), Piece(ADDED, span.added)]
        at = span.after[1]
    return [*pieces, Piece(SAME, after[at:])]


def in_lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces cut where a line ends, so that each list is one paragraph."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                lines.append([])
            if text:
                lines[-1].append(Piece(piece.kind, text))
    return [line for line in lines if line]
