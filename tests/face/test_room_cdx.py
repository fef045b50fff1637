"""The room's CDX server, asked as pywb's clients ask: its rows are those of the index, and a slip is an error."""

import json
from urllib.parse import quote

import pytest
from support.readingroom import Answer, Room
from support.smallarchive import AGENCY, GONE, PAPER

from archive import cdxj

EVERY = "*.example"


def ask(room: Room, url: str, **given: object) -> Answer:
    """One query; an underscore at a name's end is left out."""
    parameters = [("url", url), *((name.rstrip("_"), value) for name, value in given.items())]
    return room[0].ask("/cdx?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters))


def stamps(answer: Answer) -> list[str]:
    """The times of the rows."""
    return [line.split(" ")[1] for line in answer.text.splitlines()]


def test_its_rows_are_the_index(room: Room) -> None:
    """Every capture of every host, the very lines of the index, in its order; as JSON the same values."""
    lines = [cdxj.line(capture, plain=True) for capture in room[1].catalogue.all_captures()]
    rows = [json.loads(line) for line in ask(room, EVERY, output="json").text.splitlines()]

    assert ask(room, EVERY).text.splitlines() == lines
    assert lines == sorted(lines)
    assert [f"{row.pop('urlkey')} {row.pop('timestamp')} {json.dumps(row)}" for row in rows] == lines


@pytest.mark.parametrize(
    ("url", "match", "urls"),
    [
        (PAPER, None, {PAPER}),
        ("paper.example/a?x=1", None, {PAPER}),
        ("http://paper.example/", None, set()),
        ("paper.example/*", None, {PAPER, "http://paper.example/robots.txt"}),
        ("http://paper.example/rob", "prefix", {"http://paper.example/robots.txt"}),
        ("paper.example", "host", {PAPER, "http://paper.example/robots.txt"}),
        ("example", "domain", {PAPER, AGENCY, GONE, "http://paper.example/robots.txt"}),
        ("*.agency.example", None, {AGENCY}),
    ],
)
def test_an_address_is_matched_as_asked(room: Room, url: str, match: str | None, urls: set[str]) -> None:
    """Exactly, by its beginning, by its host, by its domain; nothing found is 404 with a message, as pywb says it."""
    answer = ask(room, url, output="json", **({"matchType": match} if match else {}))

    assert answer.status == (200 if urls else 404)
    if urls:
        assert {json.loads(line)["url"] for line in answer.text.splitlines()} == urls
    else:
        assert "No Captures found" in json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"from_": "20261122"}, ["22", "23"]),
        ({"to": "20261122"}, ["21", "22"]),
        ({"from_": "20261122", "to": "20261122"}, ["22"]),
        ({"sort": "reverse"}, ["23", "22", "21"]),
        ({"sort": "reverse", "to": "20261122"}, ["22", "21"]),
        ({"limit": 2}, ["21", "22"]),
        ({"closest": "20261122103001", "sort": "closest"}, ["22", "23", "21"]),
        ({"closest": "2026112221", "limit": 1}, ["22"]),
        ({"sort": "closest"}, ["23", "22", "21"]),
        ({"filter": "=status:304"}, ["23"]),
        ({"filter": "!=status:304"}, ["21", "22"]),
        ({"filter": "mime:html"}, ["21", "22"]),
        ({"filter": "~mime:.*/revisit"}, ["23"]),
        ({"filter": "!mimetype:revisit"}, ["21", "22"]),
        ({"collapse": "urlkey"}, ["21"]),
        ({"collapse": "timestamp:6"}, ["21"]),
        ({"collapse": "timestamp:8"}, ["21", "22", "23"]),
        ({"page": 0, "pageSize": 2}, ["21", "22"]),
        ({"page": 1, "pageSize": 2}, ["23"]),
    ],
)
def test_rows_are_narrowed_and_ordered(room: Room, given: dict[str, object], wanted: list[str]) -> None:
    """By time, filter, limit, order, nearness, neighbours and pages; of the paper's three captures on three days."""
    assert [stamp[6:8] for stamp in stamps(ask(room, PAPER, **given))] == wanted


def test_fields_and_forms(room: Room) -> None:
    """Only the fields that are asked for; plain text as old clients read it; the names of the Wayback Machine's server are known."""
    row = json.loads(ask(room, AGENCY, fl="url,timestamp,statuscode", output="json", limit=1).text)

    assert set(row) == {"url", "timestamp", "status"}
    assert ask(room, AGENCY, fl="urlkey,status", output="text").text.splitlines() == ["example,agency)/b 200"] * 2
    assert ask(room, AGENCY, output="text", limit=1).text.split()[2] == AGENCY


def test_the_page_after_the_last_is_an_end(room: Room) -> None:
    """400 for a page beyond, and how many pages there are, as clients of pywb ask to know."""
    assert ask(room, PAPER, page=2, pageSize=2).status == 400
    assert json.loads(ask(room, PAPER, showNumPages="true", pageSize=2).body) == {"pages": 2, "pageSize": 2, "blocks": 2}


@pytest.mark.parametrize(
    "given",
    [
        {"matchTypo": "host"},
        {"matchType": "all"},
        {"from_": "soon"},
        {"from_": "20261399"},
        {"limit": "-1"},
        {"limit": "many"},
        {"sort": "best"},
        {"output": "xml"},
        {"fl": "body"},
        {"filter": "status"},
        {"filter": "~url:("},
        {"filter": "~url:(a+)+b"},
        {"filter": "~url:.*.*.*.*b"},
        {"filter": "~url:" + "a?" * 30 + "a" * 30},
        {"filter": "~url:" + "(a|a)" * 30},
        {"filter": r"~url:(a)\1"},
        {"collapse": "body"},
        {"page": "first"},
    ],
    ids=str,
)
def test_a_slip_is_an_error(room: Room, given: dict[str, object]) -> None:
    """An unknown parameter, a value that means nothing, an expression that could take for ever: 400 and why."""
    assert ask(room, PAPER, **given).status == 400
    assert ask(room, "").status == 400
    assert ask(room, "http://[").status == 400


def test_closest_is_for_one_address(room: Room) -> None:
    """Nearness among many addresses means nothing."""
    assert ask(room, EVERY, closest="2026").status == 400
