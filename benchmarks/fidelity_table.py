"""The table of ``capture_fidelity``: every case with every tool, and what it comes to.

Contract: ``measure`` runs the tools one after the other, each with servers of its own; ``markdown`` writes what came of it.  A cell says
``response/request``: ``exact``, ``altered``, ``none`` (nothing was kept), ``·`` (the server gave no answer that could be kept).  What a
tool cannot be asked for, or never sent, is ``not sent`` and counts neither way.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.certificates import make_authority

from benchmarks.fidelity_cases import Verdict, serving
from benchmarks.fidelity_tools import TOOLS, Round

Cell = tuple[Verdict, Verdict] | None


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by column and row."""

    cells: Mapping[str, Mapping[str, Cell]]

    def column(self, tool: str) -> list[tuple[Verdict, Verdict]]:
        """What a tool was asked for."""
        return [cell for cell in self.cells[tool].values() if cell]

    def exact(self, tool: str, part: int) -> tuple[int, int]:
        """Cases of ``tool`` whose responses (0) or requests (1) are exact, and how many could be."""
        wanted = [cell[part] for cell in self.column(tool) if cell[part].wanted]
        return sum(verdict.word == "exact" for verdict in wanted), len(wanted)

    def silent(self, tool: str) -> int:
        """Cases of which a tool has kept nothing."""
        return sum(not any(verdict.found for verdict in cell) for cell in self.column(tool))


async def measure(tools: Iterable[str]) -> Table:
    """Ask every tool for everything."""
    cells: dict[str, dict[str, Cell]] = {}
    for name in tools:
        with tempfile.TemporaryDirectory(prefix="copytrail-fidelity-") as folder:
            authority = make_authority(Path(folder))
            work = Path(folder) / "work"
            work.mkdir()
            async with serving(authority) as stands:
                found = await TOOLS[name](Round(stands, work, authority.ca_file))
            for tool, records in found.items():
                cells[tool] = {stand.case.name: stand.verdicts(records) for stand in stands}
    return Table(cells)


def markdown(table: Table, versions: Mapping[str, str]) -> str:
    """The whole table, with what was measured."""
    return "\n".join((*_lines(table), "", ", ".join(f"{name} {number}" for name, number in versions.items())))


def _lines(table: Table) -> Iterator[str]:
    tools = list(table.cells)
    yield _row("response/request", tools)
    yield _row("---", ["---"] * len(tools))
    for name in table.cells[tools[0]]:
        yield _row(name, [_word(table.cells[tool][name]) for tool in tools])
    for part, what in enumerate(("responses exact", "requests exact")):
        yield _row(f"**{what}**", ["**{} of {}**".format(*table.exact(tool, part)) for tool in tools])
    yield _row("**nothing kept**", [f"**{table.silent(tool)}**" for tool in tools])


def _word(cell: Cell) -> str:
    return "/".join(verdict.word for verdict in cell) if cell else "not sent"


def _row(first: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join((first, *cells))} |"
