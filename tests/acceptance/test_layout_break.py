"""An outlet's new layout, seen from the command line: the crawl whose pages have lost their text says so, and where the text stood."""

from pathlib import Path
from typing import Any

from support.badweb import message, serving
from support.courier import OUTLET, TOWNS, town_page
from support.doors import run_door
from support.wireserver import WireServer

OLD, NEW = [f"/{town}" for town in TOWNS], [f"/new/{town}" for town in TOWNS[:3]]
SHELL = "<html><head><meta property='og:type' content='article'><title>{}</title></head><body><div id='root'></div></body></html>"


def crawl(folder: Path, told: dict[str, Any], paths: list[str]) -> str:
    """Add pages to the story and crawl it; what was said beside the rows."""
    assert run_door(["copytrail", "new", "sea", *(f"http://{OUTLET}{path}" for path in paths)], folder, told).code == 0
    return run_door(["copytrail", "crawl", "sea"], folder, told).err


def test_a_new_layout_is_told_at_the_end_of_the_crawl(tmp_path: Path) -> None:
    """Five articles, then three pages of the same outlet that are empty shells: the second crawl warns, the first does not."""
    pages = {path: town_page(town) for path, town in zip(OLD, TOWNS, strict=True)}
    pages |= {path: SHELL.format(path) for path in NEW}
    wire = WireServer({path: [(message({"body": page}),)] for path, page in pages.items()})
    with serving(wire):
        told = {"store": tmp_path / "archive", "connect_to": wire.connect_to, "max_hops": 0}
        first, second = (crawl(tmp_path, told, paths) for paths in (OLD, NEW))

    assert "the text stood" not in first
    assert f"copytrail: {OUTLET}: " in second
    assert "the text stood in “section.box > div.story > p” on 5 of 5 pages, and 0 of these 3 have such a place" in second
