"""The lives of the articles of a simulated month: what happens to each, and the events that a careful observer would write down.

``LIVES`` is the script.  A ``Step`` is what the newsroom does at an age in hours, ``told`` whether its feed says so ten minutes later; of
several edits all but the last are told, so that no visit can find two at once.  ``expects`` was written by hand, one tuple an observable
version: it is what the product is held against, and never made by it.  Cosmetic changes are no events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

FIRST: Mapping[str, str] = {
    "figure": "421,000",
    "day": "Monday",
    "season": "summer",
    "speaker": "Mara Velden",
    "author": "Lena Ruud",
    "plain": "Visitors may use the old ferry until the work on the bridge is done.",
    "marks": "“”",
}
CORRECTED = "Correction: An earlier version of this article gave a wrong sum for the repair of the pier."
ADDED = "The council will vote on the money for a second boat at its next meeting in the old school."


@dataclass(frozen=True, kw_only=True)
class Step:
    """What changes from an age on: words of the text, or the way in which the article's address answers, which may end again."""

    at: float  # hours after publication
    words: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None  # gone, moved, teaser, money, law, consent, robot, bare; the article otherwise
    until: float = 10_000
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Life:
    """One script."""

    steps: tuple[Step, ...] = ()
    expects: tuple[tuple[str, ...], ...] = ()
    lies: bool = False  # its server says 304 whatever has happened


QUIET = Life()
LIVES: Mapping[str, Life] = {
    "headline": Life(steps=(Step(at=1.5, words={"title": "Storm keeps the ferry in harbour"}, told=True),), expects=(("headline",),)),
    "figure": Life(steps=(Step(at=3, words={"figure": "412,000"}, told=True),), expects=(("figure",),)),
    "quote": Life(steps=(Step(at=5, words={"season": "winter"}),), expects=(("quote",),)),
    "attribution": Life(steps=(Step(at=2, words={"speaker": "Oskar Brun"}, told=True),), expects=(("attribution",),)),
    "passage added": Life(steps=(Step(at=8, words={"added": ADDED}, told=True),), expects=(("passage_added",),)),
    "passage removed": Life(steps=(Step(at=20, words={"plain": ""}),), expects=(("passage_removed",),)),
    "correction": Life(
        steps=(Step(at=26, words={"figure": "412,000", "note": CORRECTED}, told=True),), expects=(("correction", "figure"),)
    ),
    "byline": Life(steps=(Step(at=4, words={"author": "Tom Berg"}, told=True),), expects=(("byline",),)),
    "date": Life(steps=(Step(at=2, words={"day": "Tuesday"}, told=True),), expects=(("date",),)),
    "typography": Life(steps=(Step(at=6, words={"marks": '""'}, told=True),)),
    "three edits": Life(
        steps=(
            Step(at=1, words={"figure": "412,000"}, told=True),
            Step(at=9, words={"title": "Council votes on the ferry"}, told=True),
            Step(at=30, words={"added": ADDED}),
        ),
        expects=(("figure",), ("headline",), ("passage_added",)),
    ),
    "deleted": Life(steps=(Step(at=50, answer="gone"),), expects=(("gone",),)),
    "deleted and back": Life(steps=(Step(at=30, answer="gone", until=15 * 24),), expects=(("gone",), ("restored",))),
    "away for a moment": Life(steps=(Step(at=7, answer="gone", until=7.5),)),
    "sent home": Life(steps=(Step(at=40, answer="moved"),), expects=(("redirect_home",),)),
    "a paywall": Life(steps=(Step(at=10, answer="teaser", told=True),), expects=(("paywalled",),)),
    "asked for money": Life(steps=(Step(at=60, answer="money"),), expects=(("paywalled",),)),
    "forbidden by law": Life(steps=(Step(at=100, answer="law"),), expects=(("legal_block",),)),
    "edited behind a consent wall": Life(
        steps=(Step(at=5, answer="consent", until=50), Step(at=20, words={"figure": "412,000"}, told=True)), expects=(("figure",),)
    ),
    "a bot wall": Life(steps=(Step(at=3, answer="robot", until=30),)),
    "announced for nothing": Life(steps=(Step(at=4, told=True), Step(at=12, told=True), Step(at=60, told=True))),
    "without words at first": Life(steps=(Step(at=0, answer="bare", until=20),)),
    "behind a wall at first": Life(steps=(Step(at=0, answer="robot", until=20),)),
    "a lying ETag": Life(steps=(Step(at=30, words={"added": ADDED}),), expects=(("passage_added",),), lies=True),
}
