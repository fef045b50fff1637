"""What the command line leaves in the archive, and whose signatures it believes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.programs import signers_file, ssh_key
from support.smallarchive import SLUG, settings, small_archive

from archive import codec
from archive.custody import Custody
from archive.store import open_store
from archive.vault import writer_name

PROGRAM = Path(sys.executable).with_name("copytrail")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with a small archive and a key that signs."""
    with small_archive(tmp_path):
        pass
    key = ssh_key(tmp_path / "key")
    signers_file(tmp_path / "signers", {writer_name(): key})
    lines = f'store = "{settings(tmp_path).store}"\nsigning_key = "{key}"\ncontact = "desk@paper.example"\n'
    (tmp_path / "copytrail.toml").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    def copytrail(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([PROGRAM, *arguments], cwd=project, capture_output=True, text=True, timeout=100, check=False)

    return copytrail


def records(project: Path) -> list[Custody]:
    store = open_store(settings(project).store)
    return [codec.read(Custody, store.read(key)) for key in store.keys("custody/")]


def test_a_pull_and_a_rebuild_are_recorded(project: Path, run: Run) -> None:
    """Who took which file with which digest, and who made the catalogue anew; signed like everything else."""
    pulled = run("pull", SLUG, "-f", "wacz", "-o", "s.wacz", "--json")
    rebuilt = run("rebuild")
    first, second = records(project)
    checked = run("verify", "--signers", "signers", settings(project).store)

    assert (pulled.returncode, rebuilt.returncode) == (0, 0), pulled.stderr + rebuilt.stderr
    assert json.loads(pulled.stdout)["custody"].startswith("custody/")
    assert (first.act, first.about, first.agent.operator) == ("pulled", f"story {SLUG} as wacz", "desk@paper.example")
    assert first.objects[0].key == "s.wacz"
    assert first.objects[0].size == (project / "s.wacz").stat().st_size
    assert (second.act, second.counts["problems"]) == ("rebuilt", 0)
    assert second.counts["rows"] > 7
    assert checked.returncode == 0, checked.stdout
    assert run("verify", "--signers", "signers", "s.wacz").stdout == ""


def test_a_pull_from_an_archive_that_can_only_be_read_succeeds(project: Path, run: Run) -> None:
    """The file is there, the exit code is 0, and a line says that nothing could be recorded."""
    (project / "archive/custody").write_bytes(b"a file where a folder should be")
    done = run("pull", SLUG, "-f", "jsonl", "-o", "s.jsonl", "--json")

    assert done.returncode == 0
    assert (project / "s.jsonl").exists()
    assert json.loads(done.stdout)["custody"] is None
    assert "no custody record could be written" in done.stderr


def test_a_key_that_cannot_be_used_keeps_nobody_from_reading(project: Path, run: Run) -> None:
    """Pulling rows works and says why nothing was recorded; a package that should be signed and cannot be is wrong usage."""
    (project / "key").chmod(0o644)
    rows, package = (run("pull", SLUG, "-f", form, "-o", form) for form in ("jsonl", "wacz"))

    assert rows.returncode == 0
    assert "no custody record could be written: signing_key:" in rows.stderr
    assert package.returncode == 2
    assert "chmod 600" in package.stderr
    assert not (project / "wacz").exists()
    assert records(project) == []


def test_verification_believes_whom_it_is_told_to(project: Path, run: Run) -> None:
    """A chain that nobody of the file has signed is an error; a file that is not understood is wrong usage."""
    unsigned = run("verify", "--signers", "signers")
    (project / "signers").write_text("host who-knows ssh-ed25519 AAAA\n", encoding="utf-8")
    wrong = run("verify", "--signers", "signers")
    absent = run("verify", "--tsa-ca", "nowhere.pem")

    assert unsigned.returncode == 1
    assert "[signer-none, ssh-keygen, ALLOWED SIGNERS]" in unsigned.stdout
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "signers: line 1" in wrong.stderr
    assert absent.returncode == 2
