"""What is wanted beside naming foods: phrases, and the words they are matched on.

Tables of phrases (`*_phrases.py`) are written as in `receiver.assistants.phrase_tables`, with

    MEAL FIGURE DAY       any meal, any of calories, protein, carbs and fat, any day

Commands are matched on a whole sentence, so that "skip" skips a meal and "Skippy peanut butter" is eaten.
"""

from __future__ import annotations

from typing import ClassVar

from receiver.assistants import phrase_tables
from receiver.assistants.diet.utterance import Utterance

_SHORT = {
    "cals": "calories", "cal": "calories", "calorie": "calories", "kcal": "calories", "kcals": "calories",
    "kilocalories": "calories", "carb": "carbs", "carbohydrate": "carbs", "carbohydrates": "carbs",
    "proteins": "protein", "fats": "fat", "goals": "goal", "targets": "target", "breakfast's": "breakfast is",
    "lunch's": "lunch is", "dinner's": "dinner is", "supper's": "supper is",
}  # fmt: skip


def plain(utterance: Utterance) -> str:
    """The words without punctuation, fillers and short forms: "I'm done" is "i am done"."""
    return phrase_tables.long_forms(utterance.text.lower().split(), _SHORT)


class Phrases(phrase_tables.Phrases):
    macros: ClassVar = {
        "MEAL": "(breakfast|brunch|lunch|dinner|supper|dessert|snack|snacks)",
        "FIGURE": "(calories|protein|carbs|fat)",
        "DAY": (
            "(yesterday|today|tonight|last night|the day before yesterday|monday|tuesday|wednesday|thursday|"
            "friday|saturday|sunday)"
        ),
    }


_BEFORE = Phrases(
    """
    okay|hey|hi|so|well|all right|great|perfect|cool|and|then|now|please|sorry|oh|wait|coach|just|actually|yes
    (can|could|would|will) you|(can|could) (we|i)|let (us|me)|i want to|i would like to|i need to|(you|we) can
    i think|i guess|i believe
    """
)
_AFTER = Phrases(
    """
    bye|goodbye|good night|please|(thanks|thank you) [very much|so much|a lot|kindly|again]
    now|for me|then|coach|okay|actually|i think
    i guess|today|for today|for now|right now|my (dear|love|friend)|dear|love|mate|man|buddy|pal|darling|either
    by the way
    """
)


def command(said: str) -> str:
    """Without the courtesies around it: "okay, let's start over please" is "start over"."""
    while rest := _BEFORE.rest(said):
        said = rest
    while shorter := _AFTER.before(said):
        said = shorter
    return said


YES = Phrases(
    """
    (yes|sure|okay|correct|right|exactly|absolutely|definitely|indeed|true) [yes|sure|correct|right|exactly]*
    sounds (good|right|about right)|[yes] (please [do]|do it|go ahead|of course|perfect|fine)
    [yes] that is (it|right|correct|fine|good|about right|okay|what i said)
    [yes] (it|that|i) (was|is|did|does|do) [about right]|[yes] that looks (right|good|fine)
    [yes] [that is|it was|just|that was|that sounds] about (right|that [much]|so)
    [yes] i (did|said that|said so)|more or less|pretty much|close enough
    [yes] (sort of|kind of|roughly|approximately|thereabouts|give or take|i (think|guess|suppose|believe) [so])
    [yes] [it|that] is (correct|right|good|fine|okay)|[yes] (it|that|i) (should|would) (be|do) [fine|right|it]*
    yes [very|quite] (good|well|correct|right)|for sure|of course|no doubt|you bet|mm hmm|uh huh|you got it|good enough
    """
)

PLAIN_YES = Phrases(
    "(yes|sure|okay|right|definitely|of course|i (did|have)|absolutely) [yes|sure|i (did|have|do)]*"
)
""" "Yes" to whether there was something: not "about that"."""

NO = Phrases(
    """
    no [no]* [thanks|thank you|sorry|please|it was not|it is not|i did not|not (really|quite|at all)]
    no that is (wrong|not right|not it)|(that|it) (is|was) (not (it|right|correct|that)|wrong)
    not (really|quite|at all|right)|wrong|incorrect|never|do not|please do not|[absolutely|definitely] not
    i did not [say (that|it)]|negative
    """
)

DO_NOT_KNOW = Phrases(
    """
    leave it [as it is|alone|there|like that|be]|never mind|skip [it|that]|forget it|ignore (it|that)
    [i am] not sure how (many|much)|you (decide|choose|tell me)|take a guess|your guess [is as good as mine]
    i [really|do|honestly]* (do not|can not) (know|remember|say|tell|recall) [exactly|sorry|what i (had|
        ate)]|no (idea|clue)
    [i am] not [really] sure [what i (had|ate)|what it was]|[it] does not matter|whatever
    nothing [really] [like it]|i have no (idea|clue)
    hard to say|who knows|i am not [so|too] sure
    """
)
