"""URLs: what is asked for, and the key under which it is found."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archive.urls import URL_LIMIT, BadUrl, clean, host, registered_domain, surt

CASES = Path(__file__).parent / "cases"
URLS: dict[str, str | None] = yaml.safe_load((CASES / "urls.yaml").read_text())
SURTS = [line.split("\t") for line in (CASES / "surt.tsv").read_text().splitlines()[1:]]

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
