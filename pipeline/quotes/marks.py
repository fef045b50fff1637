"""What stands between quotation marks, in any European or East Asian style.

``marked(text)`` is pure, linear and never raises: it gives each passage between marks once, in order of start, those inside another with
the start of the one that holds them.  Offsets leave the marks and the white space at them out.

One stack for each paragraph, in which a mark opens or closes by its direction and its neighbours: „…“ “…” ”…” «…» »…« ‹…› "…" '…' ‘…’
「…」 『…』.  A mark of one double style closes any other, because editors mix them.  Apostrophes, feet and inches, and 《titles》 are no
marks.  A passage without a closing mark goes on where the next paragraph opens it again, or closes it without having opened one, and else
ends with its paragraph; opened twice and closed once in one paragraph, behind a full stop, it is one passage (coverage.md §3.3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.relations import TextSpan
from pipeline.lexicon import words

_MARK = re.compile("''|’’|‘‘|``|[\"“”„‟«»‹›「」『』‘’‚']")
_CLASSES = dict.fromkeys(("''", "’’", "‘‘", "``", '"', "“", "”", "„", "‟"), "double")
_CLASSES |= {
    "«": "angle",
    "»": "angle",
    "‹": "single angle",
    "›": "single angle",
    "「": "corner",
    "」": "corner",
    "『": "white",
    "』": "white",
}
_CLASSES |= dict.fromkeys("‘’‚'", "single")
_ONLY_OPEN = frozenset({"„", "‟", "‚", "‘‘", "``", "「", "『"})
_ONLY_CLOSE = frozenset({"’’", "」", "』"})
_ANGLES = frozenset("«»‹›")
_BEFORE_OPENING = frozenset("([{—–-/:=>…¿¡")
_FULL_STOP = re.compile(r"[.!?…]\s*$")
_WORD = re.compile(r"\w+")
_POSSESSIVE = frozenset("sxzSXZ")
_DEEPEST = 40  # marks open at once; what goes deeper is no prose
_REACH = 8  # how far down the stack a closing mark looks
_GAP = 6  # paragraphs over which a quotation goes on without a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One passage between marks; ``outer`` has the marks too, ``parts`` are its paragraphs where it has several."""

    start: int
    end: int
    outer: TextSpan
    parts: tuple[TextSpan, ...] = ()
    inside: int | None = None
    closed: bool = True
    single: bool = False


@dataclass(slots=True, kw_only=True)
class _Node:
    kind: str
    mark: str
    opened: list[TextSpan]  # of each paragraph's opening mark, or an empty range where it has none
    ends: list[int]
    parent: "_Node | None" = None
    closing: int | None = None  # behind the closing mark
    children: "list[_Node]" = field(default_factory=list)


def marked(text: str) -> tuple[Marked, ...]:
    """Each passage between marks."""
    roots: list[_Node] = []
    carried: _Node | None = None
    waited = 0
    style = _angle_style(text)
    for start, end in _paragraphs(text):
        paragraph = _Paragraph(text, start, end, style, carried)
        paragraph.read()
        roots += paragraph.roots
        if paragraph.open is not None:
            waited = waited + 1 if paragraph.open is carried and not paragraph.taken_up else 0
            carried = paragraph.open if waited <= _GAP else None
        else:
            carried = None
    return tuple(sorted(_flat(text, roots), key=lambda one: (one.start, -one.end)))


def _paragraphs(text: str) -> Iterator[TextSpan]:
    start = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            yield start, start + len(line)
        start += len(line) + 1


def _angle_style(text: str) -> str:
    """The angle that opens: by the marks that stand behind white space or at the start of a line."""
    left = len(re.findall(r"(?:^|[\s(])[«‹](?=\S)", text, re.MULTILINE)) + text.count("« ") + text.count("«\u00a0")
    right = len(re.findall(r"(?:^|[\s(])[»›](?=\S)", text, re.MULTILINE))
    return "»›" if right > left else "«‹"


