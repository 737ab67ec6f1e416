"""Small talk and what is off the topic: a friendly word, and back to the food."""

from __future__ import annotations

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.intents import DO_NOT_KNOW, PLAIN_YES, YES, Phrases
from receiver.assistants.diet.dialogue.small_talk_phrases import BYE, TALK, THANKS, WAIT, WRONG
from receiver.assistants.diet.dialogue.turn import MORE, Turn

_TOLD = Phrases("(i|we) [just|only|also|have|then]* (had|ate|eaten|drank)|(and|then) [had|ate|drank]")


def small_talk(turn: Turn) -> str | None:
    """Sentences that are nothing else."""
    if THANKS.are(turn.said):
        return turn.choose(
            (
                "You are welcome. Tell me whenever you have had something.",
                "Gladly. I am here when there is more.",
            )
        )
    if BYE.are(turn.said):
        return turn.choose(("Goodbye, and enjoy your day!", "Bye for now, take care!", "See you soon!"))
    if WAIT.are(turn.command):
        turn.ask(turn.asking)
        return turn.choose(("Okay, I am here when you are ready.", "Sure, take your time."))
    if WRONG.are(turn.command):
        turn.ask(turn.asking)
        return 'What should be different? Say, for example, "no, three eggs" or "remove the toast".'
    if _TOLD.within(turn.said) and any(mention.food and not mention.doubtful for mention in turn.eaten):
        # "I was bad today, I ate a whole cake": the foods are what is answered.
        return None
    for known, answers in TALK:
        if known.are(turn.said) or known.are(turn.command):
            return f"{turn.choose(answers)} {turn.ask_again()}"
    return None


def bare_word(turn: Turn) -> str | None:
    """A "yes" or an "I don't know" that answers no question of ours by itself."""
    if YES.are(turn.said):
        before = turn.context.history[-1].message if turn.context.history else ""
        early = phrases.EARLY_QUESTIONS.get(turn.asking or "", ())
        told = PLAIN_YES.are(turn.said)
        if told and (turn.asking in (MORE, "snack") or before.endswith(early)):
            return turn.choose(("What was it?", "Go ahead, what was it?"))
        return f"{turn.choose(('Okay.', 'All right.'))} {turn.ask_again()}"
    if DO_NOT_KNOW.are(turn.command):
        turn.ask(None)
        return "That is fine. Tell me whenever you like."
    return None
