"""Who did what with the archive: the agent in every manifest, and the records of acts that make no capture.

Contract: a :class:`Custody` is one object, written once when an act is over and listed in a manifest, so that who took what away, brought
what in or looked at everything can be proved as long as the archive stands.  What was written, and by whom, stands in the manifests
themselves.  The list of acts is closed.
"""

import os
import pwd
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from archive import layout
from archive.records import Selection
from archive.store import ObjectInfo, measured


class Act(StrEnum):
    """What was done."""

    PULLED = "pulled"  # captures were taken away
    IMPORTED = "imported"  # files of others were brought in
    WITHDREW = "withdrew"  # an object is no longer shown, or was erased
    VERIFIED = "verified"  # every object was read and held against the manifests
    REBUILT = "rebuilt"  # the catalogue was made anew from the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who acts: a person or a service on a machine, with a program."""

    operator: str | None  # the contact of the settings
    user: str
    host: str
    software: str  # name/version


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One act; ``objects`` are those it made or was about: of a pull the files that were handed out, under their own names."""

    act: Act
    time: datetime
    agent: Agent
    about: str  # in words
    selection: Selection | None = None
    objects: tuple[ObjectInfo, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def key_of(record: Custody, data: bytes) -> str:
    """Where a record lies whose bytes are ``data``: by its time and act; the same act told twice is one object."""
    return layout.custody_key(record.time, f"{record.act}-{sha256(data).hexdigest()[:12]}")


def this_agent(operator: str | None) -> Agent:
    """Who runs this process, as the machine knows them."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that nobody has
        user = str(os.getuid())
    return Agent(operator=operator, user=user, host=socket.gethostname(), software=f"copytrail/{version('copytrail')}")


def handed_out(path: Path, base: Path | None = None) -> tuple[ObjectInfo, ...]:
    """Names, sizes and digests of a file that was made, or of the files of a folder by their paths in it, or from ``base``."""
    found = []
    for file in sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            size, digest = measured(stream)
        name = file.relative_to(base or path).as_posix() if path.is_dir() else file.name
        found.append(ObjectInfo(key=name, size=size, sha256=digest))
    return tuple(found)
