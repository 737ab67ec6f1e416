"""A call in a few lines, by rules alone: key points, action items, questions left open.

Everything in it was said: each text is a stretch of the transcript, word for word. What was said is searched
for the reminders and to-dos that were made, for promises and requests (`promises`), and for sentences that tell
the most: those with the words that the call comes back to, with numbers, dates or names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise, takewhile
from typing import Any, Literal

from protocol import link_messages as protocol
from receiver.assistants.notes.dialogue.away import TOLD
from receiver.assistants.notes.dialogue.matching import content
from receiver.assistants.notes.dialogue.phrases import count, say_some, sentence, to_you
from receiver.assistants.notes.promises import MAX_CLAUSE_CHARS, promises, sentences
from receiver.assistants.notes.times.words import words_of

Turn = tuple[str, str]
"""What was said, and what was answered. Either may be empty."""

MAX_ACTION_ITEMS = 50
MAX_KEY_POINTS = 5
MAX_OPEN_QUESTIONS = 10
"""More of a kind are left out: of action items and questions the later ones, of key points the lesser ones."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    kind: Literal["reminder", "todo", "promise", "request"]
    text: str
    """What was said, word for word."""
    turn: int
    """Index of its turn."""
    answer: str = ""
    """Of a reminder or to-do what was answered when it was made, with its time in full; else empty."""


@dataclass(frozen=True, slots=True)
class Summary:
    key_points: tuple[str, ...]
    action_items: tuple[ActionItem, ...]
    open_questions: tuple[str, ...]
    """Asked by the caller and not answered, or asked of the caller last of all."""

    def to_json(self) -> dict[str, Any]:
        return {
            "key_points": list(self.key_points),
            "action_items": [asdict(item) for item in self.action_items],
            "open_questions": list(self.open_questions),
        }

    def told(self, turns: Sequence[int]) -> protocol.Summary:
        """As the receiver keeps it; `turns` are the numbers of those that the items' indices count."""
        items = [
            protocol.ActionItem(
                text=item.text, turn=turns[item.turn], kind=item.kind, answer=item.answer or None
            )
            for item in self.action_items
        ]
        return protocol.Summary(
            key_points=list(self.key_points), action_items=items, open_questions=list(self.open_questions),
            text=self.say(),
        )  # fmt: skip

    def say(self) -> str:
        """For the ear."""
        said = []
        if self.action_items:
            items = say_some([_say_item(item) for item in self.action_items])
            said.append(f"{sentence(count(len(self.action_items), 'action item'))}: {items}.")
        if self.key_points:
            said.append(f"Key points: {say_some([to_you(point) for point in self.key_points])}.")
        if self.open_questions:
            said.append(f"Still open: {say_some(list(self.open_questions))}.")
        return " ".join(said) or "There is nothing to sum up yet."


def _say_item(item: ActionItem) -> str:
    return (
        item.answer.rstrip(".").replace("I'll remind you ", "")
        if item.kind == "reminder"
        else to_you(item.text)
    )


_REMINDER_MADE = re.compile(r"I'll remind you .+?[.](?=\s|$)")
_REMINDER_CHANGED = re.compile(r"All right, (I'll remind you .+?[.])(?=\s|$)")
_BACK_AGAIN = re.compile(r"The reminder (.+) is (.+?) again[.]")
_TODO_MADE = re.compile(r"I put (?!back).+? on your list[.]")
_TAKEN_OUT = re.compile(r"I (?:deleted|took out) the reminder (.+?)[.](?=\s|$)")
_PUT_BACK = re.compile(r"I put back the reminder (.+?)[.](?=\s|$)")
_ASKS_FOR_REMINDER = re.compile(
    r"(?i)\b(?:remind (?:me|us)|reminder|alarm|wake me|(?:do not|don't) let me forget|remember to)\b"
)
_ASKS_FOR_TODO = re.compile(r"(?i)\b(?:list|to-?\s?do|task)\b")
_ASKS_TO_NOTE = re.compile(
    r"(?i)\b(?:note (?:that|down|to self)|(?:make|take|add) (?:a |another )?note|write (?:that "
    r"|this )?down|jot|remember that)\b"
)
_UNANSWERED = re.compile(
    r"(?i)(?:sorry, i (?:did not|didn't)|i (?:do not|don't) know|i have no|not sure|i can(?:no"
    r"|')t (?:say|tell)|no idea"
    r"|i(?:'ll| will) (?:find out|check|ask|get back))"
)
_QUESTION = re.compile(
    r"(?i)^(?:(?:and|but|so|okay|well|um|uh|oh) )*(?:what|when|where|who|whom|whose|which|why|how|is"
    r"|are|was|were|does|do|did"
    r"|should|shall|has|have|will|would|could|can)\b(?! you (?:please )?(?:remind|add|put|note|set|call"
    r"|send|book|make))"
)
_UNDECIDED = re.compile(
    r"(?i)\b(?:we still (?:have|need) to (?:decide|find out|figure out)|(?:i|we) (?:do not"
    r"|don't) know (?:yet )?(?:if|whether|when|"
    r"who|what|where|how)|still (?:unclear|open|to be decided)|not sure (?:yet )?(?:if|whether|when|who"
    r"|what|where|how))\b"
)
_TELLING = re.compile(
    r"(?i)\b(?:because|decided|agreed|important|deadline|problem|issue|cost|costs|price|budget|meeting"
    r"|moved|changed|cancelled"
    r"|delayed|until|at least|turns out|the plan|instead|address|number|code|password|arrives|starts"
    r"|ends|due)\b"
)
_COMMAND = re.compile(
    r"(?i)^(?:(?:please|no|okay|and|actually|can you|could you) )*(?:make (?:that|it)|move|change"
    r"|delete|cancel|remove|undo|tick"
    r"|read|sum up|add|put|push|clear|what|when|show)\b"
)
"""Said to the assistant, not of the matter."""

