"""The locks hold what pyproject.toml asks for, and every byte of it is checked."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from house.checkout import ROOT, pins, project
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RUN, DEV, BOOTSTRAP = "requirements.lock", "requirements-dev.lock", "requirements-bootstrap.lock"
JUDGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "judges").glob("*.lock"))
SOURCES = {
    RUN: [*project()["project"]["dependencies"], *project()["dependency-groups"]["build"]],
    DEV: project()["dependency-groups"]["dev"],
    BOOTSTRAP: project()["dependency-groups"]["bootstrap"],
} | {lock: project()["dependency-groups"][f"judge-{Path(lock).stem}"] for lock in JUDGES}


@pytest.mark.parametrize("lock", SOURCES)
def test_every_requirement_is_locked(lock: str) -> None:
    """Each requirement has a pin, and the pin is a version that the requirement admits."""
    locked = {pin.name: pin.version for pin in pins(lock)}

    for requirement in map(Requirement, SOURCES[lock]):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("lock", SOURCES)
def test_every_pin_has_a_hash(lock: str) -> None:
    """A package is installed only if its bytes are those that were locked."""
    assert not [pin.name for pin in pins(lock) if not pin.hashes]
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", value) for pin in pins(lock) for value in pin.hashes)


@pytest.mark.parametrize("lock", SOURCES)
def test_no_lock_names_an_index(lock: str) -> None:
    """Where packages come from is the machine's business: a lock holds no address and no option but hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert set(re.findall(r"--[a-z-]+", re.sub(r"(?m)#.*", "", text))) == {"--hash"}


def test_one_environment_has_one_version_of_each() -> None:
    """What both locks of the environment pin, they pin alike."""
    run = {pin.name: pin.version for pin in pins(RUN)}
    dev = {pin.name: pin.version for pin in pins(DEV)}

    assert {name: dev[name] for name in run.keys() & dev.keys()} == {name: run[name] for name in run.keys() & dev.keys()}
    assert not {"boto3", "prefect", "scrapy"} & dev.keys()


COPYLEFT = re.compile(r"\b(?:A|L)?GPL|General Public License")
# Each offers a permissive licence or the MPL as well, which we take: docs/decisions/0002-dependencies.md.
CHOSEN = {"text-unidecode", "tld"}


def licence(name: str) -> str:
    """What an installed distribution says of its licence; empty where the lock's marker keeps it from this platform."""
    try:
        about = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    stated = [about["License-Expression"] or about["License"] or "", *about.get_all("Classifier", [])]
    return "\n".join(line for text in stated for line in text.splitlines()[:1])


def test_no_licence_binds_what_we_ship() -> None:
    """Nothing that copytrail runs on is under a copyleft licence alone."""
    said = {pin.name: licence(pin.name) for pin in pins(RUN)}

    assert len([text for text in said.values() if text]) > 100
    assert {name for name, text in said.items() if COPYLEFT.search(text)} <= CHOSEN
