"""What is said besides: greetings, thanks, what can be done, the call in a few lines."""

from __future__ import annotations

import re

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.promises import promises
from receiver.assistants.notes.state import MAX_TEXT_CHARS
from receiver.assistants.notes.summary import summarize
from receiver.assistants.notes.times.reader import read_when
from receiver.assistants.notes.times.saying import say_clock, say_date

_TALK: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: there| again)?"),
     "Hello! What can I note or remind you of?"),
    (
        re.compile(
            r"(?:no )*(?:(?:thank you|thanks) )?(?:that is|that's|that will be|that'll be"
            r"|that was) (?:all|it|everything)(?: \S+){0,3}"
            r"|(?:no )?nothing (?:else|more)(?: \S+){0,3}|no(?: that's (?:all|it))?(?: thanks"
            r"| thank you)?|i'm (?:done|fine)"
        ),
        "All right. I'm here when you need me.",
    ),
    (re.compile(r"(?:thank you|thanks|cheers|great|perfect|lovely|brilliant)(?: (?!and\b|but\b)\S+){0,3}"),
     "You're welcome. Anything else?"),
    (re.compile(r"(?:good ?bye|bye|bye bye|see you|good night|talk to you later)(?: \S+){0,3}"), "Goodbye."),
    (
        re.compile(r"(?:help|what can (?:you|i) (?:do|say)|how (?:does this|do you) work)(?: \S+){0,3}"),
        phrases.HELP,
    ),
    (re.compile(r"how are you(?: doing)?(?: today| there)?"), "Fine, thank you. What can I note or remind you of?"),
    (
        re.compile(
            r"(?:who|what) (?:is this|are you|am i (?:talking|speaking) to)|who's this|what is this"
            r"|are you (?:an? )?(?:real|human|robot|machine|computer|person|bot)(?: \S+){0,2}"
            r"|is this a (?:robot|machine|bot)"
        ),
        f"I am a computer that helps you remember. {phrases.HELP}",
    ),
)  # fmt: skip
_SUM_UP = re.compile(
    r"(?:sum (?:it |that )?up|summarize|summarise|recap|(?:give me|have|get|tell me|i need|i want)"
    r" (?:a|the)(?: quick| short)? (?:summary|recap)|what(?: is|'s) the summary"
    r"|summary)(?: of)?(?: (?:the|this|our|my)"
    r" (?:call|conversation))?|what (?:did|have) we (?:talk|talked|spoken|speak)(?: about)?"
    r"|what are the action items"
)


def small_talk(turn: Turn) -> str | None:
    said = " ".join(turn.words)
    for pattern, answer in _TALK:
        if pattern.fullmatch(said):
            if turn.state["pending"] is not None:
                turn.change("ask", pending=None)
            return answer
    return None


_AGAIN = re.compile(
    r"(?:repeat|say|read)(?: (?:that|it|the last (?:one|bit|part)))?(?: (?:again|back))?(?: to me| for me)?"
    r"|(?:i beg your )?pardon(?: me)?|come again|what(?: was that| did you (?:just )?say)?(?: again)?|excuse me"
    r"|i (?:did not|didn't|could not|couldn't) (?:hear|catch|get) (?:that|you|it)|huh|sorry|again"
)
_SAID = re.compile(
    r"what did i (?:just )?say(?: just now| last| before)?|what did you (?:hear|understand)(?: me say)?"
)


def again(turn: Turn) -> str | None:
    """The last answer once more, or what was said before it."""
    said = " ".join(turn.words)
    if not (_AGAIN.fullmatch(turn.said) or _AGAIN.fullmatch(said) or _SAID.fullmatch(turn.said)):
        return None
    past = next((past for past in reversed(turn.context.history) if past.message), None)
    if past is None:
        return None
    if _SAID.fullmatch(turn.said):
        return f"You said: {past.text}" if past.text else None
    return past.message


_TIME = re.compile(
    r"(?:what time is it|what(?: is|'s) the time|do you have the time)(?: now| please| there)*"
)
_DATE = re.compile(
    r"what(?: is|'s)? (?:the date|today's date|day is it|the day|day is today|date is it)(?: today| now)*"
)


def clock(turn: Turn) -> str | None:
    if _TIME.fullmatch(turn.said):
        return f"It is {say_clock(turn.scene.now.time())}."
    today = turn.scene.today
    return f"It is {say_date(today)}." if _DATE.fullmatch(turn.said) else None


def sum_up(turn: Turn) -> str | None:
    if not _SUM_UP.fullmatch(turn.said):
        return None
    return summarize([(past.text, past.message) for past in turn.context.history if past.text]).say()


_EVENT = re.compile(
    r"(?:(?:i|we)(?:'ve| have)(?: also)?(?: got)?|there(?: is|'s))"
    r" (?P<what>(?:(?:an?|my|the|our|another) )?.*\b(?:appointment"
    r"|meeting|interview|flight|exam|class|lesson|party|dinner|lunch|call|train|birthday|wedding|visit|check ?up|game"
    r"|match|date|service|delivery|concert|show|test|reservation|booking)\b.*)"
)


def offer(turn: Turn) -> str | None:
    """To remind of an event that was told of, or to put on the list what was promised in passing."""
    what = turn.named(_EVENT, "what")
    if what is not None:
        reading = read_when(what, turn.scene)
        text = what.source(reading.used)
        if reading.when.slots & {"day", "clock"} and text:
            question = f"Shall I remind you about {phrases.to_you(text)}?"
            return turn.ask(question, "offer", text=text, when=reading.when.to_json())
    deeds = [clause.deed for clause in promises(turn.text) if clause.kind == "promise"]
    if not deeds:
        return None
    deed = deeds[0][:MAX_TEXT_CHARS]
    return turn.ask(f"Shall I put that on your list: {phrases.to_you(deed)}?", "offer", text=deed)
