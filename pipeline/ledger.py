"""The ledger of a page: every visible block with what it is, whether it is text, and why.

The text of a page is a projection of its ledger, and nothing is lost between them:

* ``proposed(…)`` gives an entry for each paragraph that the extractor proposed or a rescue brought back, kept or not, in order.
* ``projected(entries)`` makes of them the blocks and the removals of a ``Document``.
* ``whole(entries, blocks, titles)`` puts the rest of the page between them: what nobody proposed, with its class.  It is asked for when a
  person wants to see a page explained, because it takes a third of a page's time (measured on 308); the verdicts are those of the text.

Order is the page's, save where the extractor moved a paragraph of the text.  ``Entry.start`` and ``end`` count characters: of
``Document.text`` where the entry is kept, of ``Document.original`` where it was proposed and taken out; None where nobody proposed it.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archive.kinds import BlockKind
from archive.records import Block, Removal
from pipeline.blockkinds import chrome, kept, taken, where
from pipeline.blocks import Visible, key
from pipeline.residue import Cleaned, clean

_KNOWN = 30  # letters and digits from which words that stand in the text too are no chance
_RULE = "rule "  # before the name of the rule in ``Entry.why``


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One block: ``why`` is the rule or the reason in words, ``where`` its element and two around it, empty where none matches."""

    text: str
    kind: BlockKind
    kept: bool
    why: str
    where: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the extractor and the rules say of a page's text."""

    original: str
    cleaned: Cleaned  # of a page: every removal is of whole lines, none lies in a passage
    furniture: Mapping[int, str]  # rule by the number of the passage that it takes
    shown: Sequence[Visible | None]  # the visible block of each passage
    origins: Mapping[int, str]  # where a line of the original comes from that the proposer did not give, by the line's first character
    proposer: str


def proposed(proposal: Proposal, lost: Sequence[Visible], *, standfirst: bool) -> tuple[Entry, ...]:
    """The entries of a text in order: ``lost``, the standfirst's blocks that the page had and the text lacked, then the proposal's.

    ``standfirst`` says that the first paragraph kept is the standfirst.  Offsets of what is kept count the text of the entries.
    """
    missed = [
        Entry(text=block.text, kind=BlockKind.STANDFIRST, kept=True, why="standfirst that the extractor lost", where=where(block.element))
        for block in lost
    ]
    judged = sorted(_judged(proposal), key=lambda entry: entry.start or 0)
    return tuple(_counted([*missed, *_led(judged, standfirst=standfirst)]))


def projected(entries: Sequence[Entry]) -> tuple[tuple[Block, ...], tuple[Removal, ...]]:
    """The blocks of the text and what was taken out of the original; the text is the blocks' joined by one newline."""
    blocks = tuple(
        Block(text=entry.text, start=entry.start, end=entry.end, kind=entry.kind)
        for entry in entries
        if entry.kept and entry.start is not None and entry.end is not None
    )
    removed = tuple(
        Removal(text=entry.text, start=entry.start, end=entry.end, rule=entry.why.removeprefix(_RULE))
        for entry in entries
        if not entry.kept and entry.start is not None and entry.end is not None
    )
    return blocks, removed


def whole(entries: Sequence[Entry], blocks: Sequence[Visible], titles: Sequence[str]) -> tuple[Entry, ...]:
    """``entries`` with the rest of the page between them; ``blocks`` is all that the page shows, ``titles`` what it calls itself."""
    places = _places(entries, blocks)
    placed = [
        replace(entry, where=entry.where or where(blocks[run[0]].element)) if run else entry
        for entry, run in zip(entries, places, strict=True)
    ]
    taken_up = {number for run in places for number in run}
    rest = [number for number in range(len(blocks)) if number not in taken_up]
    loose = dict(zip(rest, _outside([blocks[number] for number in rest], entries, titles), strict=True))
    loose |= {run[0]: entry for entry, run in zip(placed, places, strict=True) if run and not entry.kept}
    fixed = [(entry, run) for entry, run in zip(placed, places, strict=True) if entry.kept or not run]
    return tuple(_woven(fixed, loose))


def _judged(proposal: Proposal) -> Iterator[Entry]:
    for number, (passage, block) in enumerate(zip(proposal.cleaned.blocks, proposal.shown, strict=True)):
        element = None if block is None else block.element
        rule, place = proposal.furniture.get(number), "" if element is None else where(element)
        if rule is None:
            why = proposal.origins.get(passage.start, proposal.proposer)
            yield Entry(text=passage.text, kind=kept(passage.text, element), kept=True, why=why, where=place, start=passage.start)
        else:
            text = proposal.original[passage.start : passage.end]
            kind = taken(rule, element)
            yield Entry(text=text, kind=kind, kept=False, why=_RULE + rule, where=place, start=passage.start, end=passage.end)
    for removal in proposal.cleaned.removed:
        kind, why = taken(removal.rule, None), _RULE + removal.rule
        yield Entry(text=removal.text, kind=kind, kept=False, why=why, start=removal.start, end=removal.end)


