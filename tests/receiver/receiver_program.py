"""`python -m receiver` without the second that a process of its own takes to import all it needs: see `forked.py`.

What it is given is what a process is: arguments, an environment, a folder to be in, and three pipes. What such a one
cannot show is how Python itself starts and ends: each command has a test in which it is a process of its own.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from receiver.__main__ import main
from receiver.assistants import make_assistants


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    stdin: Connection,
    stdout: Connection,
    stderr: Connection,
) -> None:
    """As a process that was forked from one in which this module is imported."""
    for number, pipe in enumerate((stdin, stdout, stderr)):
        os.dup2(pipe.fileno(), number)
        pipe.close()
    sys.stdin = os.fdopen(0, closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    warnings.simplefilter("error")
    main(arguments)


# Once, for all that are forked.
for _assistant in make_assistants().values():
    _assistant.warm_up()
