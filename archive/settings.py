"""Flags, environment and file become one frozen value; only the doors (command line, Scrapy project, deployment) call :func:`load`.

Order: flag, then ``COPYTRAIL_*`` in the environment, then ``copytrail.toml`` in the project folder, then the default.  A name that is not
known, in the file or with the prefix in the environment, is an error: a typing slip must not fall back to a default in silence.
Secrets are no settings: S3 keys come from the AWS chain alone and are never shown.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from archive.rights import Profiles

PREFIX = "COPYTRAIL_"
FILE = "copytrail.toml"
MIB = 1024 * 1024


class SettingsError(ValueError):
    """A setting that cannot be understood; the message names it, its origin and what is expected."""


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError("expected a number that is not negative")
    return value


def _positive(text: str) -> float:
    value = _number(text)
    if not value:
        raise ValueError("expected a number that is more than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError("expected a whole number that is not negative")
    return value


def _yes(text: str) -> bool:
    if text.lower() not in {"yes", "no", "true", "false", "1", "0"}:
        raise ValueError("expected yes or no")
    return text.lower() in {"yes", "true", "1"}


def _text(text: str) -> str | None:
    if any(ord(character) < 32 for character in text):
        raise ValueError("control characters are not allowed")
    return text.strip() or None


def _rights(text: str) -> str:
    Profiles.read(text)
    return text.strip()


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text.strip() else None


def _setting(default: Any, parse: Callable[[str], Any], text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a run may be told; each field is ``COPYTRAIL_<NAME>`` in the environment and ``name`` in the file."""

    store: str = _setting("copytrail-archive", _text, "where the archive lies: a folder or s3://bucket/prefix")
    s3_endpoint: str | None = _setting(None, _text, "URL of an S3 server other than AWS")
    catalogue: str | None = _setting(None, _text, "SQLAlchemy URL of the catalogue; default: an SQLite file beside the work files")
    work: Path | None = _setting(None, _path, "folder for open WARC files; default: inside a folder store, else .copytrail")
    contact: str | None = _setting(None, _text, "mail or web address that the User-Agent names; no crawl without it")
    delay: float = _setting(2.0, _number, "seconds between two requests to one registered domain")
    timeout: float = _setting(60.0, _number, "seconds until an answer must be whole")
    body_limit: int = _setting(32 * MIB, _count, "bytes of one body, on the wire and decoded; beyond it the capture is cut and marked")
    max_hops: int = _setting(1, _count, "how far from the seeds a run follows leads")
    max_hosts: int = _setting(50, _count, "hosts that one run may visit")
    max_pages: int = _setting(500, _count, "pages that one run may fetch")
    max_host_pages: int = _setting(200, _count, "pages of one registered domain that one run may fetch")
    max_bytes: int = _setting(2048 * MIB, _count, "bytes that one run may receive")
    max_seconds: float = _setting(3600.0, _number, "seconds that one run may take")
    quota: int = _setting(0, _count, "bytes that the store may hold before an alarm says that it fills up; 0: what its disk has")
    lease_seconds: float = _setting(60.0, _positive, "seconds after which other workers may visit the domains of one that is gone")
    requisites: bool = _setting(
        default=False, parse=_yes, text="yes: also keep the images, styles, scripts and fonts that pages need to be shown"
    )
    refetch_days: float = _setting(7.0, _number, "days after which a page is asked for in full, whatever its server says of changes")
    discover_patience: int = _setting(50, _count, "pages in a row without a new member after which a run follows no more leads; 0: never")
    discover_gdelt: str | None = _setting(None, _text, "URL of GDELT DOC or of a stand-in: naming it switches it on for discover")
    discover_wayback: str | None = _setting(
        None, _text, "URL of the Wayback Machine or of a stand-in, without path: switches it on for discover"
    )
    discover_memento: str | None = _setting(None, _text, "URL of TimeMaps, to which an address is added: switches them on for discover")
    discover_search: str = _setting(
        "", lambda text: _text(text) or "", "sites to search, by blanks: https://host/?s={words}, or a host whose pages say how"
    )
    discover_outlets: str = _setting(
        "", lambda text: _text(text) or "", "feeds of outlets that credits name, comma-separated: Reuters=https://…"
    )
    pool: str = _setting("copytrail", lambda text: _text(text) or "copytrail", "the Prefect work pool that `deploy` puts the jobs into")
    pool_type: str = _setting(
        "process", lambda text: _text(text) or "process", "its kind: process, docker, kubernetes or another of Prefect's"
    )
    job_variables: str = _setting(
        "",
        lambda text: _text(text) or "",
        "what that pool gives every run: NAME=VALUE or env.NAME=VALUE, comma-separated, or a JSON object",
    )
    outlet_rights: str = _setting(
        "", _rights, "who may have an outlet's text: DOMAIN=private|team|public, comma-separated; * stands for every other outlet"
    )
    honour_noarchive: bool = _setting(
        default=False, parse=_yes, text="yes: the text of pages that ask for no copy (noarchive) stays in the house"
    )
    ca_file: Path | None = _setting(None, _path, "PEM file of certificate authorities to trust besides the system's")
    signing_key: Path | None = _setting(None, _path, "private key that signs manifests and packages")
    timestamp_url: str | None = _setting(None, _text, "URL of an RFC 3161 authority that stamps manifests")
    connect_to: str = _setting("", lambda text: _text(text) or "", "HOST:PORT=ADDRESS:PORT, comma-separated; * stands for any host or port")

    @property
    def folder(self) -> Path:
        """Where open WARC files wait: local, also when the store is not."""
        if self.work is not None:
            return self.work
        return Path(".copytrail") if self.store.startswith("s3://") else store_folder(self.store) / ".work"

    @property
    def catalogue_url(self) -> str:
        """The catalogue's SQLAlchemy URL, with the embedded default filled in."""
        return self.catalogue or f"sqlite:///{(self.folder / 'catalogue.sqlite').absolute()}"


