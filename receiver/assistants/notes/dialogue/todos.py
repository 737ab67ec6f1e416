"""The to-do list: put on, read out, tick off."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receiver.assistants.notes.dialogue import phrases
from receiver.assistants.notes.dialogue.asking import NO, YES, which
from receiver.assistants.notes.dialogue.matching import DOINGS, matching
from receiver.assistants.notes.dialogue.setting import set_at
from receiver.assistants.notes.dialogue.turn import Turn
from receiver.assistants.notes.state import MAX_TEXT_CHARS, Item, room_for
from receiver.assistants.notes.times.when import When
from receiver.assistants.notes.times.words import Words, word_set, words_of

_LIST = (
    r"(?:(?:my|the|our|that|this|a) )?(?:(?:to do|to dos|todo|todos|shopping|grocery|groceries|task"
    r"|tasks|errand) )*"
    r"(?:list|lists|to dos?|todos?|tasks)(?: of (?:to dos|todos|tasks|things to do))?"
)
_ADD = (
    re.compile(
        r"(?:add|put|write|stick|place|get|have|chuck|pop|throw|whack)"
        rf" (?P<what>.+) (?:to|on|onto|in) {_LIST}(?: too| as well)?"
    ),
    re.compile(r"(?:add|put) (?P<what>.+) (?:to|on|onto) (?:the|my) (?:shopping|groceries)"),
    re.compile(rf"(?:on|onto|to) {_LIST} (?:add|put|write) (?P<what>.+)"),
    re.compile(rf"(?:add|put|write) (?:to|on|onto|in) {_LIST}(?: that i (?:have|need) to)? (?P<what>.+)"),
    re.compile(
        r"(?:add|make|create|new|put down|take)(?: (?:a|an|another|one))?(?: new)? (?:to do|todo|task|item)"
        r"(?: to (?:my|the) list| on (?:my|the) list)?(?: called| saying| that says)?(?: to)? (?P<what>.+)"
    ),
)
_ADD_DATED = re.compile(
    rf"(?:add|put|write) (?P<what>.+) (?:to|on|onto) {_LIST} (?P<by>(?:by|before|for|until) .+|today|tomorrow|tonight"
    r"|(?:this|next) \S+)"
)
_ADD_WHAT = re.compile(
    rf"(?:add|put|write) (?:something|a thing|an item|a new item|a task|a to do|a todo"
    rf"|another)(?: (?:to|on|onto) {_LIST})?"
    r"|(?:add|new|create|make) (?:a |an )?(?:new )?(?:to do|todo|task|item)"
)
_READ = re.compile(
    rf"(?:what is|what's|what are|what do i have|what have i got|read|read out|read me|show|show me"
    rf"|tell me|give me|how"
    rf" about|do i have anything|is there anything|anything|how many things are)(?: what is"
    rf"| what's)?(?: still| left| back)?"
    rf"(?: (?:on|in|from))? {_LIST}(?: today| now| again| back| out| for me)?"
    r"|what (?:else )?(?:do i|have i got|should i|must i|is there)(?: still)?(?: have"
    r"| need)?(?: got)? to do(?: today| now| next)?"
    r"|what have i (?:still )?got left|what do i (?:still )?(?:need|have) to (?:get|buy)(?: \S+){0,4}"
    r"|what(?: is|'s) (?:still )?(?:left|open|to do|on it)(?: to do)?(?: on (?:my|the) list)?"
    r"|what are my tasks"
    r"|my (?:to do |todo |shopping )?list"
    r"|how (?:many (?:things|items|jobs|chores|tasks|to dos|todos|more)|much)"
    r"(?: \S+){0,8}? (?:do|left|list|got|have)"
    r"(?: (?:left|today|now|still))*"
)
_TICK = (
    re.compile(r"(?:tick|check|cross|strike|scratch) (?:off )?(?P<what>.+?)(?: off| out)?(?: (?:of|off|from|on) "
               + _LIST + ")?"),
    re.compile(r"mark (?P<what>.+?)(?: (?:as|is))? (?:done|finished|complete|completed|off)"),
    re.compile(r"(?P<what>.+?) (?:is|are|has been|have been|was|got) (?:all )?(?:done|finished|ticked off"
               r"|completed|sorted)"),
    re.compile(r"i(?:'ve| have)?(?: just| already| now)? (?:done|did|finished|completed|do) (?:with )?(?P<what>.+)"),
    re.compile(r"(?:i'm|i am|we're|we are)?(?: all)? ?(?:done|finished) with (?P<what>.+)"),
)  # fmt: skip
_HAVE_DONE = re.compile(
    r"(?:i|we)(?:'ve| have)?(?: just| already| now)? (?P<what>(?:\w+ed|bought|got|sent|made|paid|took"
    r"|taken|written|wrote"
    r"|read|put|fed|cut|met|told|went|gone|brought|found|rang|rung|spoken|swept|hung|built) .+)"
)
_IT = word_set("that it this them")

_MAX_PARTS = 20


def add(turn: Turn) -> str | None:
    dated = turn.named(_ADD_DATED, "what")
    if dated is not None:
        by = turn.named(_ADD_DATED, "by")
        return put(turn, [f"{dated.source()} {by.source() if by else ''}".strip()])
    for pattern in _ADD:
        what = turn.named(pattern, "what")
        if what is not None and not _ADD_WHAT.fullmatch(turn.said):
            return put(turn, parts(what))
    if _ADD_WHAT.fullmatch(turn.said):
        return turn.ask("What should I put on your list?", "todo")
    return None


def add_more(turn: Turn) -> str | None:
    """ "And candles", after something was put on the list."""
    last = turn.last
    words = turn.words
    if words.at(0) not in ("and", "also", "plus") or last is None or last.get("done", "") is not None:
        return None
    while words.at(0) in ("and", "also", "plus"):
        words = words.part(1)
    if words.at(len(words) - 1) in ("one", "ones", "that", "it"):
        return None  # "And the other one": which, only they know.
    return put(turn, parts(words)) if 0 < len(words) <= _MAX_MORE_WORDS else None


_MAX_MORE_WORDS = 5


def what_answered(turn: Turn) -> str | None:
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "todo":
        return None
    turn.change("ask", pending=None)
    return put(turn, parts(turn.command))


def offer_answered(turn: Turn) -> str | None:
    """To whether a promise that was made goes on the list, or an event gets a reminder."""
    pending = turn.state["pending"]
    if pending is None or pending["about"] != "offer":
        return None
    said = " ".join(turn.words)
    if YES.fullmatch(said):
        turn.change("ask", pending=None)
        if pending.get("when") is not None:
            return set_at(turn, pending["text"], "about", [When.from_json(pending["when"])])
        return put(turn, [pending["text"]])
    turn.change("ask", pending=None)
    return "All right." if NO.match(said) and len(turn.words) < 6 else None


def parts(what: Words) -> list[str]:
    """ "Milk, eggs and bread" are three; "call Tom and Anna" is one."""
    text = what.source()
    if what.at(0) in DOINGS:
        return [text]
    found = [part.strip(" ,.;") for part in re.split(r",\s*(?:and\s+)?|\s+and\s+(?:also\s+)?", text)]
    found = [part for part in found if part]
    return found if 1 < len(found) <= _MAX_PARTS and all(len(part.split()) <= 4 for part in found) else [text]


def put(turn: Turn, texts: Sequence[str]) -> str:
    texts = [text for text in texts if text]
    if not texts:
        return turn.ask("What should I put on your list?", "todo")
    there = {todo["text"].lower() for todo in turn.open_todos}
    new = [text for text in texts if text.lower() not in there]
    if not new:
        verb = "is" if len(texts) == 1 else "are"
        return f"{phrases.sentence(phrases.say_some(list(map(phrases.to_you, texts))))} {verb} on your list already."
    room = room_for(turn.state, "todo", turn.now)
    if room < len(new):
        return (
            f"You have {len(turn.open_todos)} things on your list, and I can keep no more. Delete some first."
        )
    first = int(turn.new_id("todo").removeprefix("todo-"))
    turn.add(
        [
            {"id": f"todo-{number}", "text": text[:MAX_TEXT_CHARS], "made": turn.stamp, "done": None}
            for number, text in enumerate(new, start=first)
        ]
    )
    long = phrases.TOO_LONG if any(len(text) > MAX_TEXT_CHARS for text in new) else ""
    return f"I put {phrases.say_some([phrases.to_you(text) for text in new])} on your list.{long}"


def read(turn: Turn) -> str | None:
    if not _READ.fullmatch(turn.said):
        return None
    todos = turn.open_todos
    if not todos:
        return "Your list is empty."
    if len(todos) == 1:
        turn.about(todos[0]["id"])
    turn.read_out(todos)
    things = phrases.say_some([phrases.to_you(todo["text"]) for todo in todos])
    return f"{phrases.sentence(phrases.count(len(todos), 'thing'))} on your list: {things}."


_THERE = re.compile(
    rf"(?:do i have|have i got|did i put|is there|is|are) (?P<what>.+) (?:on|in) {_LIST}(?: already| yet)?"
)


def is_there(turn: Turn) -> str | None:
    """ "Is bread on my list?" """
    what = turn.named(_THERE, "what")
    if what is None or set(what) <= _ANYTHING:
        return None
    found = matching(what, turn.open_todos)
    if not found:
        return f"No, {phrases.to_you(what.source())} is not on your list."
    if len(found) == 1:
        turn.about(found[0]["id"])
    verb = "is" if len(found) == 1 else "are"
    return f"Yes, {phrases.say_some([phrases.to_you(todo['text']) for todo in found])} {verb} on your list."


_ANYTHING = word_set("anything something what much many left still else any thing things")


def tick_off(turn: Turn) -> str | None:
    for pattern in _TICK:
        what = turn.named(pattern, "what")
        if what is None:
            continue
        asked_for = turn.said.split()[0] in ("tick", "check", "cross", "mark", "strike")
        last = turn.last
        if set(what) <= _IT:
            if last is not None and "done" in last:
                return tick(turn, [last])
            return "I don't know which one you mean." if asked_for else None
        if asked_for and set(what) <= word_set("everything all them of"):
            return tick(turn, turn.open_todos) if turn.open_todos else "Your list is empty."
        return _ticked(turn, what, asked_for)
    what = turn.named(_HAVE_DONE, "what")
    return None if what is None else _ticked(turn, what, asked_for=False)


def _ticked(turn: Turn, what: Words, asked_for: bool) -> str | None:
    several = [found for part in parts(what) if len(found := matching(words_of(part), turn.open_todos)) == 1]
    todos = list({found[0]["id"]: found[0] for found in several}.values())
    if len(todos) > 1:
        return tick(turn, todos)
    found = matching(what, turn.open_todos)
    if len(found) == 1:
        return tick(turn, found)
    if found:
        return which(turn, found, "tick")
    return f"I don't see {phrases.to_you(what.source())} on your list." if asked_for else None


def tick(turn: Turn, todos: Sequence[Item]) -> str:
    turn.change("replace", items=[todo | {"done": turn.stamp} for todo in todos])
    turn.about(todos[-1]["id"])
    left = len(turn.open_todos) - sum(todo["done"] is None for todo in todos)
    rest = (
        "Your list is empty now." if left == 0 else f"{phrases.sentence(phrases.count(left, 'thing'))} left."
    )
    return f"Ticked off {phrases.say_some([phrases.describe(todo) for todo in todos])}. {rest}"
