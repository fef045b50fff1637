"""The systems of ``rules/walls.yaml``, checked, and their signs found in an answer.

``systems()`` reads the file once; an unknown key, a kind that is none or a sign that is no word is a ``ValueError`` that names the
system.  Each ``by_…`` gives the first system of which the sign is found, or None; signs are compared in lower case.  None of them decides
what a page is: articles carry the marks of consent tools, and a refusal may come from anybody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import yaml

from archive.kinds import PageKind

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system and its signs; what each means stands in the file."""

    name: str
    kind: PageKind
    headers: Mapping[str, str]
    refused_headers: Mapping[str, str]
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    marks: tuple[str, ...]
    refused: tuple[str, ...]
    holders: tuple[str, ...]


_KEYS = frozenset(field.name for field in fields(System))


@cache
def systems() -> tuple[System, ...]:
    """The checked systems."""
    return read_systems(files("pipeline").joinpath("rules/walls.yaml").read_text("utf-8"))


def read_systems(text: str) -> tuple[System, ...]:
    """The systems that a YAML text lists; ValueError on anything that is not understood."""
    data = yaml.safe_load(text)
    if not isinstance(data, dict) or set(data) != {"systems"} or not isinstance(data["systems"], list):
        raise ValueError("walls.yaml is not a list of systems")
    return tuple(_system(entry) for entry in data["systems"])


def _system(entry: Any) -> System:
    if not isinstance(entry, dict) or not {"name", "kind"} <= set(entry) or not set(entry) <= _KEYS:
        raise ValueError(f"walls.yaml: no system: {entry!r}")
    name = str(entry["name"])
    return System(
        name=name,
        kind=PageKind(entry["kind"]),
        headers=_headers(entry.get("headers"), name),
        refused_headers=_headers(entry.get("refused_headers"), name),
        hosts=_signs(entry.get("hosts"), "hosts", name),
        paths=_signs(entry.get("paths"), "paths", name),
        marks=_signs(entry.get("marks"), "marks", name),
        refused=_signs(entry.get("refused"), "refused", name),
        holders=_signs(entry.get("holders"), "holders", name),
    )


def _signs(value: Any, key: str, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(sign, str) and sign for sign in value):
        raise ValueError(f"walls.yaml: {name}: {key} is not a list of words")
    return tuple(sign.lower() for sign in value)


def _headers(value: Any, name: str) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(part, str) for item in value.items() for part in item):
        raise ValueError(f"walls.yaml: {name}: headers are not names and parts of values")
    return {key.lower(): part.lower() for key, part in value.items()}


def by_headers(headers: Headers, *, refused: bool) -> tuple[System, str] | None:
    """The system that says in a header that the answer is its own, and the header; ``refused``: the answer is a refusal."""
    said = [(name.lower(), value.lower()) for name, value in headers]
    for system in systems():
        wanted = [*system.headers.items(), *(system.refused_headers.items() if refused else ())]
        for name, part in wanted:
            if any(name == given and part in value for given, value in said):
                return system, f"header {name}: {part}" if part else f"header {name}"
    return None


def by_address(url: str) -> tuple[System, str] | None:
    """The system whose address this is, and what says so."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path.lower()
    for system in systems():
        if any(_is_host(host, sign) for sign in system.hosts):
            return system, f"address {host}"
        if any(_is_path(path, sign) for sign in system.paths):
            return system, f"address {path}"
    return None


def _is_host(host: str, sign: str) -> bool:
    return host.startswith(sign) if sign.endswith(".") else host == sign or host.endswith(f".{sign}")


def _is_path(path: str, sign: str) -> bool:
    """A sign ends where a word ends: /login is not how /login-problems-at-the-bank begins."""
    rest = path[len(sign) :]
    return path.startswith(sign) and not (sign[-1].isalnum() and rest[:1].isalnum()) and rest[:1] != "-"


def by_marks(markup: str, *, refused: bool, kinds: Collection[PageKind]) -> tuple[System, str] | None:
    """The system, of one of ``kinds``, whose mark stands in the page's source, given in lower case, and the mark."""
    for system in systems():
        for mark in (*system.marks, *(system.refused if refused else ())) if system.kind in kinds else ():
            if mark in markup:
                return system, mark
    return None


@cache
def _holders() -> tuple[tuple[str, ...], Mapping[str, str]]:
    """How ids and classes of consent dialogs begin, and the system of each."""
    found = {sign: system.name for system in systems() for sign in system.holders}
    return tuple(found), found


def holder(names: Iterable[str]) -> str | None:
    """The system whose dialog an element holds, by its id and classes in lower case."""
    signs, systems_by_sign = _holders()
    for name in names:
        if name.startswith(signs):
            return next(system for sign, system in systems_by_sign.items() if name.startswith(sign))
    return None
