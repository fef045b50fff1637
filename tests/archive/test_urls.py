"""URLs: what is asked for, and the key under which it is found."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.urls import URL_LIMIT, BadUrl, clean, host, registered_domain, surt

CASES = Path(__file__).parent / "cases"
URLS: dict[str, str | None] = yaml.safe_load((CASES / "urls.yaml").read_text())
STRANGERS: list[list[str]] = [json.loads(line) for line in (CASES / "surt-strangers.jsonl").read_text().splitlines()]
SURTS = [line.split("\t") for line in (CASES / "surt.tsv").read_text().splitlines()[1:]]

SCHEMES = ("http://", "http://", "https://", "https://u:p@", "ftp://", "metadata://", "urn:", "dns:", "HTTP:///", "")
HOSTS = (
    *("example.com", "www.example.com", "WWW2.Example.co.uk:80", "a.b.c:443", "127.0.0.1:8080", "[::1]", "[2001:DB8::1]:8443", "..a..b.."),
    *(
        "b\u00fccher.de",
        "fa\u00df.de",
        "xn--bcher-kva.de",
        "localhost",
        "www.com",
        "1.2",
        "2130706433",
        "exa%6dple.com",
        "\u65e5\u672c.jp:0",
    ),
)
PIECES = (
    *(
        "/",
        "//",
        "a",
        "B",
        "%41",
        "%2541",
        "%",
        "%zz",
        ".",
        "..",
        "/../",
        "/./",
        "\u00e9",
        "%c3%a9",
        "%e9",
        "+",
        "%20",
        " ",
        ";",
        "=",
        "&",
        "?",
    ),
    *("?b=1&a=2", "#f", "jsessionid=0123456789abcdef0123456789abcdef", "PHPSESSID=9682993c8daa2c5497996114facdc805", "cfid=1&cftoken=2"),
    *("(S(abcdefghijklmnopqrstuvwx))/", "(4hqa0555fwsecu455xqckv45)/x.aspx", "%00", "%0a", "%23", "%3f", "%2f", "%25", '|"<>^`{}[]'),
    *(":@!$'*,-_~\\", "\x7f\x01", "\u00a0", "\u2028", "\U0001f600"),
)
texts = st.one_of(
    st.text(max_size=30), st.sampled_from(list(URLS)), st.lists(st.sampled_from([*"/?#%&=:@.\\[]é ", "a", "%41"])).map("".join)
)


@pytest.mark.parametrize("url", URLS)
def test_a_url_is_cleaned(url: str) -> None:
    """Each text of the table becomes the URL beside it, or is refused."""
    expected = URLS[url]

    if expected is None:
        with pytest.raises(BadUrl):
            clean(url)
    else:
        assert clean(url) == expected


@given(texts, texts)
def test_a_clean_url_is_clean(name: str, rest: str) -> None:
    """Whatever is taken is one line of ASCII without spaces or fragment, and cleaning it again changes nothing."""
    try:
        url = clean(f"http://{name}/{rest}")
    except BadUrl:
        return

    assert clean(url) == url
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert "#" not in url
    assert surt(url).partition(")")[1] == ")"
    assert registered_domain(host(url))


def test_a_url_is_bounded() -> None:
    """A URL longer than any server takes is refused, and the message stays short."""
    with pytest.raises(BadUrl) as caught:
        clean("http://news.example/" + "x" * URL_LIMIT)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("url", "expected"), SURTS, ids=[url for url, _ in SURTS])
def test_a_surt_is_that_of_the_web_archives(url: str, expected: str) -> None:
    """The keys are those that cdxj-indexer and pywb compute, so that their tools find our captures."""
    assert clean(url) == url
    assert surt(url) == expected


@pytest.mark.parametrize(("url", "expected"), STRANGERS, ids=[ascii(url) for url, _ in STRANGERS])
def test_a_surt_of_what_others_archived(url: str, expected: str) -> None:
    """Any text has a key, also what we would never ask for: other schemes, credentials, odd hosts, short addresses, no URL at all."""
    assert surt(url) == expected


def test_the_keys_are_those_of_the_judges(judge: Callable[[str], Path]) -> None:
    """The library that cdxj-indexer and pywb use gives every key of both tables, and those of two thousand URLs made by chance."""
    chance = random.Random(1)
    made = [
        chance.choice(SCHEMES) + chance.choice(HOSTS) + "/" + "".join(chance.choices(PIECES, k=chance.randrange(8))) for _ in range(2000)
    ]
    urls = [*(url for url, _ in SURTS), *(url for url, _ in STRANGERS), *made]
    ask = "import json, sys, surt\nfor line in sys.stdin: print(json.dumps(KEY(json.loads(line))))"
    keys = {
        "cdxj-indexer": "from cdxj_indexer.main import CDXJIndexer\nKEY = CDXJIndexer(None, []).get_url_key\n",
        "cdx-indexer": "from pywb.utils.canonicalize import canonicalize\n"
        "def KEY(url):\n    try: return canonicalize(url)\n    except Exception: return url\n",  # pywb would stop there
    }
    for program, key in keys.items():
        python = judge(program).with_name("python")
        lines = "".join(f"{json.dumps(url)}\n" for url in urls)
        done = subprocess.run([python, "-W", "ignore", "-c", key + ask], input=lines, capture_output=True, text=True, check=True)
        theirs = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(url, surt(url)) for url in urls] == list(zip(urls, theirs, strict=True))


def test_a_host_is_read() -> None:
    """The host stands without port and brackets, in lower case."""
    assert host("https://News.Example:8443/a") == "news.example"
    assert host("http://[2001:db8::1]:80/") == "2001:db8::1"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("www.news.example.co.uk", "example.co.uk"),
        ("news.example.com", "example.com"),
        ("example.com", "example.com"),
        ("blog.github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("agency.example", "agency.example"),
        ("desk.agency.example", "agency.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("WWW.Example.COM", "example.com"),
        ("www.example.com.", "example.com"),
        ("xn--b1amnebsh.xn--p1ai", "xn--b1amnebsh.xn--p1ai"),
    ],
)
def test_a_domain_is_what_one_owner_registered(name: str, expected: str) -> None:
    """Politeness and outlets go by the name under the public suffix, from the list in the package alone."""
    assert registered_domain(name) == expected
