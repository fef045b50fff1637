"""What binds a story's texts is kept in the catalogue, made again when a text changes, and published in editions."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.smallarchive import AGENCY, DAYS, GONE, PAPER, SLUG, settings, small_archive

from archive import manifest
from archive.catalogue import Catalogue
from archive.judgements import save
from archive.keptrelations import bound, forget, state_of
from archive.publish import publish
from archive.rebuild import rebuild
from archive.relatedrows import related_rows
from archive.relations import Judgement, RelationKind
from archive.vault import Archive, open_archive
from archive.withdrawals import Mode
from archive.withdrawing import Request, hide, lift
from benchmarks.invented import independent, rewritten
from crawlers.relating import refresh, related_of
from crawlers.storytexts import of_story, one

RNG = Random(2)
SOURCE = independent(RNG)[0]
TEXTS = {PAPER: rewritten(RNG, SOURCE), AGENCY: SOURCE}
NOW = DAYS[2] + timedelta(days=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """The small archive, in which the paper's text is written over from the agency's."""
    with small_archive(tmp_path):
        pass
    with open_archive(settings(tmp_path)) as opened:
        told(opened, TEXTS)
        yield opened


def told(archive: Archive, texts: dict[str, str]) -> None:
    """Let the articles say so in all their captures."""
    for url, text in texts.items():
        found = [archive.catalogue.document(capture.id) for capture in archive.catalogue.captures_of(url)]
        archive.catalogue.put_documents([replace(item, text=text, title=None) for item in found if item is not None])


def judge(archive: Archive, verdict: str, subject: str, hours: int = 0) -> None:
    """Ann decides."""
    made = Judgement(id="", story=SLUG, verdict=verdict, subject=subject, coder="ann", time=NOW + timedelta(hours=hours))
    save(archive, made, made.time)


def published(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, edition by edition."""
    files = sorted((folder / "archive" / "tables" / table).rglob("*.parquet"), key=lambda path: path.name)
    return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


def test_what_was_worked_out_is_kept(archive: Archive) -> None:
    """The second time it comes from the catalogue, the same to the last span; the catalogue's readers see it too."""
    first = related_of(archive, SLUG)
    state = state_of(archive.catalogue, SLUG)
    again = related_of(archive, SLUG)

    assert [item.kind for item in first.relations if item.kind is RelationKind.DERIVED] == [RelationKind.DERIVED]
    assert again == first
    assert state_of(archive.catalogue, SLUG) == state
    assert tuple(archive.catalogue.relations_of(SLUG)) == first.relations
    assert tuple(archive.catalogue.quotes_of(SLUG)) == first.quotations
    assert len(first.quotations) == 2


