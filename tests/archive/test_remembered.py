"""Answers are given again without asking, and hostile texts do not fill memory."""

from archive.remembered import remembered


def test_a_text_is_asked_for_once() -> None:
    """The second time the answer is known."""
    asked: list[str] = []

    @remembered
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length("text/html"), length("text/html"), length("")] == [9, 9, 0]
    assert asked == ["text/html", ""]


def test_long_texts_and_many_are_not_kept() -> None:
    """A file may hold a million texts, and each may be as long as a header: all are answered, few are kept."""
    asked: list[str] = []

    @remembered
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    long = "x" * 100_000
    assert {upper(long), upper(long)} == {long.upper()}
    assert asked == [long, long]
    assert [upper(str(number)) for number in range(5000)] == [str(number) for number in range(5000)]
    asked.clear()
    assert upper("0") == "0"
    assert asked == ["0"]
