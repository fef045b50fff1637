"""``copytrail relate`` and ``copytrail compare`` on plain files: through the real command line, with no archive."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.invented import independent, rewritten

PROGRAM = Path(sys.executable).with_name("copytrail")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event in three texts: two independent ones, and one written over from the first."""
    made = tmp_path_factory.mktemp("texts")
    rng = Random(2)
    first, second, *_ = independent(rng)
    (made / "more").mkdir()
    (made / "first.txt").write_text(first, encoding="utf-8")
    (made / "second.txt").write_text(second, encoding="utf-8")
    (made / "more" / "copy.txt").write_text(rewritten(rng, first), encoding="utf-8")
    return made


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, in the folder."""
    return subprocess.run([str(PROGRAM), *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def row(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one object that was printed."""
    (line,) = done.stdout.splitlines()
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_one_object_holds_everything(folder: Path) -> None:
    """Ids are file names without extension, paths are relative, a directed relation goes from the copy, a symmetric one is sorted."""
    done = run(folder, "relate", "first.txt", "second.txt", "more", "--json")
    answer = row(done)

    assert done.returncode == 0, done.stderr
    assert [(item["id"], item["path"]) for item in answer["documents"]] == [
        ("first", "first.txt"),
        ("second", "second.txt"),
        ("copy", "more/copy.txt"),
    ]
    kinds = {(item["from"], item["to"]): item["kind"] for item in answer["relations"]}
    assert kinds["copy", "first"] == "derived"
    assert kinds["first", "second"] == "common_source"
    assert {"relations", "quotations", "utterances", "facts", "primary_source"} <= answer.keys()
    assert all(item["evidence"] and item["why"] for item in answer["relations"])


def test_offsets_lead_back_to_the_file(folder: Path) -> None:
    """A passage's offsets point into the document's text, and each paragraph says where it stands in the file."""
    answer = row(run(folder, "relate", "first.txt", "more/copy.txt", "--json"))
    documents = {item["id"]: item for item in answer["documents"]}
    (derived,) = [item for item in answer["relations"] if item["kind"] == "derived"]
    proof = derived["evidence"][0]
    file = (folder / "first.txt").read_text("utf-8")

    assert documents["copy"]["text"][slice(*proof["from"])].split() == proof["words"].split()
    for block in documents["first"]["blocks"]:
        assert file[slice(*block["file"])] == documents["first"]["text"][block["start"] : block["end"]]


def test_a_person_reads_who_and_why(folder: Path) -> None:
    """Without --json each relation is a line with an arrow, a reason and the passages."""
    done = run(folder, "relate", ".")

    assert "copy -> first   derived" in done.stdout
    assert "written over from first" in done.stdout
    assert "words in a row" in done.stdout


def test_equal_files_are_two_documents(folder: Path, tmp_path: Path) -> None:
    """Two files with the same text, and the same name in two folders, are one payload twice."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text.txt").write_text((folder / "first.txt").read_text("utf-8"), encoding="utf-8")
    answer = row(run(tmp_path, "relate", "one/text.txt", "two/text.txt", "--json"))

    assert [(item["kind"], item["from"], item["to"]) for item in answer["relations"]] == [("same_payload", "text", "text~2")]


def test_a_file_that_is_no_text_costs_itself(folder: Path, tmp_path: Path) -> None:
    """The others are compared, what was wrong is said on stderr, and the exit is 3; with nothing left it is 1."""
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    done = run(folder, "relate", "first.txt", str(tmp_path / "empty.txt"), "none.txt", "--json")

    assert done.returncode == 3
    assert len(row(done)["documents"]) == 1
    assert "empty.txt" in done.stderr
    assert "none.txt" in done.stderr
    assert run(folder, "relate", "none.txt").returncode == 1


def test_help_has_an_example(folder: Path) -> None:
    """Each of the commands shows how it is used."""
    for name in ("relate", "compare", "graph"):
        assert f"copytrail {name} " in run(folder, name, "--help").stdout


def test_two_texts_stand_side_by_side(folder: Path) -> None:
    """A shared passage has one number on both sides, and the relation and its reason stand below."""
    done = run(folder, "compare", "first.txt", "more/copy.txt", "--width", "120")

    assert done.returncode == 0, done.stderr
    columns = [line.split(" | ") for line in done.stdout.splitlines() if " | " in line]
    assert any("[1 " in left for left, _ in columns)
    assert any("[1 " in right for _, right in columns)
    assert "copy -> first   derived" in done.stdout
    assert "quotations in first" in done.stdout


def test_a_comparison_as_data(folder: Path) -> None:
    """The shared passages are given by their offsets on both sides."""
    answer = row(run(folder, "compare", "first.txt", "more/copy.txt", "--json"))
    left, right = (item["text"] for item in answer["documents"])

    assert len(answer["shared"]) > 3
    for passage in answer["shared"]:
        assert left[slice(*passage["from"])] == passage["words"]
        assert right[slice(*passage["to"])].split()[0].casefold() == passage["words"].split()[0].casefold()


def test_a_text_can_be_compared_with_itself(folder: Path) -> None:
    """The second side gets a name of its own."""
    answer = row(run(folder, "compare", "first.txt", "first.txt", "--json"))

    assert [item["id"] for item in answer["documents"]] == ["first", "first~2"]
    assert answer["relations"][0]["kind"] == "same_payload"


@pytest.mark.parametrize(("name", "word"), [("none.txt", "no such file"), ("more", "no such file")])
def test_what_cannot_be_compared_is_said(folder: Path, name: str, word: str) -> None:
    """A side that is no text file is named, and the exit is 1."""
    done = run(folder, "compare", "first.txt", name)

    assert (done.returncode, word in done.stderr) == (1, True)
