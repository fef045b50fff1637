"""What pages and style sheets need to be shown, read from their bytes."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Capture, Page, RecordRef
from archive.urls import clean
from pipeline.requisites import MOST, Needed, of_page, of_sheet
from pipeline.stylesheets import set_references, sheet_references

URL = "http://paper.example/news/a"
LONG = 1_000_000  # bytes of junk


def page(body: bytes, url: str = URL, charset: str | None = "utf-8") -> Page:
    ref = RecordRef(key="k", offset=0, length=1)
    capture = Capture(
        id="urn:x:1",
        url=url,
        surt="x",
        time=datetime(2026, 11, 21, tzinfo=UTC),
        kind="response",
        status=200,
        mime="text/html",
        ref=ref,
        payload_digest=None,
        payload_length=None,
        block_digest="sha256:0",
    )
    return Page(capture=capture, headers=(), body=body, charset=charset)


def paths(needed: Needed) -> list[str]:
    """The addresses without the page's own host."""
    return [url.removeprefix("http://paper.example") for url in needed.urls]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<img src=a.png>", ["/news/a.png"]),
        ("<IMG SRC = '/a.png' >", ["/a.png"]),
        ('<img src="a&amp;b.png?x=1&y=2">', ["/news/a&b.png?x=1&y=2"]),
        ("<img src=/a srcset='/b 1x, /c 2x,/d 3x'>", ["/a", "/b", "/c", "/d"]),
        ("<img data-src=/a data-srcset='/b 100w, /c'>", ["/a", "/b", "/c"]),
        ("<picture><source srcset='/a 480w,/b 800w'><img src=/c></picture>", ["/a", "/b", "/c"]),
        ("<video poster=/p src=/film><source src=/film2></video><audio src=/sound></audio>", ["/p"]),
        ("<input type=Image src=/b><input src=/no>", ["/b"]),
        ("<link rel='Stylesheet' href=/s><link rel='alternate stylesheet' href=/t><link rel=canonical href=/no>", ["/s", "/t"]),
        ("<link rel='shortcut icon' href=/i><link rel=apple-touch-icon href=/j><link rel=mask-icon href=/k>", ["/i", "/j", "/k"]),
        ("<link rel=preload as=font href=/f><link rel=preload as=document href=/no><link rel=modulepreload href=/m>", ["/f", "/m"]),
        ("<link rel=preload as=image imagesrcset='/a 1x, /b 2x'>", ["/a", "/b"]),
        (
            "<script src=/a></script><script type=module src=/b></script><script type='text/javascript;x' src=/c></script>",
            ["/a", "/b", "/c"],
        ),
        ("<script type='application/ld+json' src=/no></script><script type=text/template src=/no></script>", []),
        (
            "<style>@import '/a'; p{background:url(/b)}</style><p style=\"background:url('/c')\"><td background=/d>",
            ["/a", "/b", "/c", "/d"],
        ),
        ("<p style='background:url(&quot;/q&quot;)'>", ["/q"]),
        ("<svg><image href=/a /><image xlink:href='/b'/><use href='/c.svg#x'/><use href='#here'/></svg>", ["/a", "/b", "/c.svg"]),
        ("<noscript><img src=/no></noscript><template><img src=/no></template><textarea><img src=/no></textarea>", []),
        ("<!-- <img src=/no> --><!--><img src=/a><!-- x --!><img src=/b>", ["/a", "/b"]),
        ("<script>'<img src=/no>'</script ><img src=/a>", ["/a"]),
        ("<script>x</scripty><img src=/no></script><img src=/a>", ["/a"]),
        ("<a title='> <img src=/no>'><img alt=5\" src=/a>", ["/a"]),
        ("<img src=/a src=/no><img/src=/b/><img src=/a#x>", ["/a", "/b/"]),
        ("<img src='data:image/png;base64,x'><img src=javascript:x><img src=blob:x><img src=''><img src='  '>", []),
        ("<iframe src=/no></iframe><object data=/no></object><embed src=/no>", []),
        ("<img src='http://['><img src='http://u:p@x.example/'><img src=/a>", ["/a"]),
        ("<img src=''><img src=/news/a>", []),
        ("<img src=//cdn.example/x>", ["http://cdn.example/x"]),
    ],
)
def test_what_a_page_needs(markup: str, expected: list[str]) -> None:
    """Images, style sheets, scripts, icons and preloads as a browser would fetch them, in their order, each once."""
    assert paths(of_page(page(markup.encode()))) == expected


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("a{b:url(x.png)}", ["x.png"]),
        ("a{b:URL( 'x y.png' )}", ["x y.png"]),
        ("@import \"a.css\"; @IMPORT url(b.css) screen; @import/**/'c.css'", ["a.css", "b.css", "c.css"]),
        ("@font-face{src:local('No'), url(a.woff2) format('woff2'), url('b.woff')}", ["a.woff2", "b.woff"]),
        ("a{b:image-set('x' 1x, url(y) 2x, 'z' type('image/no'))} c{content:'no'}", ["x", "y", "z"]),
        ("a{b:-webkit-image-set(linear-gradient(red, blue) 1x, 'x' 2x)} c{content:'no'}", ["x"]),
        ("/* url(no) */ a{content:'url(no)'} b{c:my-url(no)} d{e:xurl(no)}", []),
        ("@namespace svg url(http://no.example/);a{b:url(x)}", ["x"]),
        ("a{b:url(no no)} c{d:url(x)}", ["x"]),
        ("a{b:url(no'no)} c{d:url(x)}", ["x"]),
        (r"a{b:url(x\)\20y\.png)} c{d:url('\'z')}", ["x) y.png", "'z"]),
        ("a{b:url()} c{d:url('')} e{f:url(x", ["x"]),
        ("a{b:'no\nc:url(x)}", ["x"]),
        ("a{b:src('x')}", ["x"]),
        ("a{b:url('\\110000 \\d800 ')}", ["\ufffd\ufffd"]),
    ],
)
def test_what_a_style_sheet_refers_to(sheet: str, expected: list[str]) -> None:
    """Its url() and @import and image-set, with quotes and escapes undone; not its comments, strings, namespaces and bad URLs."""
    assert list(sheet_references(sheet)) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ("a", ["a"]),
        (" a 1x , b 2x,, c", ["a", "b", "c"]),
        ("a,b 1x", ["a,b"]),
        ("a, b", ["a", "b"]),
        ("a,,, b,", ["a", "b"]),
        ("a (x, y) 1x, b", ["a", "b"]),
        ("a (x, y", ["a"]),
        (", ,", []),
    ],
)
def test_the_candidates_of_a_set(candidates: str, expected: list[str]) -> None:
    """As the HTML standard parses a srcset attribute."""
    assert list(set_references(candidates)) == expected


