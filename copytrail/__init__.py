"""The face of copytrail: command line, demo, story page.  Nothing below it knows that it exists."""

__version__ = "0.1.0"
