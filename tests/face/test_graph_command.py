"""``copytrail graph`` and ``copytrail compare`` on an archive: through the real command line."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from support.smallarchive import AGENCY, DAYS, PAPER, SLUG, settings, small_archive

from benchmarks.invented import independent, rewritten

PROGRAM = Path(sys.executable).with_name("copytrail")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project folder with a small archive, in which the paper's text is written over from the agency's."""
    folder = tmp_path_factory.mktemp("project")
    rng = Random(2)
    source = independent(rng)[0]
    with small_archive(folder) as archive:
        texts = {PAPER: rewritten(rng, source), AGENCY: source}
        for url, text in texts.items():
            captures = archive.catalogue.captures_of(url)
            found = [archive.catalogue.document(capture.id) for capture in captures]
            archive.catalogue.put_documents([replace(item, text=text, title=None) for item in found if item is not None])
        (folder / "copytrail.toml").write_text(f'store = "{settings(folder).store}"\n', encoding="utf-8")
        yield folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, in the project."""
    command = [str(PROGRAM), "-C", str(project), *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)


def test_a_story_as_json(project: Path) -> None:
    """Nodes are captures with address, time and digest; the derivation is an edge with its direction and passages."""
    done = run(project, "graph", SLUG)
    graph = json.loads(done.stdout)
    address = {item["id"]: item["url"] for item in graph["documents"]}

    assert done.returncode == 0, done.stderr
    assert {PAPER, AGENCY} <= set(address.values())
    assert [(address[item["from"]], address[item["to"]]) for item in graph["relations"] if item["kind"] == "derived"] == [(PAPER, AGENCY)]
    assert all(item["captured"].endswith("Z") and item["digest"].startswith("sha256:") for item in graph["documents"])


def test_a_story_as_graphml(project: Path, tmp_path: Path) -> None:
    """The file is XML of GraphML's name space, with the kind and direction of each edge."""
    file = tmp_path / "story.graphml"
    done = run(project, "graph", SLUG, "-f", "graphml", "-o", str(file))
    root = ET.fromstring(file.read_text("utf-8"))  # noqa: S314 -- our own file
    space = "{http://graphml.graphdrawing.org/xmlns}"
    edges = [[data.text for data in edge] for edge in root.iter(f"{space}edge")]

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert len(list(root.iter(f"{space}node"))) >= 2
    assert any("derived" in edge for edge in edges)


def test_what_is_left_out_and_which_texts_are_meant_is_said(project: Path) -> None:
    """On stderr and in the file: first or newest texts, sources that have no text here, what could not be compared."""
    first, newest = run(project, "graph", SLUG), run(project, "graph", SLUG, "--newest")
    graphs = [json.loads(done.stdout) for done in (first, newest)]

    assert "of texts as they were first captured" in first.stderr
    assert "of texts as they were last captured" in newest.stderr
    assert [graph["texts"] for graph in graphs] == ["texts as they were first captured", "texts as they were last captured"]
    assert [graph["absent"] for graph in graphs] == [[], []]
    assert [max(item["captured"] for item in graph["documents"] if item["url"] == PAPER)[:10] for graph in graphs] == [
        f"{day:%Y-%m-%d}" for day in (DAYS[0], DAYS[2])
    ]


def test_a_story_as_dot(project: Path) -> None:
    """A directed edge has an arrow; names are quoted."""
    text = run(project, "graph", SLUG, "-f", "dot").stdout

    assert text.startswith("digraph story {")
    assert '[label="derived", dir=forward];' in text
    assert text.count("{") == text.count("}")


def test_an_unknown_story_is_wrong_usage(project: Path) -> None:
    """Exit 2 and a line on stderr."""
    done = run(project, "graph", "nothing")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no story" in done.stderr


def test_two_pages_of_the_archive_are_compared(project: Path) -> None:
    """Sides may be addresses; one that was never captured is named, and the exit is 1."""
    done = run(project, "compare", PAPER, AGENCY, "--json")

    assert [item["kind"] for item in json.loads(done.stdout)["relations"]] == ["derived"]
    assert [item["path"] for item in json.loads(done.stdout)["documents"]] == [PAPER, AGENCY]
    missing = run(project, "compare", PAPER, "http://nowhere.example/")
    assert (missing.returncode, "no text" in missing.stderr) == (1, True)


def test_of_an_address_the_first_text_is_compared(project: Path) -> None:
    """The output says which text is meant; --newest takes the last."""
    told = [run(project, "compare", PAPER, AGENCY, *flags).stdout for flags in ((), ("--newest",))]
    rows = [json.loads(run(project, "compare", PAPER, AGENCY, "--json", *flags).stdout) for flags in ((), ("--newest",))]

    assert "of addresses: texts as they were first captured" in told[0]
    assert "of addresses: texts as they were last captured" in told[1]
    assert rows[0]["documents"][0]["id"] != rows[1]["documents"][0]["id"]
