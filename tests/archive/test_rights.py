"""For whom a text is: profiles read, documents reduced, and what a pull for others holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.handedout import everything
from support.smallarchive import AGENCY, GONE, NEW, OLD, PAPER, SLUG, settings, small_archive

from archive.kinds import PageKind
from archive.pull import FORMATS, pull
from archive.records import Block, Document, Quality, Selection
from archive.rights import SHINGLE, SKETCH, Audience, Profiles, Reader, features
from archive.settings import Settings, SettingsError, load
from archive.vault import Archive, open_archive

PROFILES = "paper.example=private, agency.example=team, *=public"


@pytest.mark.parametrize(
    ("text", "url", "widest"),
    [
        ("", "https://anybody.example/", Audience.PUBLIC),
        (PROFILES, "https://www.paper.example/a", Audience.PRIVATE),
        (PROFILES, "http://agency.example/b", Audience.TEAM),
        (PROFILES, "http://other.example/", Audience.PUBLIC),
        ("paper.example=public", "http://other.example/", Audience.PRIVATE),
        ("example=team, news.example=public", "http://www.news.example/", Audience.PUBLIC),
        ("paper.example=public", "http://notpaper.example/", Audience.PRIVATE),
    ],
)
def test_the_nearest_domain_counts(text: str, url: str, widest: Audience) -> None:
    """A host belongs to the nearest domain that is named, else to the star, else to the house; with no profiles nothing is limited."""
    assert Profiles.read(text).of(url) is widest


@pytest.mark.parametrize("text", ["paper.example", "paper.example=everybody", "=public", "paper.example=public;other=team"])
def test_a_slip_is_an_error(text: str, tmp_path: Path) -> None:
    """What is not a domain and an audience is a wrong setting, said with its origin."""
    with pytest.raises(SettingsError, match=r"outlet_rights = .*environment COPYTRAIL_OUTLET_RIGHTS.*expected DOMAIN=private"):
        load({"COPYTRAIL_OUTLET_RIGHTS": text}, folder=tmp_path)


def test_noarchive_is_honoured_when_it_is_to_be() -> None:
    """A page that asks for no copy stays in the house where the setting says so, whatever its outlet's profile."""
    page = replace(_document(OLD), noarchive=True)

    assert Reader(audience=Audience.PUBLIC).may_have(PAPER, page)
    assert not Reader(audience=Audience.PUBLIC, noarchive=True).may_have(PAPER, page)
    assert Reader(audience=Audience.PRIVATE, noarchive=True).may_have(PAPER, page)


def _document(text: str) -> Document:
    quality = Quality(kind=PageKind.ARTICLE)
    return Document(capture="urn:uuid:1", url=PAPER, extractor="test 1", quality=quality, title="Bridge", outlet="The Paper", text=text)


def test_what_is_left_of_a_document_has_no_words() -> None:
    """Headline, names, dates and language stay; text, paragraphs, standfirst and what cleaning took do not."""
    whole = replace(_document(OLD), standfirst="It is shut.", original=OLD, blocks=(Block(text=OLD, start=0, end=len(OLD)),))

    left = Reader(audience=Audience.PUBLIC, profiles=Profiles.read(PROFILES)).document(whole)

    assert (left.title, left.outlet, left.published) == (whole.title, whole.outlet, whole.published)
    assert "ferries" not in repr(left)
    assert "It is shut" not in repr(left)


def test_features_tell_sameness_and_no_text() -> None:
    """Equal texts have equal figures, texts that share sentences share shingles, and nothing in them is a word of the text."""
    words = " ".join(f"word{number}" for number in range(1000))
    one, same, other = (features(_document(text)) for text in (words, words, words.replace("word500", "another")))

    assert one == same
    assert (one["words"], one["shingles"], len(one["sketch"])) == (1000, 1000 - SHINGLE + 1, SKETCH)  # type: ignore[arg-type]
    assert len(set(one["sketch"]) & set(other["sketch"])) > 0.95 * SKETCH  # type: ignore[call-overload]
    assert "word" not in json.dumps(list(one.values()))


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    with small_archive(tmp_path):
        pass
    return replace(settings(tmp_path), outlet_rights=PROFILES)


def taken(told: Settings, audience: Audience, form: str, path: Path) -> tuple[str, int]:
    """What a pull holds, and how many captures were kept back."""
    with open_archive(told, audience=audience) as archive:
        pulled = pull(archive, Selection(story=SLUG), form, path, "copytrail/test")
    return path.read_bytes().decode("latin-1"), pulled.restricted


@pytest.mark.parametrize("audience", list(Audience))
def test_a_pull_has_what_its_audience_may_have(told: Settings, tmp_path: Path, audience: Audience) -> None:
    """Rows name every capture, texts are those of the outlets that let the audience have them."""
    held, _ = taken(told, audience, "jsonl", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in held.splitlines()]

    texts = {url: any(row["text"] for row in rows if row["url"] == url) for url in (PAPER, AGENCY, GONE)}
    width = list(Audience).index(audience)
    assert texts == {PAPER: width < 1, AGENCY: width < 2, GONE: True}
    assert len(rows) == 7
    assert all(row["title"] for row in rows if row["url"] == PAPER)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_form_has_words_that_are_not_for_all(told: Settings, tmp_path: Path, form: str) -> None:
    """For the public no form holds the text or the edit of an outlet whose text is private; its records are left out, and counted."""
    target = tmp_path / f"out.{form}"
    with open_archive(told, audience=Audience.PUBLIC) as archive:
        restricted = pull(archive, Selection(story=SLUG), form, target, "copytrail/test").restricted

    held = everything(target)
    assert not [word for word in (b"ferries sail", b"Two ferries", b"Three", b"is closed") if word in held]
    assert b"gone.example" in held or b"It was said" in held
    assert restricted == (5 if form in {"warc", "wacz", "cdxj", "pywb", "txt", "md"} else 0)


def test_features_are_for_everybody(told: Settings, tmp_path: Path) -> None:
    """The figures of a text are the same for every audience."""
    (public, _), (private, _) = (taken(told, audience, "features", tmp_path / audience) for audience in (Audience.PUBLIC, Audience.PRIVATE))

    assert public == private
    first = json.loads(public.splitlines()[0])
    assert (first["url"], first["words"], first["title"]) == (PAPER, 11, "Bridge <shut>")
    assert not {OLD, NEW} & {str(value) for value in first.values()}


def test_an_archive_that_is_opened_for_the_house_keeps_nothing_back(told: Settings) -> None:
    """The default audience is who keeps the archive."""
    with open_archive(told) as archive:
        assert isinstance(archive, Archive)
        first = archive.catalogue.captures_of(PAPER)[0]
        found = archive.catalogue.document(first.id)
        assert found is not None
        assert found.text == OLD
