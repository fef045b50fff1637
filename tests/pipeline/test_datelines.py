"""Dates and datelines as newspapers print them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.datelines import date_line, dateline, day

TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "datelines.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE["datelines"], ids=lambda case: case["text"])
def test_a_dateline_is_read_as_it_is_written(case: dict[str, Any]) -> None:
    """Place, date and agency as the text has them, and the paragraph begins right after."""
    filed = dateline(case["text"])

    assert filed is not None
    assert (filed.dateline.place, filed.dateline.date, filed.dateline.agency) == (case.get("place"), case.get("date"), case.get("agency"))
    assert case["text"][filed.length :] in {"The", "Мост", "Die", "Le", "Os", "“We"}


@pytest.mark.parametrize("text", TABLE["none"])
def test_a_sentence_is_no_dateline(text: str) -> None:
    """Capitals, brackets, dates and dashes at the beginning of a sentence belong to it."""
    assert dateline(text) is None


@pytest.mark.parametrize(("text", "iso"), TABLE["dates"].items())
def test_a_line_that_is_a_date(text: str, iso: object) -> None:
    """Many forms and languages; a day that nobody can tell is none."""
    said = date_line(text)

    assert said is not None
    assert said.day == (None if iso is None else str(iso))
    assert not said.later


@pytest.mark.parametrize("text", TABLE["later"])
def test_a_date_of_a_later_version_is_marked(text: str) -> None:
    """The day of an update is not the day of publication."""
    said = date_line(text)

    assert said is not None
    assert (said.day is not None, said.later) == (True, True)


@pytest.mark.parametrize("text", TABLE["no_dates"])
def test_other_lines_with_dates_are_no_date_lines(text: str) -> None:
    """A sentence, a part of a date or a number is nothing that may be removed."""
    assert date_line(text) is None


@given(text=st.text(max_size=120) | st.from_regex(r"[A-Z ,.()/—–-]{0,40}(March|Mar\.|марта|3|26|2024|[A-Z ,.()/—–-]){0,8}", fullmatch=True))
def test_no_text_raises(text: str) -> None:
    """Whatever the text: a dateline lies within it, and a day is a date."""
    filed = dateline(text)
    said = date_line(text)

    assert filed is None or 0 < filed.length <= len(text)
    assert said is None or said.day is None or day(said.day) == said.day
