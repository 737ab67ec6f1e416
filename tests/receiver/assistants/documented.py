"""The assistants that docs/ASSISTANTS.md shows in full, as modules made of the page."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from types import ModuleType

from receiver.assistants.assistant import Assistant

PAGE = Path(__file__).parents[3] / "docs" / "ASSISTANTS.md"


def sources() -> dict[str, str]:
    """By the path that the first line of each names."""
    blocks = re.findall(
        r"^```python\n# (receiver/assistants/\w+\.py)\n(.*?)^```$", PAGE.read_text(), re.M | re.S
    )
    return dict(blocks)


@functools.cache
def documented() -> dict[str, type[Assistant]]:
    """The assistants, by their names."""
    found: dict[str, type[Assistant]] = {}
    for path, source in sources().items():
        module = ModuleType(path.removesuffix(".py").replace("/", "."))
        exec(compile(source, f"{PAGE.name}: {path}", "exec"), module.__dict__)
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and issubclass(value, Assistant)
            ):
                found[value.name] = value
    return found
