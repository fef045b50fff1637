"""A package taken home: the same bytes from the same state, whole or not there, and a way to make it again and to tell what has changed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from support.smallarchive import DAYS, SLUG, document, small_archive

from archive import pull
from archive.codebook import describe
from archive.custody import Act
from archive.pull import FORMATS, NothingSelected
from archive.pulltables import PULLED
from archive.records import Selection
from archive.stories import save_story
from archive.takehome import MANIFEST, all_files, differences, pack, read
from archive.vault import Archive

STORY = Selection(story=SLUG)
SOFTWARE = "copytrail/0.1"
EVERY = tuple(FORMATS)
ABOUT = {"CITATION.cff", "README.md", "datapackage.json", "ro-crate-metadata.json"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with small_archive(tmp_path_factory.mktemp("takehome")) as opened:
        yield opened


@pytest.fixture(scope="module")
def package(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package in every form."""
    path = tmp_path_factory.mktemp("package") / "bridge"
    pack(archive, STORY, EVERY, path, SOFTWARE)
    return path


def content(path: Path) -> dict[str, bytes]:
    """The files of a package."""
    return {item.relative_to(path).as_posix(): item.read_bytes() for item in path.rglob("*") if item.is_file()}


def test_the_same_state_gives_the_same_bytes(archive: Archive, package: Path, tmp_path: Path) -> None:
    """In every form, the manifest and what describes the data, also after a record of custody was written; no clock is in it."""
    archive.record(Act.PULLED, "a pull", DAYS[2])
    pack(archive, STORY, EVERY, tmp_path / "again", SOFTWARE)

    assert content(tmp_path / "again") == content(package)
    assert [item.name for item in tmp_path.iterdir()] == ["again"]


