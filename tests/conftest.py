"""Fixtures that every part of the suite shares, and what looks at all of it at the end."""

import os
import sys

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.leak_search"]

# The suite starts hundreds of processes from this checkout: without their bytecode, each compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example of a property takes is a measure of how busy the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
