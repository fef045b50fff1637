"""What people decided, held against one another."""

import pytest

from archive.judgements import read_subject, subject_of
from archive.relations import RelationKind
from pipeline.judged import kappa


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("yyyyyyyyyyyyyyyyyyyyyyyyynnnnnnnnnnnnnnnnnnnnnnnnn", "yyyyyyyyyyyyyyyyyyyynnnnnyyyyyyyyyynnnnnnnnnnnnnnn", 0.4),
        ("yn", "yn", 1.0),
        ("yn", "ny", -1.0),
        ("yy", "yy", None),
        ("", "", None),
    ],
)
def test_kappa_is_agreement_beyond_chance(left: str, right: str, expected: float | None) -> None:
    """Fifty proposals, twenty accepted and fifteen refused by both: 0.70 observed, 0.50 by chance."""
    found = kappa(list(zip(left, right, strict=True)))

    assert found == (None if expected is None else pytest.approx(expected))


def test_a_relation_without_direction_has_one_name() -> None:
    """Whichever article is named first; a directed one keeps its ends, and the name reads back."""
    one, two = "http://b.example:8080/x:y", "https://a.example/"

    assert subject_of(RelationKind.COMMON_SOURCE, one, two) == subject_of(RelationKind.COMMON_SOURCE, two, one)
    assert read_subject(subject_of(RelationKind.CITES, one, two)) == (RelationKind.CITES, one, two)
