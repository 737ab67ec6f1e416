"""What must not be answered with calories: emergencies, despair, disordered eating, medicine.

A kind answer that sends the person to people who can help, and no figures. Foods that were plainly told
besides are written down without a word about what they hold.
"""

from __future__ import annotations

from receiver.assistants.care import urgent_answer
from receiver.assistants.diet.dialogue.adding import add_quietly
from receiver.assistants.diet.dialogue.care_phrases import DISTRESS, MEDICAL
from receiver.assistants.diet.dialogue.question_phrases import QUESTION
from receiver.assistants.diet.dialogue.turn import Turn

DISTRESS_ANSWERS = (
    "Thank you for telling me; that sounds hard, and you do not have to carry it alone. A doctor or somebody you "
    "trust can help, and there are helplines for exactly this. I am here if you want to talk about your day.",
    "I am sorry that it feels like this. You deserve care and food, whatever happened today. Please talk to "
    "somebody you trust, a doctor or a helpline for eating problems; they hear this often and they can help.",
)
MEDICAL_ANSWERS = (
    "That is a question for your doctor or pharmacist, who know you; I could only guess, and guessing is not "
    "safe. If you feel unwell right now, please get medical help.",
    "I am not able to give medical advice. Please ask your doctor, a pharmacist or a dietitian; if it is urgent, "
    "call your local emergency services.",
)
LOW_GOAL_ANSWER = (
    "I would rather not set a goal that low, because a body needs more than that. If you would like to change how "
    "you eat, a doctor or a dietitian can help you find what is right for you. If I misheard, please say it again."
)
MEDICAL_TOLD = "I have written down what you told me. About health and medicine, your doctor knows best."
"""For those who told what they ate beside it, and asked nothing."""

_NOTED = " I have written down what you told me."


def care(turn: Turn) -> str | None:
    urgent = urgent_answer(turn.said, turn.context.locale)
    if urgent is not None:
        return _careful(turn, urgent)
    if DISTRESS.within(turn.said):
        return _careful(turn, turn.choose(DISTRESS_ANSWERS))
    if MEDICAL.within(turn.said):
        # Not a reason to keep figures back afterwards.
        answer = _answered(turn, turn.choose(MEDICAL_ANSWERS))
        return MEDICAL_TOLD if answer.endswith(_NOTED) and not QUESTION.lead(turn.command) else answer
    return None


def be_gentle(turn: Turn) -> None:
    """No figures for the rest of the day, unless they are asked for."""
    turn.change("gentle", on=turn.today)


def _careful(turn: Turn, answer: str) -> str:
    be_gentle(turn)
    return _answered(turn, answer)


def _answered(turn: Turn, answer: str) -> str:
    noted = add_quietly(turn)
    turn.ask(turn.asking)
    return answer + _NOTED if noted else answer
