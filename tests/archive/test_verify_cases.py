"""Every rule has a case that breaks it, and nothing that is allowed is accused."""

from pathlib import Path

import pytest
from support.indexcases import index_cases
from support.verifycases import Case, container_cases, set_cases, warc_cases
from support.waczcases import wacz_cases

from archive.findings import Finding, Severity, Tally
from archive.store import open_store
from archive.verify import verify
from archive.verify_rules import RULES

HERE = Path(__file__)


def findings(folder: Path, case: Case) -> list[Finding]:
    for name, data in case.files.items():
        (folder / name).write_bytes(data)
    named = [str(folder / name) for name in sorted(case.files) if not name.endswith(".loc")]
    return list(verify(named, open_store, Tally()))


def _name(case: Case) -> str:
    return f"{case.rule} {case.name}".strip()


CASES = [case for cases in (container_cases, set_cases, index_cases, wacz_cases) for case in cases()]


@pytest.mark.parametrize("case", [case for case in CASES if case.rule], ids=_name)
def test_every_defect_is_found_with_its_section(case: Case, tmp_path: Path) -> None:
    """The rule, the section that states it, and exit 1 where bytes are lost or contradict what is said of them."""
    found = findings(tmp_path, case)

    assert case.section in {item.section for item in found if item.rule == case.rule}, found
    assert any(item.severity is Severity.ERROR for item in found) is not case.mild


@pytest.mark.parametrize("case", [case for case in CASES if not case.rule], ids=_name)
def test_what_is_allowed_is_no_error(case: Case, tmp_path: Path) -> None:
    """However odd."""
    assert [item for item in findings(tmp_path, case) if item.severity is Severity.ERROR] == []


def test_every_rule_is_broken_by_a_case() -> None:
    """A rule that nothing breaks would be a promise that nobody checks; what takes a store, a key or gigabytes has tests of its own."""
    broken = {case.rule for case in (*warc_cases(), *CASES)} - {""}
    others = "".join(path.read_text(encoding="utf-8") for path in HERE.parent.glob("test_*.py") if path != HERE)

    assert broken <= set(RULES)
    assert [rule for rule in set(RULES) - broken if f'"{rule}"' not in others] == []


def test_each_case_has_a_name_of_its_own() -> None:
    """So that a table of them can be read."""
    names = [_name(case) for case in (*warc_cases(), *CASES)]
    assert len(set(names)) == len(names)
