"""Wall times in a time zone, as instants.

Twice a year some wall times do not exist or exist twice. As in RFC 5545, section 3.3.5, one that does not
exist is read with the offset from before the change (half past two becomes half past three), and of one
that exists twice the first is meant. A first one that has gone by leaves the second.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def instants(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants, in UTC, at which clocks show `wall` (naive): one, or two, the earlier first.

    One that does not exist gives the instant described above. Empty where it is beyond year 1 or 9999.
    """
    try:
        both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    except OverflowError:
        return []
    if not exists(wall, zone):
        return both[:1]
    return sorted(set(both))


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Clocks show it that day."""
    there = wall.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == wall


def is_twofold(wall: datetime, zone: ZoneInfo) -> bool:
    return len(instants(wall, zone)) == 2


def wall_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show then, naive."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)
