"""Fixtures that every part of the suite shares, and what looks at all of it at the end."""

pytest_plugins = ["tests.leak_search"]
