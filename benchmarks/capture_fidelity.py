"""Whose records hold what went over the wire: ours, wget, warcprox, warcio's ``capture_http`` and Scrapy's own Response, over one list.

``python -m benchmarks.capture_fidelity [TOOL…]`` prints a table in Markdown.  The cases are the shapes of ``tests/support/shapes.py`` and
some sequences (``fidelity_cases``); the other programs live in ``.venv-judges`` (``make judges``), wget on the path.  A request is right
when its record is what the server read; a response when its record runs from the final status line to the end of the framed message, or to
where it broke off.
"""

import asyncio
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))  # the shapes are the tests'

    from benchmarks.fidelity_table import markdown, measure
    from benchmarks.fidelity_tools import TOOLS, versions

    async def main() -> None:
        """Print the table."""
        print(markdown(await measure(sys.argv[1:] or TOOLS), await versions()))

    asyncio.run(main())
