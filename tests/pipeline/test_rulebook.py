"""The rules of residue as data: a slip in them is an error that names its place."""

from datetime import date
from importlib.resources import files

import pytest

from pipeline.lines import apply_rules
from pipeline.rulebook import read_rules, rulebook
from pipeline.worksheet import Sheet

TEXT = files("pipeline").joinpath("rules/residue.yaml").read_text("utf-8")
RULE = "\n  - name: trial\n    where: any\n    most_words: 9\n    shapes: ['{}']\n"


def test_the_rules_that_are_shipped_are_whole() -> None:
    """Every rule has shapes, and all of the kinds of residue that are named in the issue have rules."""
    names = {rule.name for rule in rulebook().rules}

    assert {"breadcrumb", "promotion", "related", "rights", "credit", "caption"} <= names
    assert all(rule.shapes for rule in rulebook().rules)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TEXT + "\nextra: 1\n", "unknown keys"),
        (TEXT.replace("\nrules:", "\nrule:"), "unknown keys"),
        (TEXT + "  - name: trial\n    where: any\n    most_words: 9\n    shapes: ['x']\n    colour: red\n", "a rule: unknown keys"),
        (TEXT + "  - name: trial\n    most_words: 9\n    shapes: ['x']\n", "where"),
        (TEXT + "  - name: trial\n    where: nowhere\n    most_words: 9\n    shapes: ['x']\n", "nowhere"),
        (TEXT + RULE.format("(?P<colour>x)"), "no reader for the fields"),
        (TEXT + RULE.format("%nothing%"), "is no shape"),
        (TEXT + RULE.format("(x"), "is no shape"),
        (TEXT + RULE.format("x") + "    only_with: '(x'\n", "is no shape"),
        (TEXT + "  - name: trial\n    where: any\n    most_words: 9\n    shapes: x\n", "not a list of words"),
        (TEXT.replace("  tag: [tag,", "  tag: [1,"), "tag is not a list of words"),
        (TEXT + RULE.format("x") + "    from: last year\n", "is no day"),
        ("- a list", "is not a mapping"),
    ],
    ids=[
        "key",
        "name of a part",
        "key of a rule",
        "missing key",
        "place",
        "field",
        "word list",
        "expression",
        "sign",
        "shapes",
        "word",
        "day",
        "no mapping",
    ],
)
def test_a_slip_in_the_rules_is_an_error(wrong: str, message: str) -> None:
    """Nothing is passed over: an unknown key or name would be a rule that silently takes nothing."""
    with pytest.raises(ValueError, match=message):
        read_rules(wrong)


@pytest.mark.parametrize(
    ("day", "taken"),
    [
        (date(2023, 12, 31), False),
        (date(2024, 1, 1), True),
        (date(2025, 6, 30), True),
        (date(2025, 7, 1), False),
        (None, True),
    ],
)
def test_a_rule_holds_for_the_captures_of_its_time(day: date | None, *, taken: bool) -> None:
    """An old capture is cleaned by the rules of its time; a text of no known day by all of them."""
    rules = read_rules(TEXT + RULE.format("ferries welcome") + "    from: 2024-01-01\n    until: 2025-06-30\n")
    sheet = Sheet("The ferry sails again on Monday, and the town is glad of it after nine years.\nFerries welcome")

    apply_rules(sheet, rules.on(day), ends=False)

    assert [cut.rule for cut in sheet.cuts] == (["trial"] if taken else [])
