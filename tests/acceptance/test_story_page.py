"""Scenario 1: a fresh machine with no network makes the demo, writes the story page, and a browser shows it, asking nobody."""

import subprocess
import sys
from pathlib import Path

from support.browser import browser

PROGRAM = Path(sys.executable).with_name("copytrail")


def test_the_demo_ends_in_a_story_page(tmp_path: Path) -> None:
    """Five outlets, edits as marked words, who copied and cited whom, quotations and a conflict; nothing is fetched, nothing complains."""
    for command in (["demo", "-o", "demo"], ["-C", "demo", "report", "bridge", "-o", "s.html"]):
        done = subprocess.run([PROGRAM, *command], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
    with browser(tmp_path) as tab:
        tab.open((tmp_path / "s.html").as_uri())
        outlets = tab.value("new Set([...document.querySelectorAll('.articles .outlet')].map(e => e.innerText)).size")
        marks = tab.value("document.querySelectorAll('.diff ins').length")
        kinds = tab.value("[...new Set([...document.querySelectorAll('.ties .kind')].map(e => e.innerText))]")
        slips = tab.value("[...document.querySelectorAll('.conflict:has(.tag.gone) .large')].map(e => e.innerText)")
        quoted = tab.value("document.querySelectorAll('#main section:has(#quotes) :is(blockquote, q)').length")
        cited = tab.value("document.querySelectorAll('.cited > li').length")
        assert tab.asked == [(tmp_path / "s.html").as_uri()]
        assert tab.complaints == []

    assert outlets == 5
    assert marks >= 1
    assert {"written over from", "cites"} <= set(kinds)
    assert set(slips) == {"1999", "2009"}
    assert quoted > 10
    assert cited == 12
