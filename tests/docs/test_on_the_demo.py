"""What the documentation says of an archive, held against the demo's: how it is read without copytrail, its fields, rows and figures."""

import ast
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from house.checkout import ROOT, modules
from support.consoles import Typed, checkout_in, run
from warcio.archiveiterator import ArchiveIterator

from archive.settings import describe
from docs.made import notebooks
from docs.made.rows import Field, documented
from docs.made.rules import told

pytestmark = pytest.mark.timeout(480)  # seconds: a demo and many commands; an idle machine takes a tenth of it
NOTEBOOK = ROOT / "docs/notebooks/first-analyses.ipynb"
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "any": object,
}
SEED = "copytrail/newsroom/seeds/000_summary.txt"
# Commands that give rows of every kind that the demo has.
ASKED = f"""
status bridge
status
status bridge --requests
search bridge --story bridge
search bridge --story bridge -o found.csv
cite bridge
cite bridge -f csl
cite --verify citations.txt
diff bridge
config
judge bridge out http://vesta.example/another
judge bridge --list
judge bridge --agreement
read copytrail/newsroom/seeds
relate copytrail/newsroom/seeds
compare {SEED} copytrail/newsroom/seeds/001_paper.txt
graph bridge
gather
gather copytrail/newsroom/seeds
pull bridge -f jsonl -o bridge.jsonl
report bridge -o report.html
publish bridge -o public/
import copytrail-demo/bridge.wacz
index copytrail-demo/bridge.warc.gz
profile -n
new other {SEED}
text page.html --url http://paper.example/a
text page.html --url http://paper.example/a --explain
withdraw bridge --reason example -n
withdraw --url http://vesta.example/another --reason example
withdraw --list
rebuild
doctor
"""

# All of them in one process, which reads the frameworks once.
ASK = """
import shlex
import sys

from copytrail.cli import cli

if __name__ == "__main__":
    for line in sys.stdin:
        cli.main(["-C", "copytrail-demo", "--json", *shlex.split(line)], standalone_mode=False)
"""


@dataclass(frozen=True)
class Demo:
    """A folder with a demo in it, and what the page on the format said there."""

    folder: Path
    typed: list[Typed]

    def shell(self, script: str) -> str:
        """What commands print, one after the other; AssertionError when bash says that one of them is none."""
        environment = {**os.environ, "HOME": str(self.folder), "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, made by the first commands of the page on the format."""
    folder = tmp_path_factory.mktemp("demo")
    checkout_in(folder)
    return Demo(folder, run(ROOT / "docs/explanation/format.md", folder))


def test_an_archive_is_read_without_copytrail(demo: Demo) -> None:
    """Every command of the page on the format works on a copy of the demo's archive and says what it shows; ours only make and hand out."""
    assert not {each.command: (each.missing, each.said[-1000:]) for each in demo.typed if each.missing}
    assert [each.command.split(" -")[0] for each in demo.typed if "copytrail " in each.command] == ["copytrail demo", "copytrail"]


def test_every_field_of_a_record_has_words(demo: Demo) -> None:
    """Each header field, and each named field of metadata and warcinfo, that stands in the demo's WARC files is in the reference."""
    headers, metadata, info = set[str](), set[str](), set[str]()
    for path in (demo.folder / "copytrail-demo/archive").glob("warc/*/*/*/*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, arc2warc=False):
                headers |= {name for name, _ in record.rec_headers.headers}
                named = {"metadata": metadata, "warcinfo": info}.get(record.rec_type)
                if named is not None:
                    lines = record.content_stream().read().decode().splitlines()
                    named |= {line.partition(": ")[0] for line in lines if line}
    settings = {f"copytrail-{name.replace('_', '-')}" for name in describe()}

    assert len(headers) > 10
    assert headers <= set(told("record headers"))
    assert metadata <= set(told("metadata fields"))
    assert info <= set(told("warcinfo fields")) | settings


def emitted() -> set[str]:
    """The names of all rows that a command can give, as they stand in its code."""
    calls = [
        node.args[0]
        for module in modules("copytrail")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit" and node.args
    ]
    return {part.value for call in calls for part in ast.walk(call) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_kind_of_row_has_words() -> None:
    """No command gives a row whose name is not in the reference."""
    assert emitted() - set(documented()) == set()


def fault(field: Field, row: dict[str, Any]) -> str | None:
    """What is wrong with a field of a row."""
    if field.name not in row:
        return None if field.absent else f"{field.name} is missing"
    value = row[field.name]
    if value is None:
        return None if field.null else f"{field.name} is null"
    right = isinstance(value, TYPES[field.type]) and (field.type == "boolean" or not isinstance(value, bool) or field.type == "any")
    return None if right else f"{field.name} is {value!r}"


def test_rows_are_what_the_reference_says(demo: Demo) -> None:
    """Rows of the demo have the fields of the reference, all of them and no other, with the types that it states."""
    page = "<html><title>Shut</title><article><h1>Shut</h1><p>The bridge was shut on Friday evening by order of the ministry.</p></article>"
    (demo.folder / "page.html").write_text(page, encoding="utf-8")
    demo.shell("copytrail -C copytrail-demo cite bridge > citations.txt")
    (demo.folder / "asked.txt").write_text(ASKED.strip(), encoding="utf-8")
    (demo.folder / "ask.py").write_text(ASK, encoding="utf-8")
    rows = [json.loads(line) for line in demo.shell("python ask.py < asked.txt").splitlines() if line.startswith("{")]
    known = documented()
    faults = set()
    for row in rows:
        name = row.pop("schema").split(".")[1].split("/")[0]
        strange = row.keys() - {field.name for field in known[name].fields}
        faults |= {f"{name}: {words}" for field in known[name].fields if (words := fault(field, row))}
        faults |= {f"{name}: {field} has no words" for field in strange}

    assert len(rows) > 150
    assert not faults


def test_the_notebook_prints_what_is_stored(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in order on the demo's pull, and prints and draws what stands in the notebook."""
    stored = notebooks.read(NOTEBOOK)
    commands = "".join(stored["cells"][0]["source"]).split("```")[1]
    (demo.folder / "notebook").mkdir()
    demo.shell(f"cd notebook\nset -e\n{commands}")
    monkeypatch.chdir(demo.folder / "notebook")

    ran = notebooks.run(stored)

    assert [cell.get("outputs") for cell in ran["cells"]] == [cell.get("outputs") for cell in stored["cells"]]
    assert sum(len(cell.get("outputs", ())) for cell in ran["cells"]) > 10