def _led(entries: Sequence[Entry], *, standfirst: bool) -> Iterator[Entry]:
    for entry in entries:
        first, standfirst = standfirst and entry.kept, standfirst and not entry.kept
        yield replace(entry, kind=BlockKind.STANDFIRST, why="the page's description, in markup of its own") if first else entry


def _counted(entries: Sequence[Entry]) -> Iterator[Entry]:
    at = 0
    for entry in entries:
        if entry.kept:
            yield replace(entry, start=at, end=at + len(entry.text))
            at += len(entry.text) + 1
        else:
            yield entry


def _places(entries: Sequence[Entry], blocks: Sequence[Visible]) -> list[tuple[int, ...]]:
    """The numbers of the visible blocks that each entry stands for: the next of its words, else a run of blocks that are its words."""
    by_key: dict[str, list[int]] = {}
    for number, block in enumerate(blocks):
        by_key.setdefault(block.key, []).append(number)
    places: list[tuple[int, ...]] = []
    last, used = -1, set[int]()
    for entry in entries:
        folded = key(entry.text)
        same = [number for number in by_key.get(folded, ()) if number not in used]
        after = next((number for number in same if number > last), same[0] if same else None)
        run = (after,) if after is not None else tuple(_run(blocks, folded, last + 1, used))
        used.update(run)
        last = run[-1] if run else last
        places.append(run)
    return places


def _run(blocks: Sequence[Visible], folded: str, start: int, used: set[int]) -> Iterator[int]:
    """The blocks from ``start`` on that one after the other are parts of ``folded``."""
    at = 0
    for number in range(start, len(blocks)):
        part = blocks[number].key
        if at >= len(folded) or (at and not folded.startswith(part, at)):
            return
        found = folded.find(part, at) if part and number not in used and len(part) > 1 else -1
        if found >= 0 and (found == at or len(part) >= _KNOWN):
            yield number
            at = found + len(part)


def _outside(rest: Sequence[Visible], entries: Sequence[Entry], titles: Sequence[str]) -> list[Entry]:
    """An entry for each block that nobody proposed: a title, a copy, then what its markup, its words and its links say."""
    said = _said([block.text for block in rest])
    headlines = {key(title) for title in titles} - {""}
    text = "\n".join(key(entry.text) for entry in entries if entry.kept)
    seen: set[str] = set()
    found = []
    for number, block in enumerate(rest):
        kind, why = _verdict(block, said.get(number), headlines, text, seen)
        seen.add(block.key)
        found.append(Entry(text=block.text, kind=kind, kept=False, why=why, where=where(block.element)))
    return found


def _verdict(block: Visible, rule: str | None, headlines: set[str], text: str, seen: set[str]) -> tuple[BlockKind, str]:
    if block.key in headlines:
        return BlockKind.HEADLINE, "one of the page's titles"
    if len(block.key) >= _KNOWN and block.key in text:
        return BlockKind.DUPLICATE, "stands in the text"
    if marked := chrome(block):
        return marked
    if rule is not None:
        return taken(rule, block.element), _RULE + rule
    if len(block.key) >= _KNOWN and block.key in seen:
        return BlockKind.DUPLICATE, "stands on the page before"
    return BlockKind.UNKNOWN, "neither markup nor words say what it is"


def _said(texts: Sequence[str]) -> dict[int, str]:
    """The rule by whose words a block goes, by its number: the rules of a text, held against what is no text."""
    starts, at = {}, 0
    for number, text in enumerate(texts):
        starts[at] = number
        at += len(text) + 1
    return {starts[removal.start]: removal.rule for removal in clean("\n".join(texts)).removed if removal.start in starts}


def _woven(fixed: Sequence[tuple[Entry, tuple[int, ...]]], loose: Mapping[int, Entry]) -> Iterator[Entry]:
    """The fixed entries in their order, each after what the page shows before its first block and was not given yet."""
    waiting = deque(sorted(loose))
    for entry, run in fixed:
        while run and waiting and waiting[0] < run[0]:
            yield loose[waiting.popleft()]
        yield entry
    yield from (loose[number] for number in waiting)
