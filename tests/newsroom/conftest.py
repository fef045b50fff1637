"""What the tests of the newsroom share."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from copytrail.newsroom import EXPECTED


@pytest.fixture(scope="session")
def expected() -> Mapping[str, Any]:
    """What a correct run finds in the newsroom."""
    found: Mapping[str, Any] = yaml.safe_load(EXPECTED.read_text("utf-8"))
    return found
