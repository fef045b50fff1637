"""The guide for analysts is run as it is printed: every command and every line of Python, on a real S3 server, with keys and without."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from support.smallarchive import small_archive
from support.weed import Weed, open_to_all

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r'^```(?P<kind>console|python)(?: title="(?P<title>[^"]*)")?\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    kind: str
    title: str | None
    body: str


@pytest.fixture
def project(tmp_path: Path, weed: Weed) -> Iterator[Path]:
    """A project whose store is a folder, and a bucket of which a part is public."""
    with small_archive(tmp_path):
        (tmp_path / "store").symlink_to(tmp_path / "archive")
        (tmp_path / "copytrail.toml").write_text(f's3_endpoint = "{weed.endpoint}"\nstore = "{tmp_path}/archive"\n', encoding="utf-8")
        open_to_all(weed, "public")
        yield tmp_path


def blocks() -> Iterator[Block]:
    """The blocks in order; those that follow each other and are of one kind are run as one."""
    text = (ROOT / "docs/guides/analysis.md").read_text(encoding="utf-8")
    found = (Block(item["kind"], item["title"], item["body"]) for item in BLOCK.finditer(text))
    for (kind, title), group in groupby(found, key=lambda block: block[:2]):
        yield Block(kind, title, "\n".join(block.body for block in group))


def commands(block: Block) -> str:
    """What a person would type."""
    lines = [line.removeprefix("$ ") for line in block.body.splitlines() if line.startswith("$ ")]
    return "\n".join(["set -eu", *lines])


@pytest.mark.timeout(400)
def test_every_line_of_the_guide_runs(project: Path, weed: Weed) -> None:
    """Scenario 5: in order, each block ends well and prints something; those without keys see none; polars, pyarrow and DuckDB agree."""
    keys = {"AWS_ACCESS_KEY_ID": weed.access, "AWS_SECRET_ACCESS_KEY": weed.secret}
    place = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": weed.endpoint, "AWS_ALLOW_HTTP": "true", "HOME": str(project)}
    environment = {**os.environ, **place, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    printed: list[str] = []
    for block in blocks():
        known = environment if block.title == "without keys" else environment | keys
        command = [sys.executable, "-c", block.body] if block.kind == "python" else ["bash", "-c", commands(block)]
        done = subprocess.run(command, cwd=project, env=known, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, (block, done.stderr[-2000:])
        assert done.stdout or "> link.txt" in block.body, block
        printed.append(done.stdout)

    numbers = [line for text in printed for line in text.splitlines() if line.isdigit()]
    assert numbers == ["7"] * len(numbers)
    assert len(numbers) >= 5
    assert sum(block.title == "without keys" for block in blocks()) == 2
    assert {path.stem for path in (project / "tables").iterdir()} >= {"rows", "captures", "documents", "revisions", "outcomes"}
    assert "the same bytes" in printed[-1]