def test_references_are_held_against_the_first_base() -> None:
    """A base counts wherever it stands, the first one with an address; a style sheet is its own base, whatever was said elsewhere."""
    body = b"<img src=a><base target=x><base href=/deep/er/><base href=/no/><link rel=stylesheet href='s.css'>"

    assert paths(of_page(page(body))) == ["/deep/er/a", "/deep/er/s.css"]
    assert paths(of_sheet(page(b"a{b:url(../x)}", "http://paper.example/css/deep/s.css"))) == ["/css/x"]


def test_the_charset_counts() -> None:
    """A page's header names its characters, a sheet's @charset does where there is no header."""
    assert paths(of_page(page("<img src=/é>".encode("cp1252"), charset="cp1252"))) == ["/%C3%A9"]
    assert paths(of_sheet(page('@charset "cp1252";a{b:url(/é)}'.encode("cp1252"), charset=None))) == ["/%C3%A9"]
    assert paths(of_page(page("\ufeff<img src=/a>".encode("utf-16-le"), charset=None))) == ["/a"]


def test_there_is_a_limit_and_it_is_told() -> None:
    """The first thousand are given, and that there are more."""
    many = b"".join(b"<img src=/%d>" % number for number in range(MOST + 1))

    assert paths(of_page(page(many)))[-1] == f"/{MOST - 1}"
    assert of_page(page(many)).more
    assert not of_page(page(b"<img src=/1>")).more


PIECES = [
    "<",
    ">",
    "<!--",
    "-->",
    "<img ",
    "src=",
    "'",
    '"',
    "&#",
    "9" * 5000,
    "<style>",
    "</style",
    "url(",
    ")",
    "\\",
    "@import ",
    "image-set(",
]
PIECES += ["/*", "*/", "a", " ", ",", "\n", "\0", "é", "srcset=", "<base href=", "http://", "[", "%", "(", "</", "<script>", "=", "/"]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_anything_can_be_read(junk: str) -> None:
    """Whatever the bytes are, what comes out can be fetched, is not the page itself, and comes once."""
    for needed in (of_page(page(junk.encode("utf-8", "replace"))), of_sheet(page(junk.encode("utf-8", "replace")))):
        assert [clean(url) for url in needed.urls] == list(needed.urls)
        assert len(set(needed.urls)) == len(needed.urls)
        assert URL not in needed.urls


@given(st.lists(st.from_regex(re.compile("[a-z0-9]{1,8}", re.ASCII), fullmatch=True), unique=True, max_size=20))
def test_what_is_written_is_found(names: list[str]) -> None:
    """Every image and every url() that is there is given, in order."""
    expected = [f"/{name}" for name in names]

    assert paths(of_page(page("".join(f"<p><img alt='>' src='/{name}'>x" for name in names).encode()))) == expected
    assert paths(of_sheet(page("".join(f".{name} {{ a: url('/{name}') }}" for name in names).encode()))) == expected


JUNK = {
    "tags": b"<a>",
    "less than": b"<",
    "comments": b"<!--",
    "open values": b'<a x="',
    "attributes": b"<img " + b"".join(b"a%d=b " % number for number in range(LONG // 8)),
    "equals": b"<a = ",
    "scripts": b"<script></script",
    "styles": b"<style></style",
    "sets": b"<img srcset='a,",
    "digits": b"<img src='&#" + b"9" * LONG,
    "styled": b"<b style='a:url(x",
}
SHEETS = {
    "urls": b"url(",
    "strings": b'"',
    "comments": b"/*",
    "sets": b"image-set(",
    "imports": b"@import/**/",
    "imports and comments": b"@import /*",
    "backslashes": b"url(\\",
    "namespaces": b"@namespace ",
    "types": b"image-set(type(",
}


@pytest.mark.parametrize("piece", [*JUNK.values(), *SHEETS.values()], ids=[*JUNK, *(f"sheet of {name}" for name in SHEETS)])
def test_a_megabyte_of_junk_holds_nothing_up(piece: bytes) -> None:
    """It is read to its end: a reader that went back for each piece would meet the time limit of the suite."""
    read = of_sheet if piece in SHEETS.values() else of_page
    junk = (piece * (LONG // len(piece) + 1))[:LONG]

    assert len(read(page(junk)).urls) <= 1
