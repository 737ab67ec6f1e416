"""Hours of the clock that are told without "am" or "pm"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from receiver.assistants.diet.parser.numbers import CARDINALS

_NUMBER = "five|six|seven|eight|nine|ten|5|6|7|8|9|10"
_CLOCK = re.compile(
    rf"(?i)\b(?:at|(?P<led>around|about)) (?:(?P<past>half|half past|quarter past)|(?P<to>quarter to))? ?"
    rf"(?P<hour>{_NUMBER})(?P<minutes>[:. ](?:15|30|45|fifteen|thirty|forty five))?(?P<clock> o'?clock)?"
    r"(?=$|[\s,.;!?])(?! ?(?:[ap]\.?m|to|past|or|in the|percent)\b)"
)
"""Only the hours that may be a breakfast's as well as a dinner's."""
_OTHER_TIMES = re.compile(
    r"(?i)\b(?:yesterday|last|ago|tomorrow|tonight|morning|afternoon|evening|night|noon|midday|midnight|breakfast|brunch|"
    r"lunch|dinner|supper|woke|wake|got up|[ap]\.?m|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:at|around) (?:one|two|three|four|eleven|twelve|1|2|3|4|11|12))\b"
)
_ROUNDED = timedelta(minutes=30)
"""How much earlier than told it may have been: "at eight" is said at ten to eight."""


def with_half_of_day(text: str, now: datetime) -> str:
    """ "At eight I had pasta", said at nine in the evening, is "at eight pm"; at nine in the morning, "am".

    Of the hours that are past, it is the latest. Sentences that tell of other times are left as they are: they
    say themselves which half it is, or their order does.
    """
    clocks = list(_CLOCK.finditer(text))
    if len(clocks) != 1 or _OTHER_TIMES.search(text):
        return text
    [clock] = clocks
    after = text[clock.end() :].split()[:1]
    if clock["led"] and not clock["clock"] and after and after[0].lower() not in ("i", "we"):
        # "About eight nuggets".
        return text
    said = clock["hour"].lower()
    hour = int(said) if said.isdecimal() else CARDINALS[said]
    morning = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    evening = morning + timedelta(hours=12)
    latest = now + _ROUNDED
    if evening <= latest or now.hour < 4:
        half = "pm"
    elif morning <= latest:
        half = "am"
    else:
        return text
    return f"{text[: clock.end()]} {half}{text[clock.end() :]}"
