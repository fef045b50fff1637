"""An outlet with a new layout is told from one that has always been hard to read."""

from datetime import UTC, datetime, timedelta
from math import isclose

import pytest

from archive.kinds import AlarmKind, PageKind, TextAlarmKind
from archive.records import Document, Quality, TextAlarm
from pipeline.layouts import Row, layout_breaks, row_of, tail

NOW = datetime(2026, 5, 13, 12, tzinfo=UTC)


def rows(lacking: int, texts: int, outlet: str = "paper.example") -> list[Row]:
    return [
        Row(
            url=f"https://www.{outlet}/{number}",
            time=NOW - timedelta(minutes=number),
            lacks=(TextAlarmKind.EMPTY,) if number < lacking else (),
        )
        for number in range(texts)
    ]


@pytest.mark.parametrize(
    ("today", "before", "raised"),
    [
        ((3, 3), (0, 30), True),
        ((3, 4), (0, 30), True),
        ((10, 12), (1, 30), True),
        ((5, 5), (0, 0), True),
        ((2, 2), (0, 30), False),
        ((3, 30), (0, 30), False),
        ((3, 5), (12, 30), False),
        ((10, 10), (30, 30), False),
        ((0, 10), (0, 30), False),
    ],
)
def test_today_against_the_past(*, today: tuple[int, int], before: tuple[int, int], raised: bool) -> None:
    """Many texts that lack something are an alarm where it used to be few; where it was always so, or a few of many, they are none."""
    found = layout_breaks(rows(*today), {"paper.example": rows(*before)}, NOW)

    assert [(alarm.kind, alarm.about) for alarm in found] == ([(AlarmKind.LAYOUT_BREAK, "paper.example")] if raised else [])
    if raised:
        assert f"{today[0]} of {today[1]} texts are not whole (empty); before it was {before[0]} of {before[1]}" in found[0].message
        assert found[0].since == NOW - timedelta(minutes=today[0] - 1)
        assert found[0].evidence["chance"] < 1e-3


def test_each_outlet_has_its_own_past() -> None:
    """One broken outlet among many is named alone."""
    history = {f"paper{number}.example": rows(0, 30) for number in range(20)}
    today = [row for number in range(20) for row in rows(5 if number == 7 else 0, 6, f"paper{number}.example")]

    assert [alarm.about for alarm in layout_breaks(today, history, NOW)] == ["paper7.example"]


def test_the_tail_is_a_chance() -> None:
    """All counts together are certain, more is less likely than less, and a clean past makes it less likely still."""
    assert isclose(tail(0, 7, 2, 30), 1.0)
    assert tail(3, 7, 2, 30) > tail(4, 7, 2, 30) > tail(4, 7, 0, 30) > 0


@pytest.mark.parametrize(
    ("kind", "alarms", "lacks"),
    [
        (PageKind.ARTICLE, (), ()),
        (PageKind.ARTICLE, (TextAlarmKind.SHORT_OF_PAGE,), (TextAlarmKind.SHORT_OF_PAGE,)),
        (PageKind.ARTICLE, (TextAlarmKind.TRUNCATED, TextAlarmKind.NEXT_PAGE), ()),
        (PageKind.EMPTY, (), (TextAlarmKind.EMPTY,)),
        (PageKind.NOT_ARTICLE, (TextAlarmKind.EMPTY,), (TextAlarmKind.EMPTY,)),
        (PageKind.NOT_ARTICLE, (), None),
        (PageKind.BOT_WALL, (), None),
        (PageKind.INDEX, (), None),
    ],
)
def test_what_a_page_says_about_layout(kind: PageKind, alarms: tuple[TextAlarmKind, ...], lacks: tuple[TextAlarmKind, ...] | None) -> None:
    """Articles count, whole or not, and pages without any text; walls and lists do not, and neither does what is no matter of layout."""
    found = row_of(
        Document(
            capture="c",
            url="https://paper.example/a",
            extractor="x",
            quality=Quality(kind=kind),
            alarms=tuple(TextAlarm(kind=name, message="so") for name in alarms),
        ),
        NOW,
    )

    assert (None if found is None else found.lacks) == lacks
