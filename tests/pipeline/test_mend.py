"""Broken URLs: the true one is among the candidates, and only the page that holds the seed's article is accepted."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.urls import clean
from pipeline.broken import MOST
from pipeline.datelines import Dateline
from pipeline.mend import candidates, confirms
from pipeline.seeds import SeedReading

TRUE = "https://www.ledger.example/2024/03/03/harbour-board-says-swing-bridge-opens-from-may-a84636"
BODY = (
    "The old swing bridge at Ferrydale will open to carts again in May. The harbour board said so on Sunday after a long night.",
    "“We have counted every rivet twice,” said harbour master Ola Brandt. He has kept the bridge for thirty years and a day.",
    "Carters had complained that the ferry takes twenty minutes longer. An affiliate of the board will pay a third of the bill.",
)
OTHER = (
    "The harbour board has named a new head of its ferry office. Ola Brandt said that the choice had been an easy one.",
    "The ferry carried eleven thousand people over the sound in the autumn. It will be painted green before the summer fair.",
)
READING = SeedReading(
    id="s",
    headline="Harbour Board Says Swing Bridge Opens From May",
    published="2024-03-03",
    body=BODY,
    url_candidates=(TRUE,),
    outlet_domain="ledger.example",
)


def page(url: str, title: str | None, body: tuple[str, ...]) -> Document:
    """A fetched page, read."""
    return Document(
        capture="urn:uuid:1", url=url, extractor="test", quality=Quality(kind=PageKind.ARTICLE), title=title, text="\n".join(body)
    )


def inside(url: str, chance: random.Random, signs: str) -> str:
    """The URL with ``signs`` put in somewhere after its host."""
    at = chance.randrange(url.index("/", 8) + 2, len(url) - 1)
    return url[:at] + signs + url[at:]


def at_a_hyphen(url: str, chance: random.Random, signs: str) -> str:
    """The URL with ``signs`` after one of its hyphens, where a line is broken."""
    at = chance.choice([at for at, sign in enumerate(url) if sign == "-"])
    return url[: at + 1] + signs + url[at + 1 :]


def for_a_hyphen(url: str, chance: random.Random) -> str:
    """The URL with a space where a hyphen was."""
    at = chance.choice([at for at, sign in enumerate(url) if sign == "-"])
    return f"{url[:at]} {url[at + 1 :]}"


BREAKAGES: dict[str, Callable[[str, random.Random], str]] = {
    "space inside": lambda url, chance: inside(url, chance, " "),
    "two spaces": lambda url, chance: inside(inside(url, chance, " "), chance, "\u00a0"),
    "newline inside": lambda url, chance: inside(url, chance, chance.choice(["\n", "\r\n", "\n\n"])),
    "line broken at a hyphen": lambda url, chance: at_a_hyphen(url, chance, "\n"),
    "hyphen of a line break": lambda url, chance: inside(url, chance, "-\n"),
    "space for a hyphen": for_a_hyphen,
    "soft hyphen": lambda url, chance: inside(url, chance, chance.choice(["\u00ad", "\u200b", "%C2%AD"])),
    "entities": lambda url, _: url.replace("?", "?").replace("&", "&amp;") if "&" in url else f"{url}?a=1&amp;b=2",
    "trailing punctuation": lambda url, chance: url + chance.choice([".", ",", ").", "]", "”", "…", "»,", ">"]),
    "missing scheme": lambda url, _: url.removeprefix("https://"),
    "broken scheme": lambda url, chance: url.replace(
        "https://", chance.choice(["hxxps://", "ttps://", "https:/", "https//", "https:\\\\", "//", "https ://"])
    ),
    "defanged": lambda url, chance: url.replace("https", "hxxps").replace(".", chance.choice(["[.]", "(.)", "[dot]"])),
    "tracking parameters": lambda url, _: f"{url}?utm_source=feed&utm_medium=rss&fbclid=IwAR0&gclid=7",
    "percent-encoded space": lambda url, chance: inside(url, chance, "%20"),
    "escaped whole": lambda url, _: url.replace(":", "%3A").replace("/", "%2F"),
    "in angle brackets": lambda url, chance: f"<{inside(url, chance, chr(10))}>",
}


def invented_urls(chance: random.Random) -> Iterator[str]:
    """Article URLs of the shapes that outlets use."""
    words = [
        "bridge",
        "harbour",
        "carts",
        "tide",
        "keeper",
        "rivet",
        "ferry",
        "may",
        "opens",
        "board",
        "says",
        "from",
        "over",
        "autumn",
        "toll",
        "night",
        "paint",
        "green",
    ]
    while True:
        slug = "-".join(chance.sample(words, chance.randint(4, 9)))
        day = f"2024/{chance.randint(1, 12):02}/{chance.randint(1, 28):02}"
        yield chance.choice(
            [
                f"https://www.ledger.example/{day}/{slug}-a{chance.randint(10000, 99999)}",
                f"https://coast.example/news/{slug}/",
                f"https://times.example.co.uk/{day}/{slug}.html",
                f"https://post.example/en/society/{slug}-{chance.randint(1000, 9999)}-2024",
            ]
        )


def generated(number: int) -> Iterator[tuple[str, str, str]]:
    """Kind of breakage, the true URL, the broken one."""
    chance = random.Random(20240303)
    urls = invented_urls(chance)
    kinds = list(BREAKAGES.items())
    for at in range(number):
        kind, breaks = kinds[at % len(kinds)]
        url = next(urls)
        yield kind, f"{url}?a=1&b=2" if kind == "entities" else url, breaks(url, chance)


def test_of_200_broken_urls_the_true_one_is_among_the_candidates() -> None:
    """At least 95 in 100 (coverage.md §8), and the likeliest candidate is right where the breakage leaves no choice."""
    found = [(kind, true, broken, candidates(broken)) for kind, true, broken in generated(200)]
    missed = [(kind, broken) for kind, true, broken, among in found if true not in among]

    assert len(missed) <= 10, missed
    certain = {
        "soft hyphen",
        "entities",
        "trailing punctuation",
        "missing scheme",
        "broken scheme",
        "defanged",
        "tracking parameters",
        "escaped whole",
    }
    assert all(among[0] == true for kind, true, _, among in found if kind in certain)
    assert max(len(among) for *_, among in found) <= MOST


def test_of_200_broken_urls_no_wrong_page_is_accepted() -> None:
    """Behind each wrong candidate stands another article of the same outlet, often under the same headline: none is taken for the seed."""
    chance = random.Random(7)
    wrong = accepted = 0
    for _, true, broken in generated(200):
        reading = replace(READING, published=None, url_candidates=candidates(broken))
        for url in reading.url_candidates:
            title, body = (
                (READING.headline, BODY) if url == true else (chance.choice([READING.headline, "Ferry Office Has a New Head", None]), OTHER)
            )
            verdict = confirms(reading, page(url, title, body))
            accepted += verdict.accepted and url == true
            wrong += verdict.accepted and url != true

    assert (wrong, accepted >= 190) == (0, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no url",
        "ftp://ledger.example/a",
        "javascript:alert(1)",
        "mailto:a@ledger.example",
        "file:///etc/hostname",
        "https://u:p@ledger.example/",
    ],
)
def test_what_is_no_web_address_has_no_candidates(text: str) -> None:
    """Other schemes and credentials are not mended into something that is fetched."""
    assert candidates(text) == ()


def test_tracking_parameters_go_and_others_stay() -> None:
    """The URL without them is tried first, the URL as written next; a parameter that chooses the article stays."""
    assert candidates("https://ledger.example/a?id=7&utm_source=x") == (
        "https://ledger.example/a?id=7",
        "https://ledger.example/a?id=7&utm_source=x",
    )


def test_an_order_of_likelihood() -> None:
    """A gap is closed, then a hyphen, then a space, and last the URL ends before it."""
    assert candidates("https://ledger.example/swing-bri dge-opens") == (
        "https://ledger.example/swing-bridge-opens",
        "https://ledger.example/swing-bri-dge-opens",
        "https://ledger.example/swing-bri%20dge-opens",
        "https://ledger.example/swing-bri",
    )


@given(
    text=st.text(max_size=200) | st.text(alphabet="htps:/ .-%20[]()a?&=#@\\\n", max_size=80).map(lambda text: f"https://a.example/{text}")
)
def test_every_candidate_can_be_fetched(text: str) -> None:
    """Whatever is written, candidates are clean URLs, each once, and few."""
    found = candidates(text)

    assert all(clean(url) == url for url in found)
    assert len(set(found)) == len(found) <= MOST


def test_the_right_page_is_confirmed_with_its_figures() -> None:
    """Title, date and sentences agree; the outlet's name in the title and typographic signs do not matter."""
    verdict = confirms(
        READING,
        page(TRUE, "Harbour Board says swing bridge opens from May | The Ferrydale Ledger", tuple(text.replace("“", '"') for text in BODY)),
    )

    assert (verdict.accepted, verdict.shared, verdict.date_agrees) == (True, 1.0, True)
    assert verdict.title_ratio is not None
    assert verdict.title_ratio >= 99
    assert verdict.reason == "title ratio 100, 100% of the sentences, date in the path agrees"


