"""What WACZ asks of its JSON files, of 1.1.1 and of the draft 1.2.0, each package by the profile that it states.

Contract: pure.  ``version`` says by which of the two a ``datapackage.json`` is judged; ``manifest_faults`` and ``page_faults`` give what is
wrong as a rule of ``archive/verify_rules.py`` and words.  Sizes and hashes are for ``archive/verify_wacz.py``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

STABLE, DRAFT = "1.1.1", "1.2.0"
_PROFILES = {STABLE: "data-package", DRAFT: "wacz"}
_KNOWN_VERSION = re.compile(r"1\.[01](?:\.\d+)?")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def json_object(data: bytes | None) -> dict[str, Any] | None:
    """The JSON object that ``data`` is."""
    try:
        value = json.loads(data) if data is not None else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def version(manifest: Mapping[str, Any] | None) -> str:
    """By which version a package is judged."""
    return DRAFT if manifest is not None and manifest.get("profile") == _PROFILES[DRAFT] else STABLE


def manifest_faults(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with datapackage.json by itself."""
    stated = manifest.get("profile")
    if stated not in _PROFILES.values():
        yield "wacz-profile", f"profile is {str(stated)[:80]!r}, not 'data-package' (1.1.1) or 'wacz' (1.2.0)"
    if version(manifest) == STABLE:
        number = manifest.get("wacz_version")
        if not isinstance(number, str) or not _VERSION.fullmatch(number):
            yield "wacz-datapackage", f"wacz_version is {str(number)[:80]!r}"
        elif not _KNOWN_VERSION.fullmatch(number):
            yield "wacz-version", f"a package of WACZ {number[:40]}, judged by {STABLE}"
    for name in ("created", "modified"):
        if name in manifest and not is_time(manifest[name]):
            yield "wacz-time", f"{name} is {str(manifest[name])[:80]!r}, no time of RFC 3339"
    home = manifest.get("home")
    if home is not None and not (isinstance(home, dict) and isinstance(home.get("url"), str) and is_time(home.get("ts"))):
        yield "wacz-home", "home is not an object with url and ts"


def resource_faults(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a resource lacks."""
    for name, kind in (("name", str), ("hash", str), ("bytes", int)):
        if not isinstance(stat(item, name), kind):
            yield "wacz-datapackage", f"a resource without {name}: {str(item)[:100]}"


def stat(item: Mapping[str, Any], name: str) -> object:
    """Hash or bytes of a resource; versions before 1.1.1 had them under ``stats``."""
    older = item.get("stats")
    return item.get(name, older.get(name) if isinstance(older, dict) else None)


def page_faults(line: bytes, *, first: bool) -> tuple[str | None, list[tuple[str, str]]]:
    """The URL of the page in a line of pages.jsonl, None where there is none, and what is wrong with it."""
    page = json_object(line)
    if page is not None and "format" in page and "url" not in page:
        return None, [] if first else [("wacz-pages", "a head that is not the first line")]
    if page is None or not isinstance(page.get("url"), str) or "ts" not in page:
        return None, [("wacz-pages", "not a JSON object with url and ts")]
    url: str = page["url"]
    return url, [] if is_time(page["ts"]) else [("wacz-pages", f"ts is {str(page['ts'])[:80]!r}, no time of RFC 3339")]


def is_time(value: object) -> bool:
    """Whether a value is a time as RFC 3339 writes it."""
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return False
    try:
        datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3].upper().replace('Z', '+00:00')}")
    except ValueError:
        return False
    return True
