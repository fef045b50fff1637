"""The command line: one screen of help, quick, with exit codes that mean something and errors that are one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from copytrail.cli import SECTIONS

KEYS = {"headline", "outlet", "outlet_domain", "published", "dateline", "caption", "credits", "rights", "related_leads", "original_url"}
PROGRAM = Path(sys.executable).with_name("copytrail")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """One command, as a person types it."""
    return subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_help_is_one_screen_and_names_every_command(tmp_path: Path) -> None:
    """All commands by section, the exit codes, at most 56 lines of 80 columns."""
    done = run("--help", cwd=tmp_path)

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) <= 56
    assert max(map(len, lines)) <= 80
    assert all(f"  {name} " in done.stdout for section in SECTIONS.values() for name in section)
    assert "3 partly done" in done.stdout


@pytest.mark.parametrize("name", [name for section in SECTIONS.values() for name in section])
def test_every_command_explains_itself(name: str, tmp_path: Path) -> None:
    """``--help`` of each command works and says more than its name."""
    done = run(name, "--help", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 150


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["crawl", "nosuch"], 2, "there is no story 'nosuch'"),
        (["diff", "nosuch"], 2, "there is no story"),
        (["status", "nosuch"], 2, "there is no story"),
        (["pull", "nosuch", "-f", "txt", "-o", "x.txt"], 2, "there is no story"),
        (["new", "../up", "texts"], 2, "cannot be called"),
        (["new", "story", "nosuchfile"], 1, "nosuchfile"),
        (["frobnicate"], 2, "No such command"),
        (["read"], 2, "Missing argument"),
        (["pull", "s", "-f", "docx", "-o", "x"], 2, "docx"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    """Wrong use says what was wrong; nothing is a traceback."""
    (tmp_path / "copytrail.toml").write_text('contact = "tests@copytrail.example"\n', encoding="utf-8")

    done = run(*arguments, cwd=tmp_path)

    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_config_names_each_origin(tmp_path: Path) -> None:
    """Every setting is a row with value, origin and meaning."""
    (tmp_path / "copytrail.toml").write_text("delay = 7\n", encoding="utf-8")

    rows = {row["name"]: row for row in map(json.loads, run("config", "--json", cwd=tmp_path).stdout.splitlines())}

    assert rows["delay"]["value"] == 7.0
    assert rows["delay"]["origin"].startswith("file")
    assert rows["store"]["origin"] == "default"
    assert all(row["meaning"] and row["schema"] == "copytrail.setting/1" for row in rows.values())


def test_read_gives_json_lines_with_the_documented_keys(tmp_path: Path) -> None:
    """One row a file, keys as documented, talk on stderr only."""
    seed = tmp_path / "seed.txt"
    text = "The ferry is back.\n\nIt runs again from Monday, the harbour office said.\n\nShare.\nExit mobile version"
    seed.write_text(text, encoding="utf-8")

    done = run("read", str(seed), "--json", cwd=tmp_path)

    (row,) = map(json.loads, done.stdout.splitlines())
    assert row["id"] == "seed"
    assert row.keys() >= KEYS
    assert " ".join(" ".join(item["text"].split()) for item in row["removed"]) == "Share. Exit mobile version"
    assert isinstance(row["body"], list)
    assert row["repeated_paragraphs"] == 0


def test_the_reader_of_a_pipe_may_leave(tmp_path: Path) -> None:
    """A closed pipe ends the command quietly."""
    seed = tmp_path / "seed.txt"
    seed.write_text("A paragraph about the ferry and its harbour.\n\n" * 500, encoding="utf-8")

    done = subprocess.run(["bash", "-c", f"{PROGRAM} read {seed} | head -1"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stderr == ""


def test_nothing_to_verify_is_not_a_good_archive(tmp_path: Path) -> None:
    """A store that is not there is a problem, not an archive without errors."""
    done = run("verify", cwd=tmp_path)

    assert done.returncode == 1
    assert "nothing was found to check" in done.stderr
