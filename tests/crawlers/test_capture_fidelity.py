"""The benchmark that holds records against the wire, in its own code: our column and wget's."""

import shutil

import pytest

from benchmarks.fidelity_cases import cases
from benchmarks.fidelity_table import markdown, measure


async def test_our_records_are_exact_and_others_are_measured() -> None:
    """Every request and response of ours is right, wget has been asked for the same, and the table has a row for each case."""
    if not shutil.which("wget"):
        pytest.skip("wget is not installed: scripts/system-packages")
    table = await measure(("copytrail", "wget"))

    names = [case.name for case in cases()]
    wanted = sum(cell[0].wanted > 0 for cell in table.column("copytrail"))
    assert {
        name: cell for name, cell in table.cells["copytrail"].items() if cell is None or {verdict.word for verdict in cell} - {"exact", "·"}
    } == {}
    assert (table.exact("copytrail", 0), table.exact("copytrail", 1)) == ((wanted, wanted), (len(names), len(names)))
    assert table.silent("copytrail") == 0
    assert [verdict.word for verdict in table.cells["wget"]["plain"] or ()] == ["exact", "exact"]
    assert wanted // 2 < table.exact("wget", 0)[0] < wanted
    lines = markdown(table, {"wget": "1"}).splitlines()
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2 : 2 + len(names)]] == names
    assert lines[-1] == "wget 1"
