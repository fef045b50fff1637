"""How likely it is that an article has been edited since it was last seen.

Contract: pure; ages are hours since publication, shares and chances lie in 0..1.  The model (coverage.md §0.8, §0.9, §5):

* The ages of edits follow a Lomax distribution with shape 1 and scale 2 h: by age t the share t / (t + 2 h) of all edits is made, which
  reproduces the published ages within 0.7 points from day 0 to day 10.
* Some articles are never edited.  The others have a rate drawn from a gamma distribution with shape 1, and a Poisson number of edits at
  that rate; so their number of edits is geometric, as published.  Each visit updates what is believed of both (:func:`believe`).
* What a feed or a sitemap would have announced and has not is unlikely to have happened: silence is evidence too (:class:`Channel`).
"""

import math
from dataclasses import dataclass

SCALE = 2.0  # hours: the age by which half of all edits are made
CAUTION = 0.75  # 1 weighs the edits expected, 0.5 the versions lost between two visits; between the two most are captured (the simulator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed of an outlet's articles before one is visited; ValueError outside 0 < editable <= 1 and 0 < edits."""

    editable: float  # share of articles that anybody may come back to
    edits: float  # mean number of edits of one of these

    def __post_init__(self) -> None:
        """Refuse what is no share or no number of edits."""
        if not (0 < self.editable <= 1 and self.edits > 0):
            raise ValueError(f"no prior: {self.editable} of the articles, {self.edits} edits")


# 27.39 % of 608,723 articles changed, 2.6 times on average (coverage.md §0.8, §0.9): 0.2739 / (1 - 1 / 2.6) and 2.6 - 1.
GENERAL = Prior(editable=0.445, edits=1.6)
_SHRINKAGE = 20.0  # articles: how many of an outlet weigh as much as the general prior; a choice, no measurement


def learned(watched: int, changed: int, edits: int, base: Prior = GENERAL) -> Prior:
    """An outlet's prior from its articles that were watched to their end: how many changed, and how often all of them together."""
    if not 0 <= changed <= watched or edits < changed:
        raise ValueError(f"{changed} of {watched} articles with {edits} edits cannot be")
    share_changed = base.editable * base.edits / (1 + base.edits)
    changed_all = changed + _SHRINKAGE * share_changed
    mean = max((edits + _SHRINKAGE * base.editable * base.edits) / changed_all - 1, 0.1)
    return Prior(editable=min(changed_all / (watched + _SHRINKAGE) * (1 + mean) / mean, 1.0), edits=mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What tells of edits without a visit, and how far it can be trusted."""

    recall: float = 0.0  # share of edits that it announces
    lag: float = 0.0  # hours from an edit to its announcement
    false_a_day: float = 0.05  # announcements of nothing, an article (coverage.md §5 takes 0.05)


DEAF = Channel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is believed of one article: that it is edited at all, and a gamma distribution of its number of edits."""

    editable: float
    shape: float
    rate: float

    @property
    def edits(self) -> float:
        """Edits expected of the whole of the article's life, seen and unseen."""
        return self.editable * self.shape / self.rate

    @property
    def weight(self) -> float:
        """What one share of the article's life is worth: between the edits in it and the versions that are lost in it."""
        return math.pow(self.editable, CAUTION) * math.sqrt(self.shape * (self.shape + 1)) / self.rate


def share(age: float) -> float:
    """The share of all edits that is made by this age."""
    return age / (age + SCALE) if age > 0 else 0.0


def believe(prior: Prior, found: int, exposure: float) -> Belief:
    """What is believed after ``found`` edits in the part ``exposure`` of the article's life."""
    rate = 1 / prior.edits
    never = rate / (rate + exposure)  # that an article which is edited shows no edit in this part
    editable = 1.0 if found else prior.editable * never / (prior.editable * never + 1 - prior.editable)
    return Belief(editable=editable, shape=1.0 + found, rate=rate + exposure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the visits to an article have told: how many found an edit, the exposure that they cover, the age at the last."""

    found: int
    exposure: float
    age: float


def pressure(prior: Prior, channel: Channel, seen: Seen, age: float) -> float:
    """What waits unseen at ``age``, as a weight, when no announcement has come since the last visit; without announcements it grows."""
    waiting = share(age) - share(seen.age)
    silent = max(share(age - channel.lag) - share(seen.age), 0.0) * channel.recall
    return believe(prior, seen.found, seen.exposure + silent).weight * (waiting - silent)


def unseen(prior: Prior, channel: Channel, seen: Seen, age: float) -> float:
    """The edits expected since the last visit, when no announcement has come."""
    waiting = share(age) - share(seen.age)
    silent = max(share(age - channel.lag) - share(seen.age), 0.0) * channel.recall
    return believe(prior, seen.found, seen.exposure + silent).edits * (waiting - silent)


def truth(prior: Prior, channel: Channel, seen: Seen, age: float) -> float:
    """The chance that an announcement at ``age`` tells of an edit which nobody has seen."""
    silent = max(share(age) - share(seen.age), 0.0) * channel.recall
    true = channel.recall * believe(prior, seen.found, seen.exposure + silent).edits * _density(age - channel.lag)
    return true / (true + channel.false_a_day / 24) if true else 0.0


def _density(age: float) -> float:
    """The share of all edits that is made in an hour at this age."""
    return SCALE / (max(age, 0.0) + SCALE) ** 2