_NUMBER = re.compile(
    r"(?i)\b(?:\d[\d.,:]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty"
    r"|forty|fifty|hundred|"
    r"thousand|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|percent)\b"
)
_MIN_WORDS = 4
_MIN_SCORE = 2.0


def summarize(turns: Sequence[Turn]) -> Summary:
    """The summary of a call, its turns in order. Pure."""
    turns = [(said, of_this_call(answered)) for said, answered in turns]
    questions = _open_questions(turns)
    items = _action_items(turns, questions)
    taken = [item.text for item in items]
    return Summary(
        key_points=tuple(_key_points(turns, [*taken, *questions])),
        action_items=tuple(items[:MAX_ACTION_ITEMS]),
        open_questions=tuple(questions[:MAX_OPEN_QUESTIONS]),
    )


def of_this_call(answered: str) -> str:
    """An answer without what came due by itself, which was not said in this call."""
    return TOLD.sub("", answered, count=1) if TOLD.match(answered) else answered


def is_for_the_assistant(said: str, answered: str) -> bool:
    """Whether a sentence asked the assistant to write something down or change it, and it has, or has asked back.

    What is to be done of that is in the reminders and to-dos.
    """
    done = _DONE.match(answered) is not None
    if _ASKS_FOR_REMINDER.search(said) and (done or answered.rstrip().endswith("?")):
        return True
    asks = (_ASKS_FOR_TODO, _ASKS_TO_NOTE, _COMMAND)
    return done and any(pattern.search(said.strip()) for pattern in asks)


def _action_items(turns: Sequence[Turn], questions: Sequence[str]) -> list[ActionItem]:
    items: list[ActionItem] = []
    dropped: list[ActionItem] = []
    asked: tuple[str, int] | None = None
    for number, (said, answered) in enumerate(turns):
        told = sentences(said)
        changed = _REMINDER_CHANGED.search(_BACK_AGAIN.sub(r"All right, I'll remind you \1 \2.", answered))
        gone, back = _TAKEN_OUT.search(answered), _PUT_BACK.search(answered)
        made = [] if changed else _REMINDER_MADE.findall(answered)
        wanted = [
            part
            for one in told
            if _ASKS_FOR_REMINDER.search(one) and not _QUESTION.match(one)
            for part in _requests(one)
        ]
        if changed:
            items = _with_new_time(items, changed.group(1))
        elif gone:
            task = f"I'll remind you {gone.group(1)} "
            dropped += [item for item in items if item.answer.startswith(task)]
            items = [item for item in items if not item.answer.startswith(task)]
        elif back:
            task = f"I'll remind you {back.group(1)} "
            items += [item for item in dropped if item.answer.startswith(task)][-1:]
        elif wanted:
            items += [
                ActionItem("reminder", _cut(asking), number, answer)
                for asking, answer in zip(wanted, made, strict=False)
            ]
            asked = (wanted[-1], number) if len(made) < len(wanted) else None
        elif made and asked is not None:
            # It was asked for before; this turn only said when, or of what.
            items.append(ActionItem("reminder", _cut(asked[0]), asked[1], made[0]))
            asked = None
        put = _TODO_MADE.search(answered)
        if put is not None:
            asking = [one for one in told if _ASKS_FOR_TODO.search(one) and not _QUESTION.match(one)]
            items += [ActionItem("todo", _cut(one), number, put.group()) for one in asking]
        covered = " ".join(item.text for item in items if item.turn == number)
        for clause in promises(said):
            # "We still have to decide who": that is a question.
            if not any(clause.deed in other for other in (covered, *questions)):
                items.append(ActionItem(clause.kind, clause.text, number))
    return list({(item.text.lower(), item.kind): item for item in reversed(items)}.values())[::-1]


