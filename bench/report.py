"""Figures, and the table of them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.processes import Cores


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least `percent` % of `values` do not exceed (nearest rank). Raises `ValueError`."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("there is no value")
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. Limits are what the project promises."""

    name: str
    unit: str
    value: float
    control: float | None = None
    max_ratio: float | None = None
    max_value: float | None = None
    min_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """To the control."""
        return self.value / self.control if self.control else None

    @property
    def limit(self) -> str:
        """In words, or empty."""
        limits = []
        if self.max_ratio is not None:
            limits.append(f"ratio <= {self.max_ratio:g}")
        if self.max_value is not None:
            limits.append(f"<= {self.max_value:g}")
        if self.min_value is not None:
            limits.append(f">= {self.min_value:g}")
        return ", ".join(limits)

    @property
    def holds(self) -> bool:
        ratio = self.ratio
        return (
            (self.max_ratio is None or (ratio is not None and ratio <= self.max_ratio))
            and (self.max_value is None or self.value <= self.max_value)
            and (self.min_value is None or self.value >= self.min_value)
        )


def table(figures: Sequence[Figure]) -> str:
    head = ("", "relay", "control", "ratio", "limit", "")
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    aligned = ("<", ">", ">", ">", "<", "<")
    return "\n".join(
        "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(row, aligned, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = figure.ratio
    return (
        f"{figure.name} ({figure.unit})",
        _number(figure.value),
        "-" if figure.control is None else _number(figure.control),
        "-" if ratio is None else f"{ratio:.2f}",
        figure.limit or "-",
        "" if not figure.limit else "ok" if figure.holds else "MISSED",
    )


def _number(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    if value == 0:
        return "0"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f}"


def machine(cores: Cores) -> str:
    """What this ran on."""
    pinned = f"server on core {cores.server}, load on core {cores.load}"
    if cores.server == cores.load:
        pinned = "one core only: server and load share it, so CPU holds and delays do not"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {pinned}; Linux {platform.release()}; "
        f"{platform.python_implementation()} {platform.python_version()}, websockets {version('websockets')}"
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()
