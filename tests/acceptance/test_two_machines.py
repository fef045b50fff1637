"""Two machines with catalogues of their own write into one store, and know each other's captures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from support.badweb import article, message, serving
from support.doors import CONTACT
from support.wireserver import WireServer, header

from archive.catalogue import Catalogue
from archive.findings import Severity, Tally
from archive.kinds import Verdict
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Capture, Selection
from archive.selecting import original_of
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify
from crawlers.run import run_story, system_clock
from crawlers.stories import add_seeds

HOST = "http://paper.example"
PAGE = message({"body": article("A ferry returns"), "fields": ["Content-Type: text/html", 'ETag: "1"']})
SAME = message({"status": "304 Not Modified", "fields": ['ETag: "1"']})


@contextmanager
def machine(folder: Path, name: str, connect_to: str, catalogue: Path) -> Iterator[tuple[Archive, Settings]]:
    """One writer: a name and a work folder of its own, the store of all."""
    settings = Settings(
        store=str(folder / "archive"),
        catalogue=f"sqlite:///{catalogue}",
        work=folder / name,
        contact=CONTACT,
        delay=0.0,
        max_hops=0,
        connect_to=connect_to,
    )
    with open_archive(settings) as archive:
        yield replace(archive, writer=name), settings


def rebuilt(archive: Archive) -> Archive:
    """With a catalogue that knows what the store holds."""
    assert [item.problem for item in rebuild(archive.store, archive.catalogue) if item.problem] == []
    return archive


@pytest.mark.parametrize("shared", [False, True], ids=["a rebuilt catalogue", "one catalogue"])
def test_a_second_machine_refers_to_what_the_first_has_kept(shared: bool, tmp_path: Path) -> None:  # noqa: FBT001 -- parameter
    """The same payload at another address, and a 304, become revisits of the first machine's records; every pull has the originals."""
    wire = WireServer({"/a": [(PAGE,), (SAME,)], "/copy": (PAGE,)})
    catalogues = [tmp_path / "one.sqlite", tmp_path / ("one.sqlite" if shared else "two.sqlite")]
    with serving(wire):
        with machine(tmp_path, "one", wire.connect_to, catalogues[0]) as (archive, settings):
            add_seeds(archive, "ferry", [f"{HOST}/a"], system_clock())
            run_story(archive, settings, story="ferry")
        with machine(tmp_path, "two", wire.connect_to, catalogues[1]) as (archive, settings):
            if not shared:
                rebuilt(archive)
            run_story(archive, settings, story="ferry", recrawl="all")
            add_seeds(archive, "ferry", [f"{HOST}/copy"], system_clock())
            run_story(archive, settings, story="ferry")
            original, not_modified = archive.catalogue.captures_of(f"{HOST}/a")
            (copy,) = archive.catalogue.captures_of(f"{HOST}/copy")
            verdicts = [item.verdict for item in archive.catalogue.outcomes_of("ferry")]
            resolved = [_in_a_pull(archive, item, tmp_path) for item in (not_modified, copy)]
    with machine(tmp_path, "three", "", tmp_path / "three.sqlite") as (archive, _):
        rows = [(item.id, item.kind, item.refers_to) for item in rebuilt(archive).catalogue.all_captures()]
    store = str(tmp_path / "archive")

    assert ("-one." in original.ref.key, "-two." in not_modified.ref.key) == (True, True)
    assert header(wire.served("/a")[1].request, b"If-None-Match") == '"1"'
    assert [(item.profile, item.refers_to, item.refers_to_url, item.refers_to_time) for item in (not_modified, copy)] == [
        ("server-not-modified", original.id, original.url, original.time),
        ("identical-payload-digest", original.id, original.url, original.time),
    ]
    assert verdicts == [Verdict.KEPT, Verdict.UNCHANGED, Verdict.KEPT]
    assert resolved == [original.id, original.id]
    assert (copy.id, "revisit", original.id) in rows
    assert [item for item in verify([store], open_store, Tally()) if item.severity is Severity.ERROR] == []


def _in_a_pull(archive: Archive, capture: Capture, folder: Path) -> str | None:
    """The record that a revisit stands for, in a pull of that revisit alone, found by nothing but the pulled file."""
    file = folder / "pulled" / "warc" / "2026" / "11" / "21" / "copytrail-20261121000000000-0001-pull.warc.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    selection = Selection(captured_from=capture.time, captured_to=capture.time, url=capture.url)
    assert pull(archive, selection, "warc", file, "test").problems == []
    catalogue = Catalogue("sqlite://")
    pulled = replace(archive, store=open_store(str(folder / "pulled")), catalogue=catalogue)
    assert [item.problem for item in rebuild(pulled.store, catalogue) if item.problem] == []
    found = catalogue.capture(capture.id)
    assert found is not None
    assert b"ferry" in pulled.page(found).body
    original = original_of(pulled, found)
    catalogue.close()
    return original.id if original else None
