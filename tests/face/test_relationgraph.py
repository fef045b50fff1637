"""The drawing of who took what from whom: lines begin and end where the articles are, at any width and for any ties."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from support.toldstory import article, relation, told_story

from archive.relations import RelationKind
from copytrail.relatedview import Tie, ties
from copytrail.relationgraph import FAR, Y, graph

WIDTH = 120.0
DRAWN = [kind for kind in RelationKind if kind not in {RelationKind.COMMON_SOURCE, RelationKind.SAME_STORY}]


@st.composite
def tangles(draw: st.DrawFn) -> list[Tie]:
    """Up to forty ties between up to a dozen articles of up to a dozen outlets."""
    many = draw(st.integers(2, 12))
    articles = [article(number, f"Outlet {draw(st.integers(1, 12))}", "", hours=draw(st.integers(0, 9))) for number in range(1, many + 1)]
    pairs = draw(st.lists(st.tuples(st.sampled_from(articles), st.sampled_from(articles), st.sampled_from(DRAWN)), max_size=40))
    return [Tie(relation=relation(kind, taker, giver), giver=giver, taker=taker) for giver, taker, kind in pairs if giver is not taker]


def places(path: str) -> list[float]:
    """The x coordinates of a path of M, V, Q and H."""
    found: list[float] = []
    for letter, numbers in re.findall(r"([MVQH])([^MVQHlvz]*)", path):
        values = [float(value) for value in numbers.split()]
        found += values if letter == "H" else values[::2] if letter in "MQ" else []
    return found


@given(tangles())
def test_every_strand_is_drawn_within_the_width(tangle: Sequence[Tie]) -> None:
    """One branch for each article that something came from; nothing stands outside, and no arrow is drawn where nobody knows who took."""
    for row in graph(tangle, [WIDTH])[0]:
        (drawing,) = row.drawings
        branches = [line for line in drawing.lines if line.look != "track"]
        assert [line.look for line in branches] == [strand.look for strand in row.strands]
        assert len(drawing.heads) == sum(strand.directed for strand in row.strands)
        assert drawing.width <= WIDTH + 0.1
        assert all(0 <= x <= drawing.width for line in (*drawing.lines, *drawing.heads) for x in places(line.path))
        assert drawing.radius <= drawing.x <= drawing.width


@given(tangles())
def test_tracks_meet_at_the_edges_of_rows(tangle: Sequence[Tie]) -> None:
    """What leaves a row at its lower edge enters the next at its upper edge, at the same place; nothing leaves the first or the last."""
    edges = [_edges([line.path for line in row.drawings[0].lines]) for row in graph(tangle, [WIDTH])[0]]
    lower, upper = [below for _, below in edges], [above for above, _ in edges]

    assert lower[:-1] == upper[1:]
    assert not (upper[:1] + lower[-1:]) or (upper[0], lower[-1]) == (set(), set())


def _edges(paths: Sequence[str]) -> tuple[set[float], set[float]]:
    """Where lines cross the upper and the lower edge of a row."""
    above, below = set(), set()
    for path in paths:
        x, y = re.findall(r"[MQ ](-?[\d.]+) (-?[\d.]+)V", path)[-1] if "V" in path else ("", "")
        ends = {y, path.rpartition("V")[2]} if "V" in path else set()
        if f"-{FAR}" in ends:
            above.add(float(x))
        if f"{FAR}" in ends:
            below.add(float(x))
    return above, below


@given(tangles())
def test_two_tracks_never_lie_on_each_other(tangle: Sequence[Tie]) -> None:
    """In one row no two of the lines that go through it have the same place."""
    for row in graph(tangle, [WIDTH])[0]:
        through = [line.path for line in row.drawings[0].lines if line.path.endswith(f"-{FAR}V{FAR}")]
        assert len(through) == len(set(through))


def test_rows_follow_time_and_tell_both_ends() -> None:
    """The agency first, then who has it from there; articles with nothing from others and nothing for them have no row."""
    rows, left_out = graph(ties(told_story()), [WIDTH, 200.0])

    assert [row.article.number for row in rows] == [1, 2, 3]
    assert [[strand.giver.number for strand in row.strands] for row in rows] == [[], [1], [2]]
    assert [[taker.number for taker in row.takers] for row in rows] == [[2], [3], []]
    assert [[other.number for other in row.shares] for row in rows] == [[3], [], [1]]
    assert [strand.look for row in rows for strand in row.strands] == ["cites", "copy"]
    assert [len(row.drawings) for row in rows] == [2, 2, 2]
    assert left_out == 0
    assert f"{Y:g}" in rows[1].drawings[0].heads[0].path


def test_no_ties_make_no_rows() -> None:
    """A story of which nothing is known to be copied has no such drawing."""
    assert graph([], [WIDTH]) == ((), 0)


def test_a_limit_to_the_rows_is_counted() -> None:
    """The articles with the most ties are drawn, with the ties between them; the others are told by their number."""
    rows, left_out = graph(ties(told_story()), [WIDTH], most=2)

    assert [row.article.number for row in rows] == [1, 2]
    assert left_out == 1
    assert rows[1].takers == ()
