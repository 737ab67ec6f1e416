"""How both processes read their settings: from the environment, with `--help`, and one clear line when wrong.

It stands here because it is the one package that the relay and the receiver share.
"""

from __future__ import annotations

import argparse
import difflib
import ipaddress
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from protocol.errors import SettingsError

S = TypeVar("S", bound=BaseSettings)


def load(cls: type[S], environ: Mapping[str, str] | None = None, **overrides: Any) -> S:
    """The settings in the environment. Raises `SettingsError` with one line that names the variable.

    A variable with the prefix that is no setting is an error too: a typing mistake would otherwise
    silently mean the default.
    """
    environ = os.environ if environ is None else environ
    prefix = cls.model_config.get("env_prefix", "")
    known = {variable_of(cls, name) for name in cls.model_fields}
    for variable in sorted(environ):
        if variable.upper().startswith(prefix) and variable.upper() not in known:
            near = difflib.get_close_matches(variable.upper(), known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{variable} is not a setting.{hint} See --help for all of them.")
    try:
        return cls(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:
            raise SettingsError(str(first["msg"]).removeprefix("Value error, ")) from None
        variable = variable_of(cls, str(first["loc"][0]))
        message = str(first["msg"]).removeprefix("Value error, ")
        value = f"={first['input']!r}"
        # A secret is never printed, and a database's address may hold a password.
        shown = "" if variable.endswith(("TOKEN", "KEY", "SECRET")) or "@" in value else value
        raise SettingsError(f"{variable}{shown}: {message}.") from None


def variable_of(cls: type[BaseSettings], name: str) -> str:
    """The environment variable of a setting: with the prefix, or a provider's own usual name."""
    field = cls.model_fields.get(name)
    if field is not None and isinstance(field.validation_alias, str):
        return field.validation_alias
    prefix: str = cls.model_config.get("env_prefix", "")
    return name if field is None and name.isupper() else prefix + name.upper()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def describe(cls: type[BaseSettings]) -> str:
    """All settings, each with its default and what it does, for `--help`."""
    lines = ["Settings are environment variables:", ""]
    for name, field in cls.model_fields.items():
        default = _as_variable(field.get_default(call_default_factory=True))
        lines += [f"  {variable_of(cls, name)}  (default: {default})", f"      {field.description}"]
    return "\n".join(lines)


def _as_variable(value: object) -> str:
    """A default as one would write it into the variable; 'unset' for one that is empty."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        value = ",".join(value)
    return "unset" if value in (None, "") else str(value)


def from_command_line(cls: type[S], program: str, purpose: str, argv: Sequence[str] | None = None) -> S:
    """Settings for a process's `main`: prints `--help`, or the one line and exits with 2 when they are wrong."""
    argparse.ArgumentParser(
        prog=program,
        description=purpose,
        epilog=describe(cls),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(argv)
    try:
        return load(cls)
    except SettingsError as error:
        print(f"{program}: {error.message}", file=sys.stderr)
        raise SystemExit(2) from None
