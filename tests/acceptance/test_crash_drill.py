"""Kill -9 at any step of capture, seal, upload and catalogue commit: what was acknowledged is there exactly once, and nothing else is left.

The long drill is ``python -m benchmarks.crash_drill``.
"""

import re
import signal
from collections.abc import Iterator

import pytest
from support.drill import TORN, Aim, Drill, drill

KILLED = -signal.SIGKILL
STEPS: dict[str, Aim] = {
    "an exchange is written": ("drill.keep", "", 4),
    "the file is durable, and still open by name": ("os.rename", r"\.open$", 1),
    "the file is sealed, and nothing is sent": ("drill.create", "^warc/", 1),
    "the WARC is stored, its index not": ("drill.created", "^warc/", 1),
    "the index is stored, and in no manifest": ("drill.created", "^cdxj/", 1),
    "the manifest is stored, the catalogue not told": ("drill.created", "^manifests/", 1),
    "the catalogue is told, the local file there": ("os.remove", r"\.warc\.gz$", 1),
    "a note is written of an object, and nothing is sent": ("drill.create", "^(outcomes|stories)/", 1),
    "an object is stored, and in no manifest": ("drill.created", "^(outcomes|stories)/", 1),
    "an object is listed, the note there": ("os.remove", r"\.pending$", 1),
}
# What is linked comes first: where a file that is not linked waits, its removal is the first that is seen.
STEPS_OF_A_FOLDER: dict[str, Aim] = {
    f"{what} is written, {step}": (event, pattern, 1)
    for what, folder in (("a WARC", "warc"), ("an index", "cdxj"), ("a manifest", "manifests"), ("a log", "outcomes"))
    for step, event, pattern in (
        ("linked, and its other name there", "os.remove", rf"/store/{folder}/.*\.copytrail-"),
        ("and not linked", "os.link", f"/store/{folder}/"),
    )
}
UPLOADS = ("/warc/", "/cdxj/", "/manifests/", "/outcomes/")


@pytest.fixture(params=["folder", "s3"], scope="module")
def work(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """An archive with each kind of store, on which all drills follow one another; each leaves it whole."""
    with drill(tmp_path_factory.mktemp(request.param), request.param, seed=20261121) as made:
        yield made


def assert_whole(work: Drill) -> None:
    audit = work.audit()
    assert audit.faults == []
    assert audit.acknowledged > 0


def test_killed_at_any_moment(work: Drill) -> None:
    """Ten processes are killed one after the other, wherever they are, and the S3 server under one of them."""
    for number in range(10):
        work.random_round(longest=0.3, server=number == 5)

    assert work.kills.total() == 10
    assert_whole(work)


def test_killed_at_every_step(work: Drill) -> None:
    """Each step is cut off twice: in the work, and then where the recovery takes it up."""
    steps = STEPS | (STEPS_OF_A_FOLDER if work.kind == "folder" else {})
    ended = {f"{name}, life {life}": work.aimed(aim) for name, aim in steps.items() for life in (1, 2)}

    assert ended == dict.fromkeys(ended, KILLED)
    assert_whole(work)


def test_killed_while_it_recovers_a_torn_file(work: Drill) -> None:
    """The tail is being put aside, it is aside but the file not sealed: the next start does it again, and the tail is kept once."""
    work.aimed(("drill.keep", "", 2))
    work.tear()

    assert work.aimed(("open", r"\.cut$", 1)) == KILLED
    assert work.aimed(("os.rename", r"\.open$", 1)) == KILLED
    assert_whole(work)
    assert sum(path.read_bytes() == TORN for path in (work.folder / "work").rglob("*.cut")) == 1


@pytest.mark.parametrize("work", ["s3"], indirect=True)
def test_killed_in_the_middle_of_a_put(work: Drill) -> None:
    """The server has half of an object, or all of it and nobody to answer: it is there once in the end."""
    ended = {(about, share): work.upload_cut(about, share) for about in UPLOADS for share in (0.5, 1.0)}

    assert ended == dict.fromkeys(ended, KILLED)
    assert_whole(work)


@pytest.mark.parametrize("work", ["s3"], indirect=True)
def test_the_server_is_killed_in_the_middle_of_a_put(work: Drill) -> None:
    """The server comes back on the same data, and the same process finishes what it was doing."""
    ended = {about: work.server_cut(about, 0.5) for about in UPLOADS[:3]}

    assert ended == dict.fromkeys(ended, 0)
    assert_whole(work)


def test_the_start_says_what_it_found(work: Drill) -> None:
    """Nothing is mended in silence: each file and each object is named with what became of it."""
    work.aimed(("drill.keep", "", 2))
    work.aimed(("drill.created", "^outcomes/", 1))
    work.audit()

    after_first, after_second = [" ".join(words[2:]) for words in work.said if words[0] == "recovered"][-2:]
    assert re.search(r"copytrail-\S+\.warc\.gz: 4 records kept, 0 bytes of a torn tail cut", after_first)
    assert re.search(r"copytrail-\S+\.warc\.gz: in the store, with 1 captures", after_first)
    assert re.search(r"outcomes/\S+\.jsonl: in the store", after_second)
