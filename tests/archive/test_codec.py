"""Nouns survive JSON, and damage is noticed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import codec
from archive.kinds import Found
from archive.records import Author, Block, Capture, Document, Lead, Outcome, Quality, RecordRef, Removal, Revision, Span, Story

TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone
for parts in (Author, Block, Quality, RecordRef, Removal, Span):
    st.register_type_strategy(parts, st.builds(parts))
st.register_type_strategy(datetime, TIMES)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))  # JSON has neither, and no noun means one


@pytest.mark.parametrize("kind", [Capture, Document, Lead, Outcome, Revision, Story])
def test_every_noun_survives_json(kind: type) -> None:
    """What is written is what is read, for any values of the fields' types."""

    @given(st.builds(kind))
    def round_trip(value: object) -> None:
        assert codec.read(kind, codec.text_of(value)) == value

    round_trip()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"url": 1}', '{"url": "u", "found": "by magic"}', '{"url": "u", "found": "link"'])
def test_damage_is_noticed(text: str) -> None:
    """A key that is missing, a value of another type or outside its closed list, or half a text is a CodecError."""
    with pytest.raises(codec.CodecError, match="not a Lead"):
        codec.read(Lead, text)


def test_a_key_of_a_later_version_is_passed_over() -> None:
    """A reader of today reads an object of tomorrow that says more."""
    assert codec.read(Lead, '{"url": "http://paper.example/", "found": "link", "mood": "good"}').found is Found.LINK
