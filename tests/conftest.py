"""Fixtures that every part of the suite shares, and what looks at all of it at the end."""

import os
import sys

pytest_plugins = ["tests.leak_search"]

# The suite starts hundreds of processes from this checkout: without their bytecode, each compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
