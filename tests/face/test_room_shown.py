"""What the reading room shows of an archived page: words, order, pictures that are held, links that stay here, and nothing that acts."""

import base64
from html.parser import HTMLParser
from pathlib import Path

import nh3
from hypothesis import given
from hypothesis import strategies as st
from support.exchanges import STARTED, page
from support.hostilepages import PAGE
from support.pages import make_page
from support.readingroom import reading_room
from support.smallarchive import settings

from archive.kinds import Found
from archive.records import Lead
from archive.vault import open_archive
from copytrail.room import shown

SITE = "http://paper.example"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)
PIECES = sorted({piece for piece in PAGE.replace("<", "\0<").replace(">", ">\0").split("\0") if piece.strip()})


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ODD = ["<", ">", chr(34), chr(39), "<!--", "-->", "]]>", "\0"]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.sampled_from(ODD)), max_size=25))
def test_nothing_that_acts_is_left(pieces: list[str]) -> None:
    """However the pieces of a hostile page are put together: known elements, harmless attributes, addresses of this room or data."""
    found = shown.cleaned(make_page("".join(pieces), url=f"{SITE}/a"))
    whole = shown.framed(found, "a title", lambda _: ("image/png", PICTURE))
    elements = Elements(whole).found[6:]  # behind html, head, meta, meta, title and style, which are ours

    assert elements[0] == ("body", {})
    for tag, attributes in elements[1:]:
        assert tag in nh3.ALLOWED_TAGS
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "srcset", "action", "id", "class", "target"}]
        assert (attributes.get("href") or "/memento/").startswith("/memento/")
        assert (attributes.get("src") or "data:").startswith("data:image/png;base64,") or "src" not in attributes


def test_pictures_that_are_held_stand_in_the_page(tmp_path: Path) -> None:
    """As data, from the capture nearest in time; of others their description stays; a page asks for nothing."""
    body = b"<p>Words</p><img src=/p.png alt='A bridge'><img src=/lost.png alt='A <lost> one'><img src=/p.svg alt=''><a href=/b#x>b</a>"
    with open_archive(settings(tmp_path)) as archive:
        deposit = archive.deposit(clock=lambda: STARTED, info={"software": "copytrail/test"})
        deposit.keep(page(body, b"Content-Type: text/html", url=f"{SITE}/a"))
        deposit.keep(page(PICTURE, b"Content-Type: image/png", url=f"{SITE}/p.png"))
        deposit.keep(page(b"<p>none", b"Content-Type: text/html", url=f"{SITE}/p.svg"))
        deposit.seal()
        names = ("p.png", "lost.png", "p.svg")
        archive.catalogue.add_leads("story", [Lead(url=f"{SITE}/{name}", found=Found.REQUISITE, parent=f"{SITE}/a") for name in names])
        identifier = archive.catalogue.captures_of(f"{SITE}/a")[0].id
    with reading_room(settings(tmp_path)) as room:
        shown_page, picture = room.ask(f"/view/{identifier}"), room.ask(f"/memento/20261121103000/{SITE}/p.png")

    assert f'<img src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}" alt="A bridge">' in shown_page.text
    assert "<i>A &lt;lost> one</i>" in shown_page.text or "<i>A &lt;lost&gt; one</i>" in shown_page.text
    assert 'href="/memento/20261121103000/http://paper.example/b"' in shown_page.text
    assert "p.svg" not in shown_page.text
    assert shown_page.headers["content-security-policy"].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert (picture.headers["content-type"], picture.body) == ("image/png", PICTURE)


def test_what_a_limit_cuts_is_said() -> None:
    """Of too many pictures the first are shown, also where they come again after the last; a page that is too long ends; both say so."""
    many = "".join(f"<img src=/{number}.png>" for number in range(shown.MOST_PICTURES + 5)) + "<img src=/0.png>"
    pictures = shown.cleaned(make_page(many, url=f"{SITE}/a"))
    long = shown.cleaned(make_page("<p>" + "word " * (shown.PAGE_LIMIT // 5 + 10), url=f"{SITE}/a"))
    whole = shown.framed(pictures, "a title", lambda _: ("image/png", PICTURE))

    assert pictures.left_out == f"5 of {shown.MOST_PICTURES + 5} pictures"
    assert whole.count("data:image/png") == shown.MOST_PICTURES + 1
    assert f"Not shown here: 5 of {shown.MOST_PICTURES + 5} pictures." in whole
    assert long.left_out == f"what comes after {shown.PAGE_LIMIT:,} bytes"
    assert "Not shown here: what comes after" in shown.of_text("words", "a title", long.left_out)
    assert shown.cleaned(make_page("<p>Words", url=f"{SITE}/a")).left_out == ""
