"""Invented reports of accidents, votes and fires, texts written over from them, and slips in the numbers of these.

``report(rng)`` gives the numbers of a report, ``source`` its text; ``written_over`` the same facts in other words and another order, some
left out; ``slipped(rng, numbers, name)`` changes one number as a hand does: two digits exchanged, or one struck wrong.
Everything is invented and comes from the seed of ``rng``.
"""

import random
from collections.abc import Mapping

_PLACES = ("Orvale", "Tessin Bay", "Karrow", "Mellin", "Dunmarsh", "Hallowby")
_TWICE = (
    (
        "At least {dead} people were killed when a ferry sank off {place}, officials said.",
        "A ferry sank off {place}, leaving at least {dead} people dead.",
    ),
    (
        "Another {hurt} passengers were injured and taken to hospitals.",
        "Hospitals took in {hurt} injured passengers.",
    ),
    (
        "The ferry, built in {year}, was on its way to the island of Sorn.",
        "Built in {year}, the ferry had been sailing to the island of Sorn.",
    ),
    (
        "Divers searched the wreck for {hours} hours without a break.",
        "For {hours} hours the wreck was searched by divers.",
    ),
    (
        "The owner had paid a fine of ${fine} million over missing lifeboats.",
        "Over missing lifeboats a fine of ${fine} million had been paid.",
    ),
    (
        "Some {share} percent of the island's trade goes through the port.",
        "The port handles some {share} percent of the trade of the island.",
    ),
    (
        "The captain, {age}, told the court that he had seen no warning.",
        "In court the captain, {age}, said no warning had been seen.",
    ),
    (
        "The inquiry opens on May {day} in the town hall.",
        "In the town hall an inquiry opens on May {day}.",
    ),
    (
        "Rescuers came with {boats} boats from the mainland.",
        "From the mainland {boats} boats came with rescuers.",
    ),
)


def report(rng: random.Random) -> dict[str, str]:
    """The numbers of an invented report, by their names in the forms."""
    spread = {
        "dead": (21, 189),
        "hurt": (21, 489),
        "year": (1951, 2019),
        "hours": (13, 70),
        "fine": (2, 90),
        "share": (11, 88),
        "age": (31, 66),
        "day": (11, 29),
        "boats": (5, 39),
    }
    return {name: str(rng.randint(*ends)) for name, ends in spread.items()}


def source(numbers: Mapping[str, str], place: int) -> str:
    """The report."""
    return "\n".join(form.format(place=_PLACES[place % len(_PLACES)], **numbers) for form, _ in _TWICE)


def written_over(rng: random.Random, numbers: Mapping[str, str], place: int, keep: str) -> str:
    """The report in other words, without some of its sentences; that with the number ``keep`` stays."""
    forms = [form for _, form in _TWICE if f"{{{keep}}}" in form or rng.random() < 0.7]
    rng.shuffle(forms)
    return "\n".join(form.format(place=_PLACES[place % len(_PLACES)], **numbers) for form in forms)


def slipped(rng: random.Random, numbers: Mapping[str, str], name: str) -> dict[str, str]:
    """The numbers with a slip in one of them."""
    right = numbers[name]
    while True:
        at = rng.randrange(len(right))
        struck = right[:at] + str(rng.randrange(10)) + right[at + 1 :]
        exchanged = right[:at] + right[at + 1 : at + 2] + right[at] + right[at + 2 :]
        wrong = rng.choice((struck, exchanged))
        fits = not wrong.startswith("0") and wrong != right
        fits = fits and (name != "year" or 1900 <= int(wrong) <= 2030) and (name != "day" or 1 <= int(wrong) <= 31)
        if fits:
            return {**numbers, name: wrong}
