"""The standfirst that the extractor lost: the sentence or two between headline and body.

trafilatura drops it on 43 % of news pages that have one (text.md §2).  ``lost_standfirst`` looks for it among the visible blocks, on one of
three kinds of evidence: its words are the page's own description; its markup calls it one and it stands between headline and body; or it is
the only sentence there, in one room with the body, where markup and description say nothing.
A block that is in the body already is not lost, and nothing is made up: the words are the visible block's, never the description's.

The third brings back three on 308 pages, of two outlets; all are standfirsts.  Its guards keep five strangers out there: a caption twice, a
byline, a word about the spoken version, an offer of an account.
"""

from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from pipeline.blocks import Visible, key
from pipeline.lexicon import words
from pipeline.residue import clean
from pipeline.worksheet import stopped

_SHORTEST = 30  # letters and digits: shorter descriptions are slogans
_SAME = 0.8  # share of the description that the blocks must cover (text.md §2: 77 % of lost standfirsts reach it)
_LONGER = 1.6  # a block this much longer than the description only quotes it
_MOST_LINK = 0.3
_HEADINGS, _PARAGRAPHS = frozenset({"h1", "h2"}), frozenset({"p", "div"})
_ROOMS = frozenset({"html", "body", "main"})  # that hold everything
_APART = frozenset({"address", "aside", "blockquote", "button", "dl", "figure", "footer", "form", "label", "nav", "ol", "table", "ul"})


def lost_standfirst(
    blocks: Sequence[Visible], descriptions: Sequence[str], titles: Sequence[str], body: Sequence[str]
) -> tuple[Visible, ...]:
    """The blocks of the standfirst that the paragraphs of ``body`` lack, in order; empty when there is none, or none is lost."""
    have = "".join(map(key, body))
    headlines = {key(title) for title in titles}
    first = _first_of_body(blocks, have, headlines)
    above = blocks[:first]
    for found in (*(_described(above, key(description)) for description in descriptions), _marked(above, headlines)):
        if found and not any(block.key in headlines or block.key in have for block in found):
            return found
    return _alone(above, blocks[first], headlines) if first < len(blocks) else ()


def _first_of_body(blocks: Sequence[Visible], body: str, headlines: set[str]) -> int:
    for number, block in enumerate(blocks):
        if len(block.key) >= _SHORTEST and block.key in body and block.key not in headlines:
            return number
    return len(blocks)


def _can_be(block: Visible) -> bool:
    # Some outlets describe the page with the caption of its picture.
    element = block.element
    caption = "caption" in (element.get("class") or "").lower() or any(parent.tag == "figcaption" for parent in element.iterancestors())
    return block.link_share <= _MOST_LINK and element.tag not in {"h1", "figcaption"} and not caption


def _described(blocks: Sequence[Visible], wanted: str) -> tuple[Visible, ...]:
    """The run of blocks that together say what the description says, ``wanted`` being its key."""
    if len(wanted) < _SHORTEST:
        return ()
    for number, block in enumerate(blocks):
        if wanted in block.key and len(block.key) <= _LONGER * len(wanted) and _can_be(block):
            return (block,)
        if wanted.startswith(block.key) and block.key:
            run = tuple(_continued(blocks[number:], wanted))
            if sum(len(part.key) for part in run) >= _SAME * len(wanted):
                return run
    return ()


def _continued(blocks: Sequence[Visible], wanted: str) -> Iterator[Visible]:
    for block in blocks:
        if not block.key or not wanted.startswith(block.key) or not _can_be(block):
            return
        yield block
        wanted = wanted[len(block.key) :]


def _marked(blocks: Sequence[Visible], headlines: set[str]) -> tuple[Visible, ...]:
    """The block whose markup names it a standfirst, between the headline and the body."""
    shown = [number for number, block in enumerate(blocks) if block.key in headlines]
    if not shown:
        return ()
    for block in blocks[shown[0] + 1 :]:
        if len(block.key) >= _SHORTEST and _can_be(block) and any(word in _marks(block) for word in words("metadata", "standfirst")):
            return (block,)
    return ()


def _alone(above: Sequence[Visible], first: Visible, headlines: set[str]) -> tuple[Visible, ...]:
    """The only paragraph between the last heading and the body's ``first``, if it is a sentence and one room of the page holds both."""
    headings = [number for number, block in enumerate(above) if block.element.tag in _HEADINGS]
    between = above[headings[-1] + 1 :] if headings else ()
    found = [block for block in between if len(block.key) >= _SHORTEST and block.key not in headlines and _is_free(block)]
    if len(found) != 1 or not stopped(found[0].text) or clean(found[0].text).removed:
        return ()
    around = set(first.element.iterancestors())
    room = next((room for room in found[0].element.iterancestors() if room in around), None)
    return () if room is None or room.tag in _ROOMS else (found[0],)


def _is_free(block: Visible) -> bool:
    """Whether a block is a paragraph without links, in no box, list or picture."""
    if block.anchors or block.element.tag not in _PARAGRAPHS or not _can_be(block):
        return False
    return not any(around.tag in _APART or "caption" in (around.get("class") or "") for around in block.element.iterancestors())


def _marks(block: Visible) -> str:
    """Tag, classes and itemprop of the block's element, and the classes of the element around it."""
    element, parent = block.element, block.element.getparent()
    around = parent.get("class") if parent is not None else None
    return " ".join(filter(None, (element.tag, element.get("class"), element.get("itemprop"), around))).lower()


def kept_standfirst(blocks: Sequence[Visible], descriptions: Sequence[str], body: Sequence[str]) -> bool:
    """Whether the first paragraph of ``body`` is the standfirst: the page's own description, in other markup than what follows.

    Measured on 308 pages: with both signs 31 of 36 such paragraphs stand outside the gold body, with the description alone 33 of 55.
    """
    if len(body) < 2 or key(body[0]) not in {key(description) for description in descriptions}:
        return False
    elements = {block.key: block.element for block in reversed(blocks)}
    first, *rest = (elements.get(key(paragraph)) for paragraph in body[:5])
    others = [element for element in rest if element is not None]
    return first is not None and bool(others) and all(_look(element) != _look(first) for element in others)


def _look(element: HtmlElement) -> tuple[str, str | None]:
    return element.tag, element.get("class")
