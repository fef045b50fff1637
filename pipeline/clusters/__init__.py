"""Stories by clustering: one pass over documents in the order in which they come (issue 6, item 1).

``clusters.online``: ``place(state, document) -> Placed``. ``clusters.profile`` says what of a document is compared, ``clusters.weights``
how much a word tells, ``clusters.memory`` keeps the state for another day.
"""
