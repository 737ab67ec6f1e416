"""What is wanted beside naming foods: phrases, and the words they are matched on.

Tables of phrases (`*_phrases.py`) are texts with one phrase a line, or several parted by "|", of plain words;
a line that ends within a bracket goes on in the next:

    (that|it) is all      one of them
    no more [food|snacks] may be left out; [very|so]* any number of times
    ...                   any words
    $                     the end of the sentence
    !(a|some)             none of these follows
    <to: MEAL>            remembered under a name
    starv\\w+              a word may be a regular expression
    MEAL FIGURE DAY       any meal, any of calories, protein, carbs and fat, any day

Commands are matched on a whole sentence, so that "skip" skips a meal and "Skippy peanut butter" is eaten.
"""

from __future__ import annotations

import re

from receiver.assistants.diet.utterance import Utterance

_MACROS = {
    "MEAL": "(breakfast|brunch|lunch|dinner|supper|dessert|snack|snacks)",
    "FIGURE": "(calories|protein|carbs|fat)",
    "DAY": (
        "(yesterday|today|tonight|last night|the day before yesterday|monday|tuesday|wednesday|thursday|friday|"
        "saturday|sunday)"
    ),
}

_SHORT = {
    "im": "i am", "ive": "i have", "thats": "that is", "whats": "what is", "hows": "how is", "its": "it is",
    "dont": "do not", "didnt": "did not", "doesnt": "does not", "havent": "have not", "wasnt": "was not",
    "isnt": "is not", "cant": "can not", "cannot": "can not", "can't": "can not", "won't": "will not",
    "wont": "will not", "let's": "let us", "lets": "let us", "gonna": "going to", "wanna": "want to",
    "nevermind": "never mind", "alright": "all right", "yep": "yes", "yup": "yes", "yeah": "yes", "yea": "yes",
    "nope": "no", "nah": "no", "ok": "okay", "cals": "calories", "cal": "calories", "calorie": "calories",
    "kcal": "calories", "kcals": "calories", "kilocalories": "calories", "carb": "carbs",
    "carbohydrate": "carbs", "carbohydrates": "carbs", "proteins": "protein", "fats": "fat",
    "goals": "goal", "targets": "target", "dunno": "i do not know", "gotta": "got to",
    "kinda": "kind of", "sorta": "sort of",
    "um": "", "uh": "", "er": "", "erm": "", "hmm": "", "mm": "", "ah": "",
}  # fmt: skip
_IS = frozenset(
    [
        "that", "what", "how", "it", "who", "where", "there", "here", "this", "everything", "breakfast", "lunch",
        "dinner", "supper",
    ]
)  # fmt: skip
_ENDINGS = (
    ("n't", " not"),
    ("'m", " am"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
)


def plain(utterance: Utterance) -> str:
    """The words without punctuation, fillers and short forms: "I'm done" is "i am done"."""
    return " ".join(word for word in map(_long_form, utterance.text.lower().split()) if word)


def _long_form(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    for ending, words in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + words
    if word.endswith("'s") and word.removesuffix("'s") in _IS:
        return word.removesuffix("'s") + " is"
    return word


class Phrases:
    """A table of phrases; the head of this module says how it is written."""

    def __init__(self, *tables: str) -> None:
        text = "|".join(_in_one_line(table) for table in tables)
        for macro, words in _MACROS.items():
            text = re.sub(rf"\b{macro}\b", words, text)
        pattern, end = _alternatives(text, 0)
        if end != len(text):
            raise ValueError(f"a table of phrases ends at {text[end : end + 40]!r}")
        # Every word is matched with the space before it, so that it is a whole word.
        self._here = re.compile(f"{pattern}(?= |$)")
        self._end = re.compile(f"{pattern}$")

    def are(self, said: str) -> bool:
        """One of them is all that was said."""
        return self._end.match(f" {said}") is not None

    def lead(self, said: str) -> bool:
        return self._here.match(f" {said}") is not None

    def within(self, said: str) -> bool:
        return self._here.search(f" {said}") is not None

    def end(self, said: str) -> bool:
        return self._end.search(f" {said}") is not None

    def rest(self, said: str) -> str | None:
        """What follows one of them at the beginning, or None if there is none."""
        found = self._here.match(f" {said}")
        return None if found is None else f" {said}"[found.end() :].strip()

    def before(self, said: str) -> str | None:
        """What comes before one of them at the end, or None if there is none."""
        found = self._end.search(f" {said}")
        return None if found is None else said[: max(0, found.start() - 1)]

    def named(self, said: str) -> dict[str, str]:
        """What is remembered under names in the first of them."""
        found = self._end.match(f" {said}") or self._here.search(f" {said}")
        groups = found.groupdict() if found else {}
        return {name: words.strip() for name, words in groups.items() if words}


_CLOSING = {"(": ")", "[": "]", "<": ">"}
_WORD = re.compile(r"[^ ()\[\]<>|]+")
_NAME = re.compile(r"(\w+): ")


def _in_one_line(table: str) -> str:
    """Lines are phrases, but a line that ends within a bracket goes on in the next."""
    text, depth = "", 0
    for line in filter(None, map(str.strip, table.splitlines())):
        text += (" " if depth else "|" if text else "") + line
        depth += sum(line.count(opening) - line.count(closing) for opening, closing in _CLOSING.items())
    return text


def _alternatives(text: str, at: int) -> tuple[str, int]:
    """The regular expression of phrases parted by "|", up to a closing bracket."""
    sequences, sequence = [], ""
    while at < len(text) and text[at] not in ")]>":
        if text[at] == "|":
            sequences.append(sequence)
            sequence, at = "", at + 1
        elif text[at] == " ":
            at += 1
        else:
            part, at = _part(text, at)
            sequence += part
    return f"(?:{'|'.join([*sequences, sequence])})", at


def _part(text: str, at: int) -> tuple[str, int]:
    absent = text.startswith("!(", at)
    opening = text[at + absent]
    if opening not in _CLOSING:
        word = _WORD.match(text, at)
        assert word is not None
        special = {"...": r"(?: \S+)*", "$": "(?=$)"}
        return special.get(word.group(), f" {word.group()}"), word.end()
    at += absent + 1
    name = _NAME.match(text, at) if opening == "<" else None
    inner, at = _alternatives(text, name.end() if name else at)
    if text[at : at + 1] != _CLOSING[opening]:
        raise ValueError(f"a bracket is not closed in {text[:60]!r}")
    at += 1
    if opening == "[":
        many = text[at : at + 1] == "*"
        return f"{inner}{'*' if many else '?'}", at + many
    if absent:
        return f"(?!{inner}(?= |$))", at
    return (f"(?P<{name.group(1)}>{inner})" if name else inner), at


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
