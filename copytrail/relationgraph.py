"""Who took what from whom as a drawing: pure geometry, in pixels across and in rows down.

Contract: ``graph`` gives the articles that gave or took something, in the order of time, a row each.  Every outlet has a lane; an article
that gave has a track beside its lane, from its own row to that of the last who took from it; from the track a branch leads to each taker.
A row is drawn alone, at whatever height it has: lines that go through it go from edge to edge, and all that bends lies within ``BEND``
pixels of its middle line ``Y``.  The number of articles that are left out is told.  The same ties and the same width give the same drawing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from archive.relations import RelationKind
from copytrail.relatedview import Tie, in_time
from copytrail.storyview import ArticleView

Y = 28.0  # of the middle line of every row: where the article's first line of words stands
BEND = 16.0
FAR = 4000  # higher than any row: the drawing is cut at the row's edges
WIDEST = 40.0  # between two lanes
MOST = 80  # rows: a longer drawing shows nobody anything
COPIES = frozenset({RelationKind.SAME_PAYLOAD, RelationKind.NEAR_DUPLICATE, RelationKind.SYNDICATED, RelationKind.DERIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """Everything that an article has from one other, the strongest first."""

    giver: ArticleView
    ties: tuple[Tie, ...]

    @property
    def look(self) -> str:
        """How it is drawn: copy, version, cites or quotes."""
        relation = self.ties[0].relation
        return "copy" if relation.kind in COPIES else "version" if relation.versions else str(relation.kind)

    @property
    def directed(self) -> bool:
        """Whether it is known who took from whom."""
        return self.ties[0].relation.directed


@dataclass(frozen=True, slots=True)
class Line:
    """A path; ``outlet`` gives its colour and ``look`` its stroke."""

    path: str
    outlet: str
    look: str = "track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One row at one width: lanes behind, then lines, heads of arrows, and the article's mark at ``x``, ``Y``."""

    width: float
    lanes: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    heads: tuple[Line, ...]
    x: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article, what it has from others, who has something from it, and with whom it only shares a source."""

    article: ArticleView
    strands: tuple[Strand, ...]
    takers: tuple[ArticleView, ...]
    shares: tuple[ArticleView, ...]
    drawings: tuple[Drawing, ...]


def graph(ties: Sequence[Tie], widths: Sequence[float], most: int = MOST) -> tuple[tuple[Row, ...], int]:
    """The rows, each drawn once for every width, of the ``most`` articles that have the most ties; and the number of the other articles."""
    drawn, left_out = _densest([tie for tie in ties if tie.drawn], most)
    strands = _strands(drawn)
    articles = in_time({end.number: end for tie in drawn for end in (tie.giver, tie.taker)}.values())
    takers = _by_number((strand.giver, article) for article in articles for strand in strands.get(article.number, ()))
    shared = [(tie.giver, tie.taker) for tie in ties if tie.relation.kind is RelationKind.COMMON_SOURCE]
    shares = _by_number(sorted([*shared, *((two, one) for one, two in shared)], key=lambda pair: pair[1].number))
    plans = [_Plan(articles, strands, width) for width in widths]
    rows = (
        Row(
            article=article,
            strands=strands.get(article.number, ()),
            takers=tuple(takers.get(article.number, ())),
            shares=tuple(shares.get(article.number, ())),
            drawings=tuple(plan.drawing(row) for plan in plans),
        )
        for row, article in enumerate(articles)
    )
    return tuple(rows), left_out


def _densest(ties: list[Tie], most: int) -> tuple[list[Tie], int]:
    """The ties between the articles that have the most of them, and how many articles are left out."""
    counts = Counter(end.number for tie in ties for end in (tie.giver, tie.taker))
    chosen = set(sorted(counts, key=lambda number: (-counts[number], number))[:most])
    kept = [tie for tie in ties if tie.giver.number in chosen and tie.taker.number in chosen]
    return kept, len(counts) - len({end.number for tie in kept for end in (tie.giver, tie.taker)})


def _strands(ties: Iterable[Tie]) -> dict[int, tuple[Strand, ...]]:
    """By the taker's number, in the order of the givers' numbers."""
    ordered = sorted(ties, key=lambda tie: (tie.taker.number, tie.giver.number))  # stable: the strongest kind stays first
    pairs = [Strand(giver=group[0].giver, ties=group) for _, found in groupby(ordered, key=_pair) for group in [tuple(found)]]
    return {number: tuple(found) for number, found in groupby(pairs, key=lambda strand: strand.ties[0].taker.number)}


def _pair(tie: Tie) -> tuple[int, int]:
    return tie.taker.number, tie.giver.number


def _by_number(pairs: Iterable[tuple[ArticleView, ArticleView]]) -> dict[int, list[ArticleView]]:
    """The second of each pair by the number of the first."""
    found: dict[int, list[ArticleView]] = {}
    for one, two in pairs:
        found.setdefault(one.number, []).append(two)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """Beside the lane of an article that gave, through the rows from ``first`` to ``last``; ``row`` is its own."""

    row: int
    first: int
    last: int
    outlet: str
    x: float


class _Plan:
    """Lanes and tracks at one width."""

    def __init__(self, articles: Sequence[ArticleView], strands: Mapping[int, tuple[Strand, ...]], width: float) -> None:
        self.articles, self.strands = articles, strands
        self.rows = {article.number: row for row, article in enumerate(articles)}
        outlets = list(dict.fromkeys(article.outlet for article in articles))
        places = len(outlets) + 0.4  # a lane's own, and room for the tracks of the last
        self.step = min(WIDEST, width / places)
        self.width = round(self.step * places, 1)
        self.lanes = {outlet: round(self.step * (number + 0.4), 1) for number, outlet in enumerate(outlets)}
        self.radius = round(min(11.0, self.step * 0.3), 1)
        self.tracks = self._tracks()

    def _tracks(self) -> dict[int, _Track]:
        """By the giver's number; two that run beside each other in one lane keep apart."""
        reach = {giver: sorted([self.rows[giver], *takers]) for giver, takers in self._takers().items()}
        slots: dict[str, list[int]] = {}
        placed: list[tuple[int, int, str]] = []
        for giver, rows in sorted(reach.items(), key=lambda item: item[1]):
            outlet = self.articles[self.rows[giver]].outlet
            ends = slots.setdefault(outlet, [])
            slot = next((number for number, end in enumerate(ends) if end < rows[0]), len(ends))
            ends[slot:] = [rows[-1], *ends[slot + 1 :]]
            placed.append((giver, slot, outlet))
        return {
            giver: _Track(
                row=self.rows[giver],
                first=reach[giver][0],
                last=reach[giver][-1],
                outlet=outlet,
                x=round(self.lanes[outlet] + self.step * (slot + 1) / (len(slots[outlet]) + 1), 1),
            )
            for giver, slot, outlet in placed
        }

    def _takers(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for taker, strands in self.strands.items():
            for strand in strands:
                found.setdefault(strand.giver.number, []).append(self.rows[taker])
        return found

    def drawing(self, row: int) -> Drawing:
        """The row at this width."""
        article = self.articles[row]
        lines = [Line(f"M{track.x:g} -{FAR}V{FAR}", track.outlet) for track in self.tracks.values() if track.first < row < track.last]
        own = self.tracks.get(article.number)
        x = self.lanes[article.outlet]
        if own is not None:
            lines += [Line(path, own.outlet) for path in _out(x, own)]
        heads = []
        strands = self.strands.get(article.number, ())
        for strand, y in zip(strands, _heights(len(strands), self.radius), strict=True):
            track = self.tracks[strand.giver.number]
            along, across = _branch(track, row, x, y, self.radius)
            lines += [Line(along, track.outlet), Line(across, track.outlet, strand.look)]
            if strand.directed:
                heads.append(Line(_head(track.x, x, y, self.radius), track.outlet, strand.look))
        lanes = tuple((place, outlet) for outlet, place in self.lanes.items())
        return Drawing(width=self.width, lanes=lanes, lines=tuple(lines), heads=tuple(heads), x=x, radius=self.radius)


def _out(x: float, track: _Track) -> Iterator[str]:
    """From an article's mark to its track, up or down or both."""
    for sign, wanted in ((1, track.last > track.row), (-1, track.first < track.row)):
        if wanted:
            yield f"M{x:g} {Y:g}Q{track.x:g} {Y:g} {track.x:g} {Y + sign * BEND:g}V{sign * FAR}"


def _heights(number: int, radius: float) -> list[float]:
    """Where on the rim of its mark each of an article's branches ends."""
    gap = min(6.0, 1.4 * radius / max(1, number - 1))
    return [round(Y + (place - (number - 1) / 2) * gap, 1) for place in range(number)]


def _branch(track: _Track, row: int, x: float, y: float, radius: float) -> tuple[str, str]:
    """The track, which comes from above or below, to the bend; from there to where the head of the arrow begins."""
    sign, side = -1 if track.row < row else 1, 1 if x > track.x else -1
    end = x - side * min(
        abs(x - track.x), radius + 1 + _head_length(track.x, x, radius)
    )  # where lanes are narrow a mark may reach its track
    turn = min(BEND, abs(end - track.x))
    bend = f"M{track.x:g} {y + sign * turn:g}"
    return f"{bend}V{sign * FAR}", f"{bend}Q{track.x:g} {y:g} {track.x + side * turn:g} {y:g}H{end:g}"


def _head(start: float, x: float, y: float, radius: float) -> str:
    side = 1 if x > start else -1
    length = _head_length(start, x, radius)
    return f"M{x - side * min(abs(x - start), radius + 1):g} {y:g}l{-side * length:g} {-length / 1.75:g}v{length / 0.875:g}z"


def _head_length(start: float, x: float, radius: float) -> float:
    """Seven pixels, or what room there is between the track and the mark."""
    return round(max(1.0, min(7.0, abs(x - start) - radius - 1)), 1)
