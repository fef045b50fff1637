"""The decision records can be found, read and believed."""

import re

import pytest
from house.checkout import ROOT, files, project
from packaging.requirements import Requirement

RECORDS = sorted(name for name in files() if name.startswith("docs/decisions/"))


@pytest.mark.parametrize("name", RECORDS)
def test_a_decision_has_its_parts(name: str) -> None:
    """A record has the number of its file, a status with a date, and says the context, the decision and the consequences."""
    text = (ROOT / name).read_text(encoding="utf-8")
    number = re.fullmatch(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md", name)

    assert number
    assert text.startswith(f"# {number[1]}. ")
    assert re.search(r"^Status: (accepted|replaced by \d{4}), \d{4}-\d{2}-\d{2}\.$", text, re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_decisions_are_numbered_without_a_gap() -> None:
    """The next decision takes the next number."""
    assert [int(name.removeprefix("docs/decisions/")[:4]) for name in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_every_dependency_has_its_reason() -> None:
    """The table of decision 0002 has each dependency of pyproject.toml, and no other."""
    text = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9., -]+) \|", text, re.MULTILINE)
    told = {name for row in rows for name in row.split(", ")} - {"distribution"}

    assert told == {Requirement(line).name for line in project()["project"]["dependencies"]}
