"""What is logged while a store of secrets is asked, and AWS without an account of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.emulators.fixtures import bare_aws

__all__ = ["bare_aws"]


@pytest.fixture
def records() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as logs:
        yield logs
