"""The reading room as the back end of somebody else's replayer: pywb finds captures by CDX and takes their bytes as mementos."""

from collections.abc import Callable
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from support.readingroom import reading_room
from support.replay import replayed
from support.smallarchive import AGENCY, PAPER, settings, small_archive

CONFIG = """
framed_replay: false
collections:
  story:
    index:
      type: cdx
      api_url: "{base}/cdx?url={{url}}&closest={{closest}}&sort=closest"
      replay_url: "{base}/memento/{{timestamp}}id_/{{url}}"
"""


def test_pywb_replays_what_the_room_holds(tmp_path: Path, judge: Callable[[str], Path]) -> None:
    """Each version at its time, a revisit as what it stands for, and 404 for what is not held; the room's own origin serves none of it."""
    with small_archive(tmp_path / "one"), reading_room(settings(tmp_path / "one")) as room:
        folder = tmp_path / "pywb"
        (folder / "collections" / "story").mkdir(parents=True)
        (folder / "config.yaml").write_text(CONFIG.format(base=room.base), encoding="utf-8")
        with replayed(folder, folder, judge) as address:
            opener = build_opener(ProxyHandler({}))
            wanted = ((20261121, PAPER), (20261122, PAPER), (20261125, PAPER), (20261122, AGENCY))
            texts = [opener.open(f"{address}/{day}200000/{url}").read().decode() for day, url in wanted]
            with pytest.raises(OSError, match="404"):
                opener.open(f"{address}/20261121000000/http://nobody.example/")

    assert ["Two ferries" in text for text in texts] == [True, False, False, False]
    assert ["Three ferries" in text for text in texts] == [False, True, True, False]
    assert "It is closed." in texts[3]