def test_the_manifest_names_every_file(package: Path) -> None:
    """Selection, state, software, and size and sha256 of everything but itself."""
    made, files = read(package / MANIFEST), content(package)

    assert {item.key: (item.size, item.sha256) for item in all_files(made)} == {
        name: (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") for name, data in files.items() if name != MANIFEST
    }
    assert (made.selection, made.formats, made.created) == (STORY, EVERY, max(DAYS))
    assert (made.state.story, made.state.version, len(made.state.heads)) == (SLUG, 1, 1)
    assert {"copytrail", "python", "sqlite", "pyarrow"} <= set(made.software)
    assert made.parts["jsonl"].counts.captures == 7
    assert {item.key for item in made.files} == ABOUT


def test_every_column_is_described(package: Path) -> None:
    """datapackage.json lists every file, and of every table every column with its type, its meaning and its links."""
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    resources = {item["path"]: item for item in described["resources"]}
    names = [item["name"] for item in described["resources"]]

    assert set(resources) == set(content(package)) - ABOUT - {MANIFEST}
    assert len(set(names)) == len(names)
    for table in PULLED:
        for form in ("csv", "jsonl", "parquet"):
            resource = resources[f"{form}/{table}.{form}"]
            fields = resource["schema"]["fields"]
            assert [(item["name"], item["type"], item["description"]) for item in fields] == [
                (column.name, column.type, column.description) for column in describe(table)
            ]
            links = resource["schema"].get("foreignKeys", [])
            assert {link["reference"]["resource"] for link in links} <= {"", *names}
    assert resources["csv/rows.csv"]["profile"] == "tabular-data-resource"


def test_what_describes_it_is_what_its_readers_take(package: Path) -> None:
    """The citation is YAML with what CFF asks for, RO-Crate lists the files, the README has no markup of a stranger."""
    cited = yaml.safe_load((package / "CITATION.cff").read_text(encoding="utf-8"))
    crate = json.loads((package / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    root = next(item for item in crate["@graph"] if item["@id"] == "./")
    readme = (package / "README.md").read_text(encoding="utf-8")

    assert {"cff-version", "message", "title", "authors", "type"} <= set(cited)
    assert cited["title"] == "The <bridge>"
    assert {part["@id"] for part in root["hasPart"]} == set(content(package)) - ABOUT - {MANIFEST}
    assert "# The \\<bridge>" in readme
    assert "copytrail pull --from manifest.json" in readme


def test_what_was_finished_is_not_made_again(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted pack goes on with the form at which it was cut off; nothing bears the package's name until it is whole."""
    made: list[str] = []

    def write(*arguments: object) -> object:
        made.append(str(arguments[2]))
        if made == ["jsonl", "csv"]:
            raise KeyboardInterrupt
        return pull.write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("archive.takehome.write", write)
    with pytest.raises(KeyboardInterrupt):
        pack(archive, STORY, ("txt", "jsonl", "csv"), tmp_path / "p", SOFTWARE)
    assert [item.name for item in tmp_path.iterdir()] == ["p.tmp"]
    pack(archive, STORY, ("jsonl", "csv", "txt"), tmp_path / "p", SOFTWARE)

    assert made == ["jsonl", "csv", "csv", "txt"]
    assert [item.name for item in tmp_path.iterdir()] == ["p"]
    pack(archive, STORY, ("jsonl", "csv", "txt"), tmp_path / "q", SOFTWARE)
    assert content(tmp_path / "p") == content(tmp_path / "q")


@pytest.mark.parametrize("change", ["another selection", "a changed file", "another version"])
def test_what_was_begun_otherwise_is_not_gone_on_with(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Half a package of something else, or one whose files were touched, is made anew where it is not what is wanted."""
    with monkeypatch.context() as patch:
        patch.setattr("archive.takehomefiles.texts", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            pack(archive, STORY, ("jsonl",), tmp_path / "p", SOFTWARE)
    selection = replace(STORY, outlet="agency.example") if change == "another selection" else STORY
    if change == "a changed file":
        (tmp_path / "p.tmp/jsonl/rows.jsonl").write_text("{}\n", encoding="utf-8")
    software = "copytrail/0.2" if change == "another version" else SOFTWARE
    pack(archive, selection, ("jsonl",), tmp_path / "p", software)
    pack(archive, selection, ("jsonl",), tmp_path / "q", software)

    assert content(tmp_path / "p") == content(tmp_path / "q")


def _cut_off(_: object) -> dict[str, str]:
    raise KeyboardInterrupt


def test_nothing_selected_leaves_nothing(archive: Archive, tmp_path: Path) -> None:
    """Neither a package nor half of one; a folder with something in it is left alone."""
    with pytest.raises(NothingSelected):
        pack(archive, replace(STORY, outlet="nobody"), ("csv",), tmp_path / "p", SOFTWARE)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine.md").write_text("mine")
    with pytest.raises(FileExistsError):
        pack(archive, STORY, ("csv",), tmp_path, SOFTWARE)


def test_what_differs_is_named_with_the_reason(tmp_path: Path) -> None:
    """A later package of the same selection is equal, or says which files are not, and what has changed in the archive or the software."""
    forms = ("jsonl", "txt")
    with small_archive(tmp_path) as archive:
        then = pack(archive, STORY, forms, tmp_path / "then", SOFTWARE)
        equal = differences(then, pack(archive, STORY, forms, tmp_path / "equal", SOFTWARE))
        capture = archive.catalogue.captures_of("http://agency.example/b")[0]
        archive.catalogue.put_documents([document(capture, "It is open.", "Open", "Agency")])
        quietly = differences(then, pack(archive, STORY, forms, tmp_path / "quietly", SOFTWARE))
        known = archive.catalogue.story(SLUG)
        assert known is not None
        save_story(archive, replace(known, version=2, title="Anew"), lambda newest: newest, DAYS[2])
        now = pack(archive, STORY, forms, tmp_path / "now", "copytrail/0.2")
        files, reasons = differences(then, now)

    assert equal == ([], [])
    assert any(line.startswith("jsonl/rows.jsonl: ") for line in quietly[0])
    assert quietly[1] == [
        "neither objects nor software have changed: an embargo has ended, or the catalogue or the outlets' profiles are others"
    ]
    assert {line.partition(":")[0] for line in files} >= {"CITATION.cff", "jsonl/documents.jsonl"}
    assert any("the archive has changed" in line for line in reasons)
    assert "the story was at version 1, and is at 2" in reasons
    assert "copytrail was 0.1, and is 0.2" in reasons


def test_a_package_of_everything_needs_no_story(archive: Archive, tmp_path: Path) -> None:
    """A selection without a story is as good."""
    made = pack(archive, Selection(outlet="agency.example"), ("csv",), tmp_path / "p", SOFTWARE)

    assert (made.state.story, made.parts["csv"].counts.captures) == (None, 2)
    assert isinstance(made.created, datetime)
