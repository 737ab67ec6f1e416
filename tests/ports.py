"""Ports for servers that clients may go on looking for after they are gone.

A port that the system hands out (0) goes to whoever asks next, in any process: a client of another test that waits
there for its own server to come back would walk in. The ports given here are below those that the system hands out
(Linux: 32768 to 60999, macOS: 49152 to 65535), each process of the suite has its own, and none comes twice in a run.
"""

from __future__ import annotations

import itertools
import os
import socket

FIRST, PORTS_EACH, PROCESSES = 12_000, 5_000, 4

_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
# Two runs of the suite on one machine hardly begin at the same one.
_BEGIN = os.getpid() * 37 % PORTS_EACH
_PORTS = itertools.chain.from_iterable(
    itertools.repeat([FIRST + _NUMBER * PORTS_EACH + (_BEGIN + n) % PORTS_EACH for n in range(PORTS_EACH)])
)


def next_port() -> int:
    """A port on loopback that nobody uses now, and that this run has not used."""
    for port in itertools.islice(_PORTS, PORTS_EACH):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue  # something else of this machine has it
            return port
    raise AssertionError(f"none of {PORTS_EACH} ports is free")
