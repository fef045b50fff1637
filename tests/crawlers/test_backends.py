"""Which back ends are asked, and how often."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.badweb import article, serving
from support.certificates import Authority
from support.crawling import CONTACT
from support.standin import StandIn, answer, json_answer

from archive.settings import Settings
from archive.vault import open_archive
from crawlers.backends import backend_of, backends, distances, outlets, with_named
from crawlers.discovering import discover
from crawlers.run import system_clock
from crawlers.session import BadSettings
from crawlers.stories import add_seeds
from pipeline import gdelt

NOBODY = Settings(contact=CONTACT)


def test_nobody_is_asked_unless_named() -> None:
    """A setting switches a back end on at its URL, a name at its public address, which keeps its own distance; a stand-in does not."""
    standin = replace(NOBODY, discover_gdelt="http://gdelt.example/doc/", discover_search="http://paper.example/?s={words} other.example")

    assert backends(NOBODY) == ()
    assert [(item.name, item.base_url) for item in backends(standin)] == [
        ("gdelt", "http://gdelt.example/doc"),
        ("search of paper.example", "http://paper.example/?s="),
    ]
    public = backends(with_named(NOBODY, ["gdelt", "wayback"]))
    assert [item.name for item in public] == ["gdelt", "wayback"]
    assert distances(public) == {"gdeltproject.org": 5.0, "archive.org": 2.5}
    assert distances(backends(standin)) == {}
    assert backend_of(f"{gdelt.BASE}?query=x", public) is public[0]
    assert backend_of("http://paper.example/a", public) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"discover_search": "http://paper.example/search"}, "discover_search: 'http://paper.example/search' is neither"),
        ({"discover_outlets": "Reuters"}, "discover_outlets: 'Reuters' is not OUTLET=URL"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(settings: dict[str, str], words: str) -> None:
    """The message says which setting, and what is wrong."""
    bad = replace(NOBODY, **settings)  # type: ignore[arg-type]  # names and types are the test's

    with pytest.raises(BadSettings, match=words):
        _ = (outlets(bad), backends(bad))


def test_gdelt_is_asked_once_in_five_seconds(tmp_path: Path, authority: Authority) -> None:
    """At the public address two questions lie as far apart as its texts ask for, however short the delay of all other hosts is."""
    words = "The minister said “extraordinary circumstances prevailed throughout the northern archipelago” of the old ferry."
    (tmp_path / "seed.csv").write_text(f'url,title,date,text\nhttp://paper.example/a,Old ferry,2024-03-26,"{words}"\n', encoding="utf-8")
    paper = StandIn({"/a": (answer(article("Old ferry")),)}, {})
    public = StandIn(
        {},
        {f"api.gdeltproject.org {urlsplit(gdelt.BASE).path}": lambda _: json_answer({})},
        tls=authority.server_context("api.gdeltproject.org"),
    )
    with serving(paper, public), open_archive(Settings(store=str(tmp_path / "archive"))) as archive:
        connect_to = f"api.gdeltproject.org:443=127.0.0.1:{public.port},{paper.connect_to}"
        told = replace(NOBODY, store=str(tmp_path / "archive"), delay=0.0, connect_to=connect_to, ca_file=authority.ca_file)
        add_seeds(archive, "ferry", [str(tmp_path / "seed.csv")], system_clock())

        discover(archive, with_named(told, ["gdelt"]), story="ferry")

    first, second = [item.time for item in public.log if item.path.startswith(urlsplit(gdelt.BASE).path)]
    assert second - first >= gdelt.SECONDS - 0.1
