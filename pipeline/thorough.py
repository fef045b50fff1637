"""A second and a third opinion on a text, for those who have the time: the one that agrees best with the others is taken.

``readability(tree)`` is a proposal by another algorithm, one block a line.  ``sure(first, second)`` says that two cleaned texts are so
alike that no third could be nearer to either.  ``best(texts)`` is the number of the text that shares most four-word shingles with the
others; the first wins a tie.  Pure functions; a tree is copied before it is changed.

Measured with our cleaning over each proposal, 308 pages, against the first alone, paired bootstrap: +.0036 [.0001, .0075] on 181 full
articles (8 pages better, 1 worse) and +.0009 [.0001, .0019] on 127 news pages (11 better, 4 worse).  Six pages in ten are sure after two.
"""

import re
from collections.abc import Sequence
from copy import deepcopy

from lxml.html import HtmlElement
from trafilatura.external import try_readability

from pipeline.blocks import visible

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_SURE = 0.995


def readability(tree: HtmlElement) -> str:
    """What Mozilla's and Arc90's algorithm takes for the article."""
    found = try_readability(deepcopy(tree))
    return "\n".join(block.text for block in visible(found))


def sure(first: str, second: str) -> bool:
    """Whether two texts are as good as one."""
    return _likeness(_shingles(first), _shingles(second)) >= _SURE


def best(texts: Sequence[str]) -> int:
    """The number of the text that is most like the others."""
    shingles = [_shingles(text) for text in texts]
    agreement = [sum(_likeness(one, other) for other in shingles if other is not one) for one in shingles]
    return agreement.index(max(agreement))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text)
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))


def _likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The share of the shingles that both have, 0 to 1 (Jaccard)."""
    return len(one & other) / len(one | other)
