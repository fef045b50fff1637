"""Python's garbage collector while a crawl runs.

Contract: between :func:`ease` and :func:`restore` the collector leaves alone what was there before, some 150,000 objects of imported
modules that live as long as the process, and looks at young objects less often.  As Python comes, it walked over all of them twice for
1,000 pages, and 250 times over the young ones: a tenth of the CPU time of a crawl.  Calls may nest.  Garbage in cycles is still found; an
answered request leaves none that holds a body.
"""

import gc
from typing import Final

YOUNG: Final = 10_000  # net new objects between two looks; Python's own is 700
_held: list[tuple[int, int, int]] = []  # the thresholds that each crawl under way has met


def ease() -> None:
    """A crawl begins."""
    _held.append(gc.get_threshold())
    gc.freeze()
    gc.set_threshold(YOUNG, *_held[0][1:])


def restore() -> None:
    """It ends; with the last of several all is as it was."""
    before = _held.pop()
    if not _held:
        gc.unfreeze()
        gc.set_threshold(*before)