def _with_new_time(items: Sequence[ActionItem], answer: str) -> list[ActionItem]:
    """With another time for the reminder whose answer begins alike."""

    def alike(item: ActionItem) -> int:
        both = zip(item.answer.split(), answer.split(), strict=False)
        return sum(1 for _ in takewhile(lambda words: words[0] == words[1], both))

    best = max(items, key=alike, default=None)
    if best is None or alike(best) < _SAME_TASK_WORDS:
        return list(items)
    return [replace(item, answer=answer) if item is best else item for item in items]


_SAME_TASK_WORDS = 5
""" "I'll remind you to call": the answers for one reminder begin with at least so many words in common."""


def _requests(told: str) -> list[str]:
    """ "Remind me to call mum at nine and remind me to pay the rent": two."""
    starts = [found.start() for found in re.finditer(r"(?i)\bremind (?:me|us)\b", told)]
    if len(starts) < 2:
        return [told]
    edges = [0, *starts[1:], len(told)]
    parts = [told[start:end] for start, end in pairwise(edges)]
    return [re.sub(r"(?i)[\s,]+(?:and|then|also)[\s,]*$", "", part).strip(" ,") for part in parts]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CLAUSE_CHARS else text[:MAX_CLAUSE_CHARS].rsplit(" ", 1)[0]


def _open_questions(turns: Sequence[Turn]) -> list[str]:
    found: list[str] = []
    for number, (said, answered) in enumerate(turns):
        told = _with_marks(said)
        for one, mark in told:
            asks = mark == "?" or (mark == "" and _QUESTION.match(one) is not None)
            unanswered = not answered.strip() or _UNANSWERED.match(answered.strip()) is not None
            if (asks and unanswered and not promises(one) and len(one.split()) > 2) or _UNDECIDED.search(one):
                found.append(_cut(one))
        if number == len(turns) - 1 and answered.rstrip().endswith("?"):
            found.append(_cut(sentences(answered)[-1]))
    return list(dict.fromkeys(found))


def _with_marks(text: str) -> list[tuple[str, str]]:
    return [(found.group(1).strip(" ,"), found.group(2)[:1]) for found in re.finditer(r"([^.?!]+)([.?!]*)", text)
            if found.group(1).strip(" ,")]  # fmt: skip


def _key_points(turns: Sequence[Turn], taken: Sequence[str]) -> list[str]:
    told = [
        part
        for said, answered in turns
        for one in sentences(said)
        if not _DONE.match(answered) or _ASKS_TO_NOTE.search(one)
        for part in _besides(one, taken)
    ]
    common = Counter(word for one in told for word in set(content(words_of(one))))
    scores: dict[str, float] = {}
    for one in told:
        words = one.split()
        if len(words) < _MIN_WORDS or any(pattern.search(one) for pattern in _OTHER):
            continue
        repeated = sum(common[word] - 1 for word in content(words_of(one)))
        names = sum(word[:1].isupper() and word not in ("I", "I'm", "I'll", "I've") for word in words[1:])
        scores[_cut(one)] = (
            (5.0 if _ASKS_TO_NOTE.search(one) else 0.0)
            + 2.0 * bool(_TELLING.search(one))
            + 1.5 * min(2, len(_NUMBER.findall(one)))
            + min(2.0, repeated * 0.5)
            + min(2, names)
        )  # fmt: skip
    best = sorted((one for one in scores if scores[one] >= _MIN_SCORE), key=lambda one: -scores[one])
    chosen = set(best[:MAX_KEY_POINTS])
    return [one for one in scores if one in chosen]


def _besides(told: str, taken: Sequence[str]) -> list[str]:
    """What a sentence says beside its action items and questions."""
    parts = [told]
    for clause in taken:
        parts = [rest for part in parts for rest in part.split(clause)]
    return [stripped for part in parts if (stripped := _JOINTS.sub("", part).strip(" ,"))]


_JOINTS = re.compile(
    r"(?i)^(?:[\s,]*\b(?:and|but|so|then|or|also|because|well|okay|um|uh|oh)\b)+|(?:\b(?:and|but|so"
    r"|then|or|also|because)\b[\s,]*)+$"
)
_GREETING = re.compile(
    r"(?i)^(?:hi|hello|hey|good (?:morning|afternoon|evening)|this is|my name is|bye|goodbye)\b"
)
_OTHER = (_GREETING, _QUESTION, _COMMAND, _ASKS_FOR_REMINDER, _ASKS_FOR_TODO)
_DONE = re.compile(
    r"(?:Ticked off|I put|I'll remind|I deleted|All right|You noted|Your list|You have"
    r"|\w+ things? on your list|Done\b)"
)
"""Answers to what was said to the assistant, not of the matter."""