class _Paragraph:
    """The stack of one paragraph."""

    def __init__(self, text: str, start: int, end: int, style: str, carried: _Node | None) -> None:
        self.text, self.start, self.end, self.style = text, start, end, style
        self.carried = carried
        self.taken_up = False
        self.roots: list[_Node] = []
        self.stack: list[_Node] = []
        self.marks = [match.span() for match in _MARK.finditer(text, start, end)]
        self.open: _Node | None = None  # what goes on behind this paragraph
        self._closers = self._count_closers()

    def read(self) -> None:
        """Take every mark, then what is left open."""
        for number, (start, end) in enumerate(self.marks):
            mark = self.text[start:end]
            role = self._role(number, mark)
            if role == "open":
                self._push(mark, start, end)
            elif role == "close":
                self._close(mark, start, end)
        self._finish()

    def _count_closers(self) -> list[bool]:
        """For each mark, whether a single mark that can close stands behind it, before one that opens."""
        found, known = [False] * len(self.marks), False
        for number in range(len(self.marks) - 1, -1, -1):
            found[number] = known
            start, end = self.marks[number]
            if _CLASSES[self.text[start:end]] == "single":
                if self._can_close(start, end):
                    known = True
                elif self._can_open(start, end):
                    known = False
        return found

    def _neighbours(self, start: int, end: int) -> tuple[str, str]:
        before = self.text[start - 1] if start > self.start else ""
        after = self.text[end] if end < self.end else ""
        return before, after

    def _can_open(self, start: int, end: int) -> bool:
        before, after = self._neighbours(start, end)
        leads = not before or before.isspace() or before in _BEFORE_OPENING or (before in _CLASSES and not self._shut(start))
        return leads and bool(after) and not after.isspace()

    def _shut(self, place: int) -> bool:
        """Whether the mark before a place is one that closes."""
        before = self.text[place - 2] if place - 1 > self.start else " "
        return self.text[place - 1] in "”’」』" or not (before.isspace() or before in _BEFORE_OPENING or before in _CLASSES)

    def _can_close(self, start: int, end: int) -> bool:
        before, after = self._neighbours(start, end)
        return bool(before) and not before.isspace() and not after.isalnum()

    def _role(self, number: int, mark: str) -> str | None:
        start, end = self.marks[number]
        kind = _CLASSES[mark]
        if kind == "single":
            return self._role_of_single(number, mark)
        if mark in _ANGLES:
            return "close" if self._opened(kind) and mark not in self.style else "open" if mark in self.style else "close"
        if mark in _ONLY_OPEN:
            return "open"
        if mark in _ONLY_CLOSE:
            return "close"
        if mark == "“":
            return "close" if self._lowered() and not (self._can_open(start, end) and not self._can_close(start, end)) else "open"
        opens, closes = self._can_open(start, end), self._can_close(start, end)
        if mark == "”":
            return "open" if opens and not closes and not self._opened(kind) else "close"
        return self._role_of_straight(start, end, opens=opens, closes=closes)

    def _role_of_straight(self, start: int, end: int, *, opens: bool, closes: bool) -> str | None:
        before, after = self._neighbours(start, end)
        if self._opened("double"):
            return "open" if opens and not closes else "close"
        if before.isdigit() and not opens:
            return None  # inches
        if opens or (before.isspace() and after.isspace()):
            return "open"
        return "close" if closes else None

    def _role_of_single(self, number: int, mark: str) -> str | None:
        start, end = self.marks[number]
        before, _ = self._neighbours(start, end)
        if mark == "‚":
            return "open" if self._can_open(start, end) else None
        if mark != "’" and self._can_open(start, end):
            if self._elision(end):
                return None
            starts_speech = self.text[end].isupper() and (bool(self.stack) or (mark == "‘" and start == self.start))
            return "open" if self._closers[number] or starts_speech else None
        if mark == "‘" and not self._low_single():
            return None
        if not self._can_close(start, end) or not self._opened("single"):
            return None
        possessive = before in _POSSESSIVE and self.text[end : end + 1] == " " and self.text[end + 1 : end + 2].islower()
        return None if possessive and self._closers[number] else "close"

    def _elision(self, end: int) -> bool:
        word = _WORD.match(self.text, end, min(end + 12, self.end))
        return word is not None and (word[0].casefold() in words("quotes", "elisions") or bool(re.fullmatch(r"\d\d?s?", word[0])))

    def _opened(self, kind: str) -> bool:
        return any(node.kind == kind for node in self.stack[-_REACH:]) or (not self.stack and self._waits(kind))

    def _waits(self, kind: str) -> bool:
        return self.carried is not None and not self.taken_up and self.carried.kind == kind

    def _lowered(self) -> bool:
        return any(node.mark in {"„", "‟"} for node in self.stack[-_REACH:]) or (
            not self.stack and self._waits("double") and self.carried is not None and self.carried.mark in {"„", "‟"}
        )

    def _low_single(self) -> bool:
        return any(node.mark == "‚" for node in self.stack[-_REACH:])

    def _push(self, mark: str, start: int, end: int) -> None:
        kind = _CLASSES[mark]
        at_start = not self.text[self.start : start].strip()
        if at_start and not self.stack and self._waits(kind) and self.carried is not None:
            self.carried.opened.append((start, end))
            self.taken_up = True
            self.stack.append(self.carried)
            return
        if len(self.stack) >= _DEEPEST:
            return
        self.carried = self.carried if self.taken_up else None
        node = _Node(kind=kind, mark=mark, opened=[(start, end)], ends=[], parent=self.stack[-1] if self.stack else None)
        if node.parent is None:
            self.roots.append(node)
        else:
            node.parent.children.append(node)
        self.stack.append(node)

    def _close(self, mark: str, start: int, end: int) -> None:
        kind = _CLASSES[mark]
        if not self.stack and self._waits(kind) and self.carried is not None:
            self.carried.opened.append((self.start, self.start))
            self.taken_up = True
            self.stack.append(self.carried)
        for depth in range(len(self.stack) - 1, max(len(self.stack) - _REACH, 0) - 1, -1):
            if self.stack[depth].kind == kind:
                for node in self.stack[depth + 1 :]:
                    node.ends.append(start)
                self.stack[depth].ends.append(start)
                self.stack[depth].closing = end
                del self.stack[depth:]
                return

    def _finish(self) -> None:
        if not self.stack:
            self.open = self.carried if not self.taken_up else None
            return
        outermost, *inner = self.stack
        for node in inner:
            node.ends.append(self.end)
        again = self._opened_again(outermost)
        if again is None:
            outermost.ends.append(self.end)
            self.open = outermost
            return
        outermost.ends.append(again.ends[-1])
        outermost.closing = again.closing
        behind = outermost.children.index(again)
        later, outermost.children = outermost.children[behind + 1 :], [*outermost.children[:behind], *again.children]
        for node in later:
            node.parent = None
        for node in again.children:
            node.parent = outermost
        self.roots += later

    def _opened_again(self, node: _Node) -> _Node | None:
        """What opens a quotation a second time in its paragraph, behind a full stop, and is closed."""
        for child in node.children:
            same = child.kind == node.kind and child.closing is not None and child.opened[0][0] >= self.start
            if same and _FULL_STOP.search(self.text, max(self.start, child.opened[0][0] - 4), child.opened[0][0]):
                return child
        return None


def _flat(text: str, roots: list[_Node]) -> Iterator[Marked]:
    """The nodes as values, what is empty left out."""
    waiting: list[tuple[_Node, int | None]] = [(node, None) for node in roots]
    while waiting:
        node, inside = waiting.pop()
        parts = [_trimmed(text, opened[1], end) for opened, end in zip(node.opened, node.ends, strict=False)]
        parts = [part for part in parts if part[0] < part[1]]
        held = inside
        if parts:
            held = parts[0][0]
            yield Marked(
                start=parts[0][0],
                end=parts[-1][1],
                outer=(node.opened[0][0], node.closing or node.ends[-1]),
                parts=tuple(parts) if len(parts) > 1 else (),
                inside=inside,
                closed=node.closing is not None,
                single=node.kind == "single",
            )
        waiting += [(child, held if held is not None else inside) for child in node.children]


def _trimmed(text: str, start: int, end: int) -> TextSpan:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
