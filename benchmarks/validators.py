"""What validators find: every case of the tests, broken and good, given to ours and to the public ones.

``python -m benchmarks.validators [--each]`` after ``make judges``.  A tool finds a defect when it ends with another code than 0; on a good
file that is a false alarm.  ``-`` is a kind of file that a tool does not read.  Cases that break no more than advice are left out: nothing
is to be found by exit code.  ``--each`` names every defect with the tools that find it.

Left out are ``fastwarc check -p``, which fails every revisit (85 alarms in 118 good files), and warctools' ``warcvalid``, which fails every
file by an exception of its own in Python 3.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the cases are the tests'

from support.indexcases import index_cases
from support.verifycases import Case, container_cases, set_cases, warc_cases
from support.waczcases import wacz_cases

ROOT = Path(__file__).resolve().parent.parent
OURS = "copytrail verify"
_WARC = (".warc", ".warc.gz")
_KNOWN = (*_WARC, ".wacz", ".cdxj", ".cdxj.gz", ".cdx", ".cdx.gz", ".idx", ".loc", ".open", ".arc", ".txt", ".zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A validator: its program, what it is told, and the files that it reads."""

    name: str
    program: Path
    arguments: tuple[str, ...]
    endings: tuple[str, ...]
    many: bool = False  # takes several files at once

    def reads(self, case: Case) -> bool:
        """Whether the case is of a kind that the tool knows."""
        return all(name.endswith(self.endings) for name in case.files)

    def complains(self, paths: list[Path]) -> bool:
        """Whether it ends with another code than 0 for any of the files."""
        calls = [paths] if self.many else [[path] for path in paths]
        return any(self._run(call) for call in calls)

    def _run(self, paths: list[Path]) -> bool:
        command = [str(self.program), *self.arguments, *map(str, paths)]
        try:
            return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode != 0
        except subprocess.TimeoutExpired:
            return True


def tools() -> list[Tool]:
    """Those that are installed; ours first."""
    here = Path(sys.executable).parent
    wanted = [
        (OURS, here / "copytrail", ("verify",), _KNOWN, True),
        ("warcio check", here / "warcio", ("check",), _WARC, False),
        ("fastwarc check", ROOT / ".venv-judges/fastwarc/bin/fastwarc", ("check", "-q"), _WARC, False),
        ("wacz validate", ROOT / ".venv-judges/wacz/bin/wacz", ("validate", "-f"), (".wacz",), False),
    ]
    return [
        Tool(name=name, program=program, arguments=arguments, endings=endings, many=many)
        for name, program, arguments, endings, many in wanted
        if program.exists()
    ]


def cases() -> Iterator[Case]:
    """Every case in which an error is to be found, or none."""
    for made in (warc_cases, container_cases, set_cases, index_cases, wacz_cases):
        yield from (case for case in made() if not case.mild)


def verdicts(case: Case, judges: list[Tool]) -> dict[str, bool | None]:
    """Which tools complain of a case; None of those that do not read it."""
    with tempfile.TemporaryDirectory(prefix="validators-") as folder:
        for name, data in case.files.items():
            (Path(folder) / name).write_bytes(data)
        paths = [Path(folder) / name for name in sorted(case.files) if not name.endswith(".loc")]
        return {tool.name: tool.complains(paths) if tool.reads(case) else None for tool in judges}


def _sum(counted: Counter[tuple[str, str]], name: str) -> int:
    return sum(count for (tool, _), count in counted.items() if tool == name)


def main(arguments: list[str]) -> None:
    """Print the table."""
    judges = tools()
    found, read, alarms, good = (Counter[tuple[str, str]]() for _ in range(4))
    alone = 0
    total: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for case, verdict in zip(cases(), pool.map(lambda case: verdicts(case, judges), cases()), strict=True):
            family = case.rule.partition("-")[0] if case.rule else ""
            total[family] += 1
            for name, complains in verdict.items():
                (read if family else good)[name, family] += complains is not None
                (found if family else alarms)[name, family] += complains is True
            others = [name for name, complains in verdict.items() if complains and name != OURS]
            alone += bool(family) and not others
            if "--each" in arguments and family:
                print(f"{case.rule:24} {case.name:50} {', '.join(others) or 'ours alone'}{'' if verdict[OURS] else '   NOT FOUND'}")
    names = [tool.name for tool in judges]
    print(f"{'defects by rule':18}" + "".join(f"{name:>20}" for name in names))
    families = sorted(filter(None, total))
    for family in families:
        cells = [f"{found[name, family]} of {read[name, family]}" if read[name, family] else "-" for name in names]
        print(f"{family + '-…':18}" + "".join(f"{cell:>20}" for cell in cells))
    for label, counted, of in (("found", found, read), ("false alarms", alarms, good)):
        print(f"{label:18}" + "".join(f"{f'{_sum(counted, name)} of {_sum(of, name)}':>20}" for name in names))
    print(f"{sum(total[family] for family in families)} defects, {total['']} good files; {alone} defects are found by no tool but ours")


if __name__ == "__main__":
    main(sys.argv[1:])
