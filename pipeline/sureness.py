"""How sure a verdict on a page is: grades, and what their numbers mean.

A confidence is the share of verdicts of its grade that are right, as far as was measured: over the project's fixtures of page kinds and,
where they were at hand, 308 real pages.  ``tests/pipeline/test_quality.py`` holds every grade against the fixtures: no grade may be
less often right than its number says.  The fixtures are invented after the markup of real systems, so the numbers say how well the rules
tell shapes apart that we know; for a system that nobody has met they say nothing.
"""

SIGNED = 0.99  # a system's own signature, a status, or the page's own declaration
CLEAR = 0.95  # two signs that do not depend on each other
LIKELY = 0.8  # one sign, and a page of the right shape
GUESS = 0.5  # what is left when no rule holds
