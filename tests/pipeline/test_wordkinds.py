"""What the words, quotations, sources and lines of a news text are."""

import pytest

from pipeline.attribution import sources
from pipeline.bylines import byline_ranges, dateline_ranges
from pipeline.live import is_live, live_ranges
from pipeline.notes import note_ranges
from pipeline.sentences import quotations, word_ranges
from pipeline.wordkinds import Kind, kinds


def told(text: str, kind: Kind) -> list[str]:
    ranges = word_ranges(text)
    return [text[slice(*word)] for word, found in zip(ranges, kinds(text, ranges), strict=True) if found is kind]


@pytest.mark.parametrize(
    ("text", "dates", "figures"),
    [
        ("On 3 May 2026 some 40 people came", ["3", "May", "2026"], ["40"]),
        ("It may cost 12 dollars", [], ["12"]),
        ("In May it opened", ["May"], []),
        ("They march in March", ["March"], []),
        ("It was built in 2011 for 2011 pounds", ["2011"], ["2011"]),
        ("$2024 was paid", [], ["2024"]),
        ("at 5:30 a.m. on Monday morning", ["5:30", "a", "on", "Monday", "morning"], []),
        ("vers 6 heures, après 9 heures de travail", ["6"], ["9"]),
        ("um 18 Uhr kamen zwölf Wagen", ["18", "Uhr"], ["zwölf"]),
        ("к маю построят 3 млн домов", ["маю"], ["3", "млн"]),
        ("την Τρίτη ήρθαν δώδεκα", ["Τρίτη"], ["δώδεκα"]),
        ("one of the workers", [], []),
    ],
)
def test_numbers_and_dates_are_told_apart(text: str, dates: list[str], figures: list[str]) -> None:
    """By the words themselves and by their neighbours."""
    assert told(text, Kind.DATE) == dates
    assert told(text, Kind.FIGURE) == figures


def test_a_unit_stands_behind_its_number() -> None:
    """The same word elsewhere is a word like others."""
    assert told("12 miles from here, miles from anywhere", Kind.UNIT) == ["miles"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“We saw it,” he said. “All of it.”", ["We saw it,", "All of it."]),
        ('"We saw it", he said, "all of it."', ["We saw it", "all of it."]),
        ("„Wir sahen es“, sagte er.", ["Wir sahen es"]),
        ("»Wir sahen es«, sagte er.", ["Wir sahen es"]),
        ("« Nous l'avons vu », dit-il.", [" Nous l'avons vu "]),
        ("“He said ‘no’ and left,” she said.", ["He said ‘no’ and left,"]),
        ("He called it ‘a ferry’ and the captain's 'boat'.", ["a ferry", "boat"]),
        ("The workers' hall and the men’s choir", []),
        ("“It goes on\n“and ends.”", ["It goes on", "and ends."]),
        ('A 12" pipe', []),
    ],
)
def test_quotations_are_what_stands_between_their_marks(text: str, quoted: list[str]) -> None:
    """Of every kind of mark; an apostrophe is none, and a speech without an end goes to the end of its paragraph."""
    assert [text[slice(*found)] for found in quotations(text)] == quoted


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("“We saw it,” said Ines Halloran.", ["said Ines Halloran"]),
        ("Ines Halloran, the harbour master, said it was late.", ["Ines Halloran, the harbour master, said"]),
        ("The bridge closed in May, the ministry said.", ["the ministry said"]),
        ("The bridge closed in May, said police in Ulso.", ["said police in Ulso"]),
        ("According to the port, nothing happened.", ["According to the port"]),
        ("Nothing happened, according to the port.", ["according to the port"]),
        ("Die Brücke ist zu, teilte die Polizei mit.", ["teilte die Polizei mit"]),
        ("« Non », a déclaré la maire.", ["a déclaré la maire"]),
        ("“I said no.” The bridge is shut.", []),
        ("The bridge is shut.", []),
    ],
)
def test_sources_are_found_beside_their_verbs(text: str, named: list[str]) -> None:
    """Before the verb, behind it, and after a phrase; never inside a quotation."""
    assert [text[slice(*found)] for found in sources(text, (0, len(text)), quotations(text))] == named


@pytest.mark.parametrize(
    ("line", "live"),
    [
        ("1,284 shares", True),
        ("Comments (48)", True),
        ("Updated 5 min ago", True),
        ("vor 12 Minuten", True),
        ("il y a 5 minutes", True),
        ("hace 2 horas", True),
        ("5 минут назад", True),
        ("πριν από 5 λεπτά", True),
        ("Advertisement", True),
        ("Related: Flood closes two bridges", True),
        ("He shared 12 shares with 5 readers ago.", False),
        ("48 readers were hurt", False),
        ("The train left 5 minutes ago", False),
        ("12 May 2026", False),
        ("Related work is done in Ulso, said the mayor", False),
        ("More: the word was on every wall, and nobody knew why.", False),
        ("", False),
    ],
)
def test_a_line_that_changes_by_itself(line: str, live: bool) -> None:  # noqa: FBT001 -- a column of the table
    """Numbers with the words of counters and clocks alone, and leads elsewhere; nothing that is a sentence."""
    assert is_live(line) is live


def test_a_list_of_other_articles_ends_where_the_text_goes_on() -> None:
    """The titles below its heading belong to it."""
    text = "It is back.\nMost read\nStorm closes harbours\nWhy bread is dear\nThe ferry sails on Monday."

    assert [text[slice(*found)] for found in live_ranges(text)] == ["Most read", "Storm closes harbours", "Why bread is dear"]


@pytest.mark.parametrize(
    ("line", "signed"),
    [
        ("By Lena Ruud", True),
        ("Von Eva Thoma und Ralf Brandt", True),
        ("Reporting by Lena Ruud; editing by Tom Berg", True),
        ("Lena Ruud contributed to this report.", True),
        ("By noon the ferry was back", False),
        ("By Monday Everything Was Closed.", False),
        ("Von den Wagen blieb keiner", False),
    ],
)
def test_a_signature_is_a_line_of_names(line: str, signed: bool) -> None:  # noqa: FBT001 -- a column of the table
    """A sentence that begins with the same word is none."""
    assert bool(byline_ranges(line)) is signed


@pytest.mark.parametrize(
    ("line", "filed"),
    [
        ("HALVIK, 3 May (Vesta) – The ferry is back.", "HALVIK, 3 May (Vesta)"),
        ("Kiel (dpa) - Die Fähre ist zurück.", "Kiel (dpa)"),
        ("The ferry – a small one – is back.", None),
        ("NASA said the five companies – all of them – agreed.", None),
        ("Конец недели — время отдыха.", None),
    ],
)
def test_a_dateline_stands_before_the_dash(line: str, filed: str | None) -> None:
    """Town, day and agency; a dash alone makes none."""
    assert [line[slice(*found)] for found in dateline_ranges(line)] == ([] if filed is None else [filed])


def test_a_note_goes_to_the_end_of_its_line() -> None:
    """All its sentences are the note, and what comes below is not."""
    text = "It is back.\nCorrection: It was late. It came at noon.\nThe end."

    assert [text[slice(*found)] for found in note_ranges(text)] == ["Correction: It was late. It came at noon."]
