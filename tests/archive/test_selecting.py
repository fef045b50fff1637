"""What comes along with a page, the captures of what it needed when it was captured; and what relations select."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.smallarchive import AGENCY, DAYS, PAPER, SLUG, small_archive

from archive.keptrelations import keep
from archive.kinds import Found
from archive.records import Capture, Lead, Selection
from archive.relations import Evidence, Related, Relation, RelationKind
from archive.selecting import chosen, requisites_of
from archive.vault import Archive

SHEET, FONT, PICTURE = "http://cdn.example/s.css", "http://cdn.example/f.woff2", "http://paper.example/p.png"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive whose paper needs a style sheet, which needs a font, itself and the paper's picture."""
    with small_archive(tmp_path) as opened:
        pairs = ((PAPER, SHEET), (PAPER, PICTURE), (SHEET, FONT), (SHEET, SHEET), (SHEET, PICTURE), (FONT, PAPER))
        opened.catalogue.add_leads("bridge", [Lead(url=url, found=Found.REQUISITE, parent=parent) for parent, url in pairs])
        yield opened


def kept(archive: Archive, url: str, *days: float, status: int = 200) -> list[str]:
    """Captures of a URL so many days after the first; their ids."""
    like = archive.catalogue.captures_of(PAPER)[0]
    items = [
        replace(like, id=f"{url} {day} {status}", url=url, time=DAYS[0] + timedelta(days=day), status=status, found=Found.REQUISITE)
        for day in days
    ]
    archive.catalogue.add_captures(items)
    return [item.id for item in items]


def along(archive: Archive, capture: Capture) -> list[str]:
    return [item.id for item in requisites_of(archive, [capture])]


def test_each_is_taken_as_it_was_then(archive: Archive) -> None:
    """Of several captures the one nearest to the page's, before or after, once each, with what it needs in turn."""
    (font,) = kept(archive, FONT, 5)
    early, late = kept(archive, SHEET, 0.4, 1.9)
    (picture,) = kept(archive, PICTURE, 0.1)
    first, second, third = archive.catalogue.captures_of(PAPER)

    assert along(archive, first) == [early, picture, font]
    assert along(archive, second) == [early, picture, font]
    assert along(archive, third) == [late, picture, font]


def test_an_error_is_not_what_it_looked_like(archive: Archive) -> None:
    """A nearer answer that there is no such file, or that the server is busy, is passed over; a redirect is taken."""
    kept(archive, SHEET, 0.1, status=404)
    kept(archive, SHEET, 0.2, status=503)
    (good,) = kept(archive, SHEET, 9)
    (moved,) = kept(archive, PICTURE, 0.1, status=302)

    assert along(archive, archive.catalogue.captures_of(PAPER)[0]) == [good, moved]


def test_a_page_without_any_has_none(archive: Archive) -> None:
    """Nothing is taken along for what nobody has looked at, however many captures are asked about."""
    captures = list(archive.catalogue.all_captures())
    others = [capture for capture in captures if capture.url != PAPER]

    assert list(requisites_of(archive, others * 300)) == []
    assert list(requisites_of(archive, captures)) == []  # none of them was captured


def test_a_relation_selects(archive: Archive) -> None:
    """Articles that stand in a relation of the kind to any other, or to the one that is named, as was kept last; no unknown kind."""
    paper, agency = (archive.catalogue.captures_of(url)[0] for url in (PAPER, AGENCY))
    evidence = (Evidence(kind="cue", words="it is said"),)
    found = Related(
        relations=(
            Relation(
                kind=RelationKind.CITES, source=paper.id, target=agency.id, score=0.9, method="test", why="it says so", evidence=evidence
            ),
        )
    )
    keep(archive.catalogue, SLUG, "now", found)

    def urls(relation: str) -> set[str]:
        return {capture.url for capture in chosen(archive, Selection(story=SLUG, relation=relation))}

    assert urls("cites") == {PAPER, AGENCY}
    assert urls(f"cites:{PAPER}") == {AGENCY}
    assert urls("derived") == set()
    with pytest.raises(ValueError, match="steals"):
        urls("steals")
