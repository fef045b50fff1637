"""The polite fetcher: Scrapy with wire capture, robots.txt, back-off and the rounds of a run.

``crawlers.addon.Copytrail`` gives any Scrapy project the capture.  From a request down to the wire: ``politeness``
and ``robots`` say whether and when, ``handler`` turns Scrapy's request into bytes (``messages``), ``wire`` holds one
conversation over a ``connection`` and records it, ``address`` says where the bytes may go, and ``session`` is what
the composition root hands in.
"""
