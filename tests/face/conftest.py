"""What tests of commands that read an archive stand on: a project with a small archive, and the program in it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.readingroom import Room, reading_room
from support.smallarchive import settings, small_archive

PROGRAM = Path(sys.executable).with_name("copytrail")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project folder with a small archive, one for all tests of a file."""
    folder = tmp_path_factory.mktemp("project")
    with small_archive(folder):
        (folder / "copytrail.toml").write_text(f'store = "{settings(folder).store}"\n', encoding="utf-8")
        yield folder


@pytest.fixture
def small_run(small_project: Path) -> Run:
    """The program, in that project; ``project`` names another."""

    def run(*arguments: str, stdin: str = "", project: Path = small_project) -> subprocess.CompletedProcess[str]:
        command = [str(PROGRAM), "-C", str(project), *arguments]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False, input=stdin)

    return run


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The small archive, open, and its reading room."""
    folder = tmp_path_factory.mktemp("room")
    with small_archive(folder) as archive, reading_room(settings(folder)) as visitor:
        yield visitor, archive