class Loaded(NamedTuple):
    """Settings and where each one comes from: ``default``, ``file PATH``, ``environment NAME`` or ``flag``."""

    settings: Settings
    origins: Mapping[str, str]


def store_folder(url: str) -> Path:
    """The folder of a directory store, named as a path or as ``file://``."""
    return Path(url.removeprefix("file://")).expanduser()


def load(environ: Mapping[str, str], *, flags: Mapping[str, object] | None = None, folder: Path) -> Loaded:
    """Settle every setting; SettingsError names the first one that is wrong."""
    given: dict[str, tuple[str, str]] = {}
    for name, text, origin in [*_from_file(folder / FILE), *_from_environment(environ), *_from_flags(flags or {})]:
        given[name] = (text, origin)
    values = {name: _parse(name, text, origin) for name, (text, origin) in given.items()}
    origins = {name: given[name][1] if name in given else "default" for name in _known()}
    return Loaded(Settings(**values), origins)


def describe() -> dict[str, str]:
    """What each setting means, by name: the source of the help and of the reference."""
    return {name: str(metadata["help"]) for name, metadata in _known().items()}


def _known() -> dict[str, Mapping[str, Any]]:
    return {item.name: item.metadata for item in fields(Settings)}


def _from_file(path: Path) -> list[tuple[str, str, str]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from error
    return [(name, str(value), f"file {path}") for name, value in content.items() if _is_known(name, str(path))]


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = sorted(name for name in environ if name.startswith(PREFIX) and name not in OTHER_VARIABLES)
    return [
        (name.removeprefix(PREFIX).lower(), environ[name], f"environment {name}")
        for name in names
        if _is_known(name.removeprefix(PREFIX).lower(), f"environment {name}")
    ]


def _from_flags(flags: Mapping[str, object]) -> list[tuple[str, str, str]]:
    return [(name, str(value), "flag") for name, value in flags.items() if value is not None and _is_known(name, "flag")]


# Read by the doors and the tests, never by this module: they are no settings and no slips either.
OTHER_VARIABLES = frozenset({"COPYTRAIL_HOME", "COPYTRAIL_PROJECT", "COPYTRAIL_SHARED", "COPYTRAIL_TOKEN"})


def _is_known(name: str, origin: str) -> bool:
    if name not in _known():
        raise SettingsError(f"{origin}: there is no setting {name!r}; known are {', '.join(_known())}")
    return True


def _parse(name: str, text: str, origin: str) -> Any:
    try:
        value = _known()[name]["parse"](text)
    except ValueError as error:
        raise SettingsError(f"{name} = {text!r} ({origin}): {error}") from error
    if value is None and name == "store":
        raise SettingsError(f"store is empty ({origin}): name a folder or s3://bucket/prefix")
    return value
