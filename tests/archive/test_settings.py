"""Settings: the order of their origins, and no slip that passes in silence."""

from pathlib import Path

import pytest

from archive.settings import Settings, SettingsError, describe, load


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """Each setting has the value of its strongest origin, and says which that was."""
    (tmp_path / "copytrail.toml").write_text('contact = "file@paper.example"\ndelay = 5\nmax_hops = 3\n', encoding="utf-8")

    loaded = load({"COPYTRAIL_DELAY": "4", "COPYTRAIL_MAX_HOPS": "2", "PATH": "/bin"}, flags={"max_hops": 1}, folder=tmp_path)

    assert (loaded.settings.contact, loaded.settings.delay, loaded.settings.max_hops) == ("file@paper.example", 4.0, 1)
    assert loaded.origins["contact"].startswith("file ")
    assert loaded.origins["delay"] == "environment COPYTRAIL_DELAY"
    assert loaded.origins["max_hops"] == "flag"
    assert loaded.origins["store"] == "default"


@pytest.mark.parametrize(
    ("environ", "toml", "words"),
    [
        ({"COPYTRAIL_DELY": "1"}, "", "dely"),
        ({}, "contract = 'x'", "contract"),
        ({"COPYTRAIL_DELAY": "soon"}, "", "COPYTRAIL_DELAY"),
        ({"COPYTRAIL_DELAY": "-1"}, "", "not negative"),
        ({"COPYTRAIL_MAX_PAGES": "1.5"}, "", "max_pages"),
        ({"COPYTRAIL_STORE": ""}, "", "store is empty"),
        ({"COPYTRAIL_CONTACT": "a@b.example\r\nX: y"}, "", "control characters"),
        ({}, "= broken", "TOML"),
    ],
)
def test_a_setting_that_is_wrong_is_named(environ: dict[str, str], toml: str, words: str, tmp_path: Path) -> None:
    """An unknown name or a bad value is an error that names it, never a default in silence."""
    (tmp_path / "copytrail.toml").write_text(toml, encoding="utf-8")

    with pytest.raises(SettingsError, match=words):
        load(environ, folder=tmp_path)


def test_the_embedded_defaults_need_no_server(tmp_path: Path) -> None:
    """A folder store keeps catalogue and open files inside itself; an S3 store keeps them in the project folder."""
    local = Settings(store=str(tmp_path / "archive"))

    assert local.folder == tmp_path / "archive" / ".work"
    assert local.catalogue_url == f"sqlite:///{tmp_path}/archive/.work/catalogue.sqlite"
    assert Settings(store="s3://bucket/prefix").folder == Path(".copytrail")


def test_every_setting_is_explained() -> None:
    """No setting without a sentence about it."""
    assert all(len(text) > 10 for text in describe().values())
