"""The tutorial is run: every command that it shows, and what it says that the command answers."""

import json
from pathlib import Path

import pytest
from house.checkout import ROOT
from support.consoles import checkout_in, run


@pytest.mark.timeout(480)
def test_every_step_of_the_tutorial_works(tmp_path: Path) -> None:
    """A reader who types the tutorial from top to bottom sees what it shows, and has a story that can be proved."""
    checkout_in(tmp_path)

    typed = run(ROOT / "docs/tutorial.md", tmp_path, seconds=420)

    assert not {each.command: (each.missing, each.said[-2000:]) for each in typed if each.missing}
    assert sum(len(each.shown) for each in typed) >= 15
    rows = [json.loads(line) for line in (tmp_path / "bridge/bridge.jsonl").read_bytes().splitlines()]
    assert any(row["text"] for row in rows)
    assert all(row["warc_record_id"] for row in rows)
