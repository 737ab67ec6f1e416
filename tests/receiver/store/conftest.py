"""Everything here is promised by either database: each test runs on both."""

from __future__ import annotations

import pytest


@pytest.fixture
def database(either_database: str) -> str:
    return either_database
