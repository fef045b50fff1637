"""Verification finds what is wrong with a WARC, names the section, and accuses nothing that is right."""

import gzip
import json
import os
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.indexcases import index_row
from support.mutations import mutated
from support.verifycases import FILE, STARTS, rows
from support.warcs import LATER, Rec, changed, digest, good, name_of, write

from archive.bodyfacts import Budget
from archive.findings import Finding, Severity, Tally
from archive.store import open_store
from archive.verify import verify
from archive.verify_rules import RULES
from archive.warcrules import FIELDS

DEFECTS, GOOD = rows("warc-defects"), rows("warc-good")

Check = Callable[..., list[Finding]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Verify a file of these bytes."""

    def run(data: bytes, name: str = "x.warc.gz") -> list[Finding]:
        path = tmp_path / name
        path.write_bytes(data)
        return list(verify([str(path)], open_store, Tally()))

    return run


def rules(findings: list[Finding]) -> list[tuple[str, int | None]]:
    return [(item.rule, item.offset) for item in findings]


def errors(findings: list[Finding]) -> list[Finding]:
    return [item for item in findings if item.severity is Severity.ERROR]


@pytest.mark.parametrize("ending", ["warc.gz", "warc"])
@pytest.mark.parametrize("case", DEFECTS, ids=[case["name"] for case in DEFECTS])
def test_every_defect_is_found_with_its_section(case: dict[str, Any], ending: str, check: Check) -> None:
    """The finding names the rule, the section of the standard, and the place of the record that is broken."""
    records, compressed = changed(case), ending == "warc.gz"
    findings = check(write(records, compressed=compressed), f"x.{ending}")

    rule, section = (case["rule"], case["section"]) if compressed or "plain" not in case else case["plain"]
    found = [item for item in findings if item.rule == rule]
    assert found, findings
    assert found[0].section == section
    assert any(item.severity is Severity.ERROR for item in findings) is not case.get("mild", False)
    if "record" in case and not case.get("anywhere"):
        before = [name for name in case.get("order", good()) if name in good()]
        offset = len(write(records[: before.index(case["record"])], compressed=compressed))
        assert offset in [item.offset for item in found]


@pytest.mark.parametrize("ending", ["warc.gz", "warc"])
@pytest.mark.parametrize("case", GOOD, ids=[case["name"] for case in GOOD])
def test_what_is_allowed_is_no_error(case: dict[str, Any], ending: str, check: Check) -> None:
    """Variants that the standard or the community's annotations allow, or that its reader must pass over."""
    findings = check(write(changed(case), compressed=ending == "warc.gz"), f"x.{ending}")

    assert not errors(findings)


def test_the_good_file_gives_no_finding_at_all(check: Check) -> None:
    """Silence means that nothing is wrong."""
    assert check(FILE) == []


def test_an_answer_to_head_has_no_body(check: Check) -> None:
    """The request, wherever it stands, tells that the body is rightly absent."""
    records = good()
    records["request"].block = records["request"].block.replace(b"GET", b"HEAD")
    records["response"].block = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    records["response"].set("WARC-Payload-Digest", None)

    assert check(write([records[name] for name in ("warcinfo", "response", "request", "metadata")])) == []


def test_a_digest_over_the_chunk_framing_is_only_noted(check: Check) -> None:
    """Wget and warcio hash the chunks; the standard the entity; readers must live with both (warcio#74)."""
    records = good()
    body = b"2\r\nab\r\n0\r\n\r\n"
    records["response"].block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    records["response"].set("WARC-Payload-Digest", "md5:d6d8bd2fd7c67ab3a7a4e5fa9ae4d3f3")
    wrong = check(write([records[name] for name in ("warcinfo", "response", "request", "metadata")]))
    records["response"].set("WARC-Payload-Digest", digest(body))

    assert [item.rule for item in wrong] == ["payload-digest"]
    assert [item.rule for item in check(write(list(records.values())[:4]))] == ["payload-digest-framing"]


@pytest.mark.parametrize("cut", [1, 30, STARTS[1] // 2, STARTS[1] - 1, STARTS[3] + 200, len(FILE) - 1])
def test_a_cut_file_is_found_wherever_it_is_cut(cut: int, check: Check) -> None:
    """Also in the gzip header and in the last byte of the checksum, where ``warcio check`` says nothing (warcio#138)."""
    start = max(offset for offset in STARTS if offset < cut)

    assert ("gzip-cut", start) in rules(check(FILE[:cut]))


def test_a_file_cut_between_records_shows_by_what_is_missing(check: Check) -> None:
    """The request of the last capture is gone, and its response says so."""
    assert ("concurrent-dangling", STARTS[1]) in rules(check(FILE[: STARTS[2]]))


def test_one_broken_member_hides_only_itself(check: Check) -> None:
    """The records behind it are read, and the finding says where reading went on."""
    broken = bytearray(FILE)
    broken[STARTS[1] + 60] ^= 0xFF
    tally_of = {item.offset for item in check(bytes(broken)) if item.rule == "gzip-broken"}

    findings = check(bytes(broken))
    assert tally_of == {STARTS[1]}
    assert f"the next record that can be read is at {STARTS[2]}" in findings[0].message + findings[1].message
    assert "revisit-dangling" not in [item.rule for item in findings] or STARTS[4] in [item.offset for item in findings]


def test_a_file_of_broken_places_is_given_up_and_says_so(check: Check) -> None:
    """Searching has an end, and what was not checked is named."""
    findings = check(b"".join(gzip.compress(b"WARC/ no record") + b"!" for _ in range(120)))

    assert findings[-1].rule == "file-given-up"


def test_the_same_record_in_two_files_is_a_note_and_another_one_an_error(tmp_path: Path) -> None:
    """A pull beside its store is no fault; an id that stands for two things is."""
    other = changed({"record": "metadata", "block": "via: http://elsewhere.example/\r\n"})
    for name, data in (("a", FILE), ("b", FILE), ("c", write(other))):
        (tmp_path / f"{name}.warc.gz").write_bytes(data)

    copied = list(verify([str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz")], open_store, Tally()))
    changed_one = list(verify([str(tmp_path / "a.warc.gz"), str(tmp_path / "c.warc.gz")], open_store, Tally()))

    assert [(item.rule, item.severity) for item in copied] == [("id-copied", Severity.NOTE)]
    assert "id-repeated" in [item.rule for item in errors(changed_one)]


def test_files_that_are_named_together_are_one_set(tmp_path: Path) -> None:
    """A revisit finds its original in another file."""
    first, second = tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"
    first.write_bytes(FILE[: STARTS[4]])
    second.write_bytes(FILE[STARTS[4] :])

    assert not errors(list(verify([str(tmp_path)], open_store, Tally())))
    assert [item.rule for item in errors(list(verify([str(second)], open_store, Tally())))] == ["revisit-dangling"]


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    """A path that is not there, a file of another kind, an empty folder."""
    (tmp_path / "x.txt").write_text("hello")
    (tmp_path / "folder").mkdir()

    found = list(verify([str(tmp_path / "no"), str(tmp_path / "x.txt"), str(tmp_path / "folder")], open_store, Tally()))

    assert [item.rule for item in found] == ["file-unreadable", "file-kind", "file-kind"]


def test_the_tally_counts_files_records_and_findings(tmp_path: Path) -> None:
    """How much was looked at belongs to the verdict."""
    (tmp_path / "x.warc.gz").write_bytes(FILE + b"junk")
    tally = Tally()
    list(verify([str(tmp_path)], open_store, tally))

    assert (tally.files, tally.records, tally.errors) == (1, 5, 1)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(seed=st.integers(0, 2**48))
def test_no_bytes_make_it_raise(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is flipped, cut, put in, doubled or spliced, in a file or in what it packs, comes out as findings that can be printed."""
    folder = tmp_path_factory.mktemp("mutated")
    for name, data in mutated(seed).items():
        (folder / name).write_bytes(data)

    for item in verify(sorted(map(str, folder.iterdir())), open_store, Tally()):
        assert item.message
        assert item.section
        assert json.dumps(asdict(item), ensure_ascii=False).encode()


def test_a_file_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    """The finding can be printed, and an index beside the file is held against it."""
    path = tmp_path / os.fsdecode(b"\xff.warc.gz")
    path.write_bytes(FILE + b"junk")

    (item,) = list(verify([str(tmp_path)], open_store, Tally()))
    assert item.file == f"{tmp_path}/\\udcff.warc.gz"


def test_half_a_character_in_json_is_no_trouble(tmp_path: Path) -> None:
    """JSON may escape what UTF-8 cannot hold: in the name of a file, in a URL."""
    (tmp_path / "x.warc.gz").write_bytes(FILE)
    (tmp_path / "x.cdxj").write_bytes(index_row(0, url="http://a/\ud800") + index_row(1, filename="\ud800"))

    assert {"index-url", "index-file"} <= {item.rule for item in verify([str(tmp_path)], open_store, Tally())}


def crowd() -> list[Rec]:
    """A hundred records that are of no capture, more than are remembered as near."""
    made = []
    for number in range(100, 200):
        record = good()["metadata"]
        record.set("WARC-Record-ID", name_of(number))
        record.set("WARC-Concurrent-To", None)
        made.append(record)
    return made


def test_records_of_a_capture_are_found_however_far_apart(check: Check) -> None:
    """Also when hundreds of records lie between them: their dates, what they answer, and what a HEAD request excuses."""
    records = good()
    records["request"].block = records["request"].block.replace(b"GET", b"HEAD")
    records["response"].block = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    records["response"].set("WARC-Payload-Digest", None)
    far = [records["warcinfo"], records["response"], *crowd(), records["request"], records["metadata"]]
    fine = check(write(far))
    records["request"].set("WARC-Date", LATER)
    records["metadata"].block = b"copytrail-payload-digest: sha256:" + b"0" * 64 + b"\r\n"

    assert fine == []
    assert {item.rule for item in check(write(far))} == {"concurrent-dates", "metadata-digest"}


def test_what_our_metadata_vouches_for_is_excused_from_afar(check: Check) -> None:
    """A server that announced gzip and sent none: the digest in the metadata record was taken from the wire."""
    records = good()
    records["response"].block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab"
    records["response"].set("WARC-Payload-Digest", None)
    records["metadata"].block = f"copytrail-payload-digest: {digest(b'ab')}\r\n".encode()
    far = [records["warcinfo"], records["response"], records["request"], *crowd(), records["metadata"]]

    assert [item.rule for item in check(write(far))] == ["http-served"]


def large_bodies(count: int) -> list[Rec]:
    """Pages in gzip of some hundred kilobytes, each of a capture of its own."""
    records = [good()["warcinfo"]]
    for number in range(count):
        body = gzip.compress(random.Random(number).randbytes(20_000).hex().encode(), 1)
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        for kind, block in (("response", head + body), ("request", good()["request"].block)):
            record = good()[kind]
            record.block = block
            record.set("WARC-Payload-Digest", None)
            record.set("WARC-Record-ID", name_of(100 + 2 * number + (kind == "request")))
            record.set("WARC-Concurrent-To", None)
            record.fields.append(("WARC-Concurrent-To", name_of(100 + 2 * number + (kind == "response"))))
            records.append(record)
    return records


def test_what_is_decoded_has_a_budget_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it bodies are begun: one that is cut is found still, one byte in the middle only when asked to be thorough."""
    monkeypatch.setattr(Budget, "LEAST", 50_000)
    records = large_bodies(8)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(write(records))
    limited = list(verify([str(path)], open_store, Tally()))
    whole = list(verify([str(path)], open_store, Tally(), thorough=True))
    block = bytearray(records[-2].block)
    block[-9000] ^= 0x55
    records[-2].block = bytes(block)
    path.write_bytes(write(records))
    changed_byte = [{item.rule for item in verify([str(path)], open_store, Tally(), thorough=thorough)} for thorough in (False, True)]
    head, _, body = records[-2].block.partition(b"\r\n\r\n")
    records[-2].block = head.rpartition(b"\r\n")[0] + b"\r\n\r\n" + body[:-5000]
    path.write_bytes(write(records))
    cut = {item.rule for item in verify([str(path)], open_store, Tally())}

    assert [item.rule for item in limited] == ["http-coding-limit"]
    assert "only the beginning" in limited[0].message
    assert whole == []
    assert changed_byte == [{"http-coding-limit"}, {"http-coding"}]
    assert cut == {"http-coding-limit", "http-coding"}


def test_every_changed_byte_of_a_record_is_noticed(check: Check) -> None:
    """In a compressed file no single bit can change without a finding, save in what gzip's header does not protect."""
    source = random.Random(7)
    for _ in range(150):
        at = source.randrange(len(FILE))
        member = max(offset for offset in STARTS if offset <= at)
        if at - member < 10:
            continue  # time and operating system in the gzip header mean nothing
        broken = bytearray(FILE)
        broken[at] ^= 1 << source.randrange(8)
        assert errors(check(bytes(broken))), at


def test_every_rule_names_its_section() -> None:
    """The table is complete: what can be found can be looked up."""
    assert all(rule.section and rule.text for rule in RULES.values())
    assert all(field.section.startswith("5.") for field in FIELDS.values())
