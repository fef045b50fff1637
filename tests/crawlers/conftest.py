"""What the tests of the fetcher share."""

from pathlib import Path

import pytest
from support.certificates import Authority, make_authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that only these tests know."""
    return make_authority(Path(tmp_path_factory.mktemp("authority")))
