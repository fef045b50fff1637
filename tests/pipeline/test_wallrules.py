"""The systems that stand before pages, as data."""

import pytest

from archive.kinds import PageKind
from pipeline.wallrules import by_address, by_headers, by_marks, holder, read_systems, systems

GOOD = "systems: [{name: Gate, kind: bot_wall, headers: {X-Gate: Shut}, hosts: [gate.example], paths: [/gate], marks: [Gate-Mark]}]"


def test_the_file_reads() -> None:
    """Every system of the file has a name of its own, a kind of wall and at least one sign."""
    found = systems()

    assert len({system.name for system in found}) == len(found) >= 30
    assert {system.kind for system in found} == {PageKind.BOT_WALL, PageKind.CONSENT_WALL, PageKind.LEGAL_WALL, PageKind.LOGIN_WALL}
    signs = [
        (system.headers, system.refused_headers, system.hosts, system.paths, system.marks, system.refused, system.holders)
        for system in found
    ]
    assert all(any(kinds) for kinds in signs)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "systems: {}",
        "systems: [{name: Gate}]",
        "systems: [{name: Gate, kind: gate}]",
        "systems: [{name: Gate, kind: bot_wall, smells: [x]}]",
        "systems: [{name: Gate, kind: bot_wall, marks: x}]",
        "systems: [{name: Gate, kind: bot_wall, marks: [404]}]",
        "systems: [{name: Gate, kind: bot_wall, headers: [x]}]",
        "systems: [{name: Gate, kind: bot_wall, headers: {x: 1}}]",
    ],
)
def test_a_slip_is_an_error(text: str) -> None:
    """What the file may not say is an error, never a system that finds nothing."""
    assert read_systems(GOOD)[0].marks == ("gate-mark",)
    with pytest.raises(ValueError, match=r"walls\.yaml|PageKind"):
        read_systems(text)


def test_signs_are_found_where_they_stand() -> None:
    """A host and those below it, a path to the end of a word, the beginning of a class, a header whatever its case."""
    assert by_address("https://geo.captcha-delivery.com/x") is not None
    assert by_address("https://consent.google.com/ml") is not None
    assert by_address("https://consent.paper.example/") is not None
    assert by_address("https://notcaptcha-delivery.com/x") is None
    assert by_address("https://paper.example/login-fails-at-the-bank") is None
    assert by_address("https://paper.example/loginov") is None
    assert by_headers([("CF-Mitigated", "Challenge")], refused=False) is not None
    assert by_headers([("Server", "AkamaiGHost")], refused=False) is None
    assert holder(["wrap", "onetrust-pc-sdk"]) == "OneTrust"
    assert holder(["my-onetrust"]) is None
    assert by_marks("x px-captcha x", refused=False, kinds={PageKind.BOT_WALL}) is not None
    assert by_marks("x px-captcha x", refused=False, kinds={PageKind.CONSENT_WALL}) is None
