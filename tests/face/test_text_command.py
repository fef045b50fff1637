"""``copytrail text``: rows for a table of pages, and one page explained."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from copytrail.cli import cli

PAGES = Path(__file__).parents[1] / "pipeline/pages"
URL = "https://courier.example/2026/05/harbour-ferry-returns"
FIELDS = {"id", "url", "standfirst", "body", "text", "title", "authors", "published", "modified", "language", "kind", "removed", "cpu_s"}


def table(folder: Path, *rows: object) -> Path:
    """A table of pages beside a plain and a compressed copy of an article."""
    article = (PAGES / "article.html").read_bytes()
    (folder / "a.html").write_bytes(article)
    (folder / "b.html.gz").write_bytes(gzip.compress(article))
    path = folder / "pages.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["text", *arguments], standalone_mode=False)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_row_for_each_page(tmp_path: Path) -> None:
    """Plain and compressed pages give the same fields in the order of the table; text is standfirst and body."""
    path = table(
        tmp_path, {"id": "b", "html": "b.html.gz", "url": URL, "crawled": "2026-07-01 12:00"}, {"id": "a", "html": "a.html", "url": URL}
    )

    result = run(str(path), "-o", str(tmp_path / "out.jsonl"))

    first, second = rows(tmp_path / "out.jsonl")
    assert (result.return_value, first["id"], second["id"], set(first)) == (0, "b", "a", FIELDS)
    assert first["text"] == f"{first['standfirst']}\n{first['body']}" == second["text"]
    assert (first["title"], first["kind"], first["language"]) == ("Harbour ferry returns after nine years", "article", "en")
    assert first["authors"][0] == {"name": "Mara Fenwick", "type": "person"}
    assert {"text", "start", "end", "rule"} == set(first["removed"][0])
    assert first["cpu_s"] > 0


def test_a_page_that_fails_is_a_row(tmp_path: Path) -> None:
    """A missing file, a broken archive, a line that is no row and a time that is none are told in their places; exit is 3."""
    (tmp_path / "broken.html.gz").write_bytes(b"\x1f\x8b no archive")
    good = {"id": "a", "html": "a.html", "url": URL}
    path = table(
        tmp_path,
        good | {"id": "x", "html": "no.html"},
        good,
        "{",
        "[]",
        good | {"id": "y", "html": "broken.html.gz"},
        good | {"id": "z", "crawled": "May"},
    )

    result = run(str(path), "-o", str(tmp_path / "out.jsonl"))

    found = rows(tmp_path / "out.jsonl")
    assert (result.return_value, [row["id"] for row in found]) == (3, ["x", "a", None, None, "y", "z"])
    assert [row["id"] for row in found if "problem" not in row] == ["a"]
    assert found[0]["problem"].startswith("line 1: ")
    assert "6 pages, 5 of them failed" in result.stderr


def test_a_worker_that_dies_costs_one_page(tmp_path: Path) -> None:
    """A worker that is killed in the middle of a table is one row with a problem, and the others have their texts."""
    path = table(tmp_path, *({"id": str(number), "html": "slow.html", "url": URL} for number in range(3)))
    (tmp_path / "slow.html").write_text(
        "<html><body>" + "".join(f"<p>{n} boats sail again, and again</p>" for n in range(6_000)), encoding="utf-8"
    )
    command = [str(Path(sys.executable).with_name("copytrail")), "text", str(path), "-o", str(tmp_path / "out.jsonl"), "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        os.kill(child(process.pid), signal.SIGKILL)
        code = process.wait()

    found = rows(tmp_path / "out.jsonl")
    assert (code, [row["id"] for row in found]) == (3, list(map(str, range(3))))
    assert [row["problem"] for row in found if "problem" in row] == ["crashed: worker ended: signal SIGKILL"]


def child(parent: int) -> int:
    """The worker of a process, once it is in a page."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for worker in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
            fields = Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            if int(fields[11]) / os.sysconf("SC_CLK_TCK") > 1.5:  # seconds of CPU in user mode: its start takes less
                return int(worker)
        time.sleep(0.02)
    raise AssertionError("no worker came to work")


def test_one_page_for_a_person_and_for_a_program() -> None:
    """A page alone needs its address; it is printed as text, or as a row with --json."""
    path = str(PAGES / "article.html")

    plain, row, missing = run(path, "--url", URL), run(path, "--url", URL, "--json"), CliRunner().invoke(cli, ["text", path])

    assert "Harbour ferry returns after nine years\n\nThe boat that linked" in plain.stdout
    assert json.loads(row.stdout).keys() == FIELDS | {"schema"}
    assert (plain.return_value, row.return_value, missing.exit_code) == (0, 0, 2)
    assert "--url" in missing.stderr


def test_a_page_explained() -> None:
    """Each block is a line with its class, + for text, and why; --json gives rows whose kept texts are the text; thorough too."""
    arguments = (str(PAGES / "article.html"), "--url", URL)

    lines = run(*arguments, "--explain").stdout.splitlines()
    blocks = [json.loads(line) for line in run(*arguments, "--explain", "--thorough", "--json").stdout.splitlines()]
    text = json.loads(run(*arguments, "--thorough", "--json").stdout)["text"]

    assert len(lines) == len(blocks)
    assert any(line.startswith("- navigation  Home ") and line.endswith("in <nav>  nav.site-nav > ul > li") for line in lines)
    assert any(line.startswith("+ standfirst  The boat that linked") for line in lines)
    assert "\n".join(block["text"] for block in blocks if block["kept"]) == text
    assert blocks[0].keys() == {"schema", "text", "kind", "kept", "why", "where", "start", "end"}


def test_what_belongs_to_a_page_alone(tmp_path: Path) -> None:
    """--explain and --url say nothing about a table of pages, and are refused with one."""
    path = str(table(tmp_path))

    assert [CliRunner().invoke(cli, ["text", path, *more]).exit_code for more in (["--explain"], ["--url", URL])] == [2, 2]
    assert "copytrail text pages.jsonl -o texts.jsonl" in CliRunner().invoke(cli, ["text", "--help"]).stdout