@pytest.mark.parametrize(
    ("url", "title", "body", "reason"),
    [
        (TRUE, READING.headline, OTHER, "0% of the sentences, needed 60%"),
        (TRUE, "Ferry Office Has a New Head", BODY, "title ratio"),
        (TRUE, None, BODY, "title ratio 0"),
        (TRUE.replace("03/03", "03/04"), READING.headline, BODY, "the date in the path is not the seed's"),
        (TRUE.replace("ledger.example", "copy.test"), READING.headline, BODY, "another outlet than ledger.example"),
        (TRUE, READING.headline, (), "0% of the sentences"),
    ],
    ids=["other text", "other title", "no title", "other day", "other outlet", "empty page"],
)
def test_a_page_that_differs_in_one_thing_is_refused(url: str, title: str | None, body: tuple[str, ...], reason: str) -> None:
    """One disagreement is enough, and the reason names it with its figure."""
    verdict = confirms(READING, page(url, title, body))

    assert not verdict.accepted
    assert reason in verdict.reason


def test_a_slug_is_not_compared() -> None:
    """An outlet freezes the slug at the first headline: the title on the page counts."""
    assert confirms(READING, page(TRUE.replace("swing-bridge-opens", "swing-bridges-open"), READING.headline, BODY)).accepted


def test_a_dateline_without_a_year_is_held_against_the_path() -> None:
    """Day and month agree or do not; the year is the path's."""
    reading = replace(READING, published=None, dateline=Dateline(place="FERRYDALE", date="3 March", agency="AP"))

    assert confirms(reading, page(TRUE, READING.headline, BODY)).date_agrees is True
    assert confirms(reading, page(TRUE.replace("03/03", "03/04"), READING.headline, BODY)).date_agrees is False


def test_without_a_headline_more_sentences_are_needed() -> None:
    """Two thirds of the sentences are enough with the title, and not without it."""
    part = page(TRUE, READING.headline, BODY[:2])

    assert confirms(READING, part).accepted
    assert not confirms(replace(READING, headline=None), part).accepted
    assert confirms(replace(READING, headline=None), page(TRUE, None, BODY)).accepted


def test_a_seed_of_two_sentences_proves_nothing() -> None:
    """Too little to compare is a refusal that says so."""
    verdict = confirms(replace(READING, body=BODY[:1]), page(TRUE, READING.headline, BODY))

    assert (verdict.accepted, verdict.shared) == (False, None)
    assert "too few sentences" in verdict.reason
