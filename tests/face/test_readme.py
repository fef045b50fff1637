"""The README is run: every command that it shows with a prompt works, in the order in which a newcomer types them."""

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_block_of_the_readme_runs(tmp_path: Path) -> None:
    """All console blocks, one after the other in one shell, end well; the demo's page and pulls are there."""
    blocks = [found["body"] for found in BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8"))]
    commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 10
    for name in (".venv", "copytrail", "scrapy.cfg"):
        (tmp_path / name).symlink_to(ROOT / name)

    script = "\n".join(["set -eu", *commands])
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert (tmp_path / "copytrail-demo/story.html").stat().st_size > 1000
    assert (tmp_path / "bridge.wacz").stat().st_size > 1000
    rows = [json.loads(line) for line in (tmp_path / "bridge.jsonl").read_bytes().splitlines()]
    assert all(row["warc_record_id"] and row["fetch_time"] for row in rows)
    assert all(row["content_digest"] or (row["fetch_status"] == 304 and row["warc_refers_to"]) for row in rows)  # a 304 has no content
    assert "14,600" in done.stdout  # the figure that an outlet changed, as diff shows it