def test_it_is_made_again_when_a_text_changes_and_only_then(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the first texts and the rules are the same nothing is worked out; another text, or another rule, is noticed."""
    before = related_of(archive, SLUG)
    with monkeypatch.context() as patch:
        patch.delattr("crawlers.relating.related")  # who worked anything out would fail
        assert related_of(archive, SLUG) == before

    told(archive, {PAPER: "Nothing of this is in any other text, and it is short."})
    assert RelationKind.DERIVED not in {item.kind for item in related_of(archive, SLUG).relations}

    state = state_of(archive.catalogue, SLUG)
    monkeypatch.setattr("crawlers.relating.RULES", "related/later")
    related_of(archive, SLUG)
    assert state_of(archive.catalogue, SLUG) != state


def test_who_may_only_read_the_catalogue_is_told_all_the_same(archive: Archive, tmp_path: Path) -> None:
    """What cannot be kept is worked out each time."""
    url = f"sqlite:///file:{next((tmp_path / 'archive').rglob('*.sqlite'))}?mode=ro&uri=true"
    with closing(Catalogue(url)) as catalogue:
        only_read = replace(archive, catalogue=catalogue)

        assert related_of(only_read, SLUG) == related_of(only_read, SLUG)
        assert state_of(catalogue, SLUG) is None


def test_a_rebuilt_catalogue_has_the_same(archive: Archive) -> None:
    """A rebuild drops it, and the texts give it again."""
    before = related_of(archive, SLUG)
    documents = [item.document for item in of_story(archive, SLUG)[0]]

    assert not [item for item in rebuild(archive.store, archive.catalogue) if item.problem]
    assert archive.catalogue.relations_of(SLUG) == []
    archive.catalogue.put_documents(documents)

    assert dict(refresh(archive)) == {SLUG: before}


def test_the_first_text_is_meant_and_the_last_on_demand(archive: Archive) -> None:
    """An article that was changed after it was captured first is held against others as it was then."""
    first, last = (one(archive, PAPER, newest=newest) for newest in (False, True))
    captures = archive.catalogue.captures_of(PAPER)

    assert first is not None
    assert last is not None
    assert (first.document.capture, last.document.capture) == (captures[0].id, captures[-1].id)
    assert [item.capture.url for item in of_story(archive, SLUG)[0]] == [PAPER, AGENCY, GONE]


def test_articles_are_found_by_what_binds_them(archive: Archive) -> None:
    """By kind, and by the other article; people decide."""
    related_of(archive, SLUG)

    assert bound(archive, RelationKind.DERIVED) == {PAPER, AGENCY}
    assert bound(archive, RelationKind.DERIVED, AGENCY, SLUG) == {PAPER}
    assert bound(archive, RelationKind.DERIVED, GONE) == frozenset()

    judge(archive, "reject", f"derived:{PAPER}:{AGENCY}")
    judge(archive, "confirm", f"cites:{GONE}:{AGENCY}", hours=1)

    assert bound(archive, RelationKind.DERIVED) == frozenset()
    assert bound(archive, RelationKind.CITES) == {GONE, AGENCY}


def test_what_is_withdrawn_takes_no_part(archive: Archive) -> None:
    """Hidden, an article has no relation, no quotation and no row, whoever asks; shown again, it has them as before."""
    before = related_of(archive, SLUG)
    hidden = hide(archive, Request(reason="on request", mode=Mode.HIDE, urls=(AGENCY,)), NOW)
    rows = list(related_rows(archive, SLUG))
    without = related_of(archive, SLUG)
    gone = archive.catalogue.captures_of(AGENCY)
    lift(archive, hidden.id, "settled", NOW + timedelta(hours=1))

    assert gone == []
    assert rows == []
    assert {end for item in without.relations for end in (item.source, item.target)} <= {
        capture.id for url in (PAPER, GONE) for capture in archive.catalogue.captures_of(url)
    }
    assert related_of(archive, SLUG) == before


def test_words_that_must_go_are_forgotten(archive: Archive) -> None:
    """Nothing is kept of a story in which a text had its part."""
    related_of(archive, SLUG)

    forget(archive.catalogue, [archive.catalogue.captures_of(AGENCY)[0].id])

    assert (archive.catalogue.relations_of(SLUG), archive.catalogue.quotes_of(SLUG)) == ([], [])
    assert state_of(archive.catalogue, SLUG) is None


def test_editions_are_published(archive: Archive, tmp_path: Path) -> None:
    """Nothing is written twice; a judgement makes another edition, in which the computed value stands beside the person's."""
    related_of(archive, SLUG)
    first = [item.rows for item in publish(archive, NOW) if item.source == f"stories/{SLUG}"]
    again = [item.rows for item in publish(archive, NOW) if item.source == f"stories/{SLUG}"]
    judge(archive, "reject", f"derived:{PAPER}:{AGENCY}")
    second = [item.rows for item in publish(archive, NOW) if item.source == f"stories/{SLUG}"]

    assert (first, again, second) == ([{"quotes": 2, "relations": 1}], [], [{"quotes": 2, "relations": 1}])
    before, after = published(tmp_path, "relations")
    assert (before["edition"], before["computed"], before["judged"]) == (1, True, None)
    assert (after["edition"], after["computed"], after["judged"], after["coder"]) == (2, True, "reject", "ann")
    assert not list(manifest.check(archive.store))


def test_a_published_row_leads_to_both_records(archive: Archive, tmp_path: Path) -> None:
    """File, offset, length and id of the text that took and of the one that gave."""
    related_of(archive, SLUG)
    list(publish(archive, NOW))
    (row,) = published(tmp_path, "relations")
    taker, giver = archive.catalogue.captures_of(PAPER)[0], archive.catalogue.captures_of(AGENCY)[0]

    ends = [(row[f"{side}warc_filename"], row[f"{side}warc_record_offset"], row[f"{side}warc_record_id"]) for side in ("", "target_")]
    assert ends == [(item.ref.key, item.ref.offset, item.id) for item in (taker, giver)]
    assert (row["url"], row["target_url"], row["kind"], row["directed"]) == (PAPER, AGENCY, "derived", True)
    for quote in published(tmp_path, "quotes"):
        assert TEXTS[quote["url"]][slice(quote["quote_start"], quote["quote_stop"])] == quote["quotation"]


def test_a_publication_that_was_cut_off_is_finished(archive: Archive, tmp_path: Path) -> None:
    """The last file is missing: the next publication writes the same files, and the audit finds nothing."""
    related_of(archive, SLUG)
    list(publish(archive, NOW))
    (last,) = (tmp_path / "archive" / "tables" / "relations").rglob("*.parquet")
    bytes_before = last.read_bytes()
    last.unlink()

    done = [item.source for item in publish(archive, NOW + timedelta(days=2))]

    assert done == [f"stories/{SLUG}"]
    assert last.read_bytes() == bytes_before
    assert not list(manifest.check(archive.store))
