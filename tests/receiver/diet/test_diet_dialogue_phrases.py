"""The language of the phrase tables, and the plain words they are matched on."""

from __future__ import annotations

import pytest

from receiver.assistants.diet.dialogue.intents import Phrases, command, plain
from receiver.assistants.diet.parser.parser import parse


@pytest.mark.parametrize(
    ("table", "said", "fits"),
    [
        ("skip [it|that]", "skip", True),
        ("skip [it|that]", "skip that", True),
        ("skip [it|that]", "skippy", False),
        ("skip [it|that]", "skip it that", False),
        ("skip [it|that]*", "skip it that", True),
        ("(that|it) is (all|it)", "it is all", True),
        ("(that|it) is (all|it)", "all", False),
        ("tell ... joke", "tell me a good joke", True),
        ("tell ... joke", "tell jokes", False),
        ("cut myself !(a|some)", "cut myself a", False),
        ("cut myself !(a|some) [again]", "cut myself again", True),
        ("no MEAL", "no breakfast", True),
        ("no MEAL", "no snacks", True),
        ("no MEAL", "no MEAL", False),
        ("one\ntwo|three", "three", True),
        ("one (two|\nthree)", "one three", True),
        (r"starv\w+ myself", "starving myself", True),
    ],
)  # fmt: skip
def test_phrases(table: str, said: str, fits: bool) -> None:
    assert Phrases(table).are(said) is fits


def test_where_a_phrase_stands() -> None:
    phrases = Phrases("no more|skip <meal: MEAL>")
    assert phrases.lead("no more eggs")
    assert not phrases.end("no more eggs")
    assert phrases.end("eggs no more")
    assert phrases.within("oh no more eggs")
    assert not phrases.within("casino more eggs")
    assert phrases.rest("no more of that") == "of that"
    assert phrases.before("two eggs no more") == "two eggs"
    assert phrases.named("skip lunch") == {"meal": "lunch"}
    assert phrases.named("no more") == {}


@pytest.mark.parametrize("table", ["(one", "one)", "[one|two", "<a: b"])
def test_a_table_with_a_bracket_too_few_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match=r"phrases|bracket"):
        Phrases(table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'm done, thanks!", "i am done thanks"),
        ("That's all.", "that is all"),
        ("thats all", "that is all"),
        ("I didn't have any carbohydrates.", "i did not have any carbs"),
        ("Um, how many kcal?", "how many calories"),
        ("I can't", "i can not"),
        ("today\u2019s total", "today's total"),
    ],
)
def test_plain_words(text: str, said: str) -> None:
    assert plain(parse(text, expecting=False)) == said


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("okay let us start over please", "start over"),
        ("can you please undo that now", "undo that"),
        ("thanks", "thanks"),
        ("please", "please"),
        ("", ""),
    ],
)
def test_courtesies_are_no_part_of_a_command(said: str, bare: str) -> None:
    assert command(said) == bare
