"""The way through the day, in the words people use for it."""

from __future__ import annotations

import pytest

from tests.receiver.diet.talk import Talk


async def evening() -> Talk:
    """All meals told, and the coach has asked whether there is more."""
    talk = Talk(20)
    await talk.say("two eggs for breakfast, a turkey sandwich for lunch and a cheeseburger for dinner")
    await talk.say("a cookie as a snack")
    assert len(talk.diary) == 4
    return talk


@pytest.mark.parametrize(
    "said",
    ["that's all", "That's all for now, thank you.", "that is it", "nothing else", "I'm done", "I am finished",
     "no more", "that'll be all", "that's everything", "all done", "nope that's it", "I'm good", "no thank you",
     "No, that's it.", "no that's all thanks", "that's about it", "nothing more for today", "no, nothing else",
     "okay that's all for today", "I think that's it", "that's pretty much it", "we're done", "finished", "nope",
     "that would be all", "and that's it", "that's all I had", "I didn't have anything else", "wrap it up",
     "I have nothing else to add", "yeah that's everything", "that should be it", "okay I'm finished now",
     "I guess that's all", "not that I can think of", "Um, that's all.", "im done", "thats all"],
)  # fmt: skip
async def test_being_done_is_heard_in_many_wordings(said: str) -> None:
    talk = await evening()
    answer = await talk.say(said)
    assert answer.startswith("That makes about ")
    assert len(talk.diary) == 4


@pytest.mark.parametrize(
    "said",
    ["start over", "let's start over please", "okay, start again", "can we start from scratch", "reset everything",
     "clear my diary", "I want to start over", "Start over!"],
)  # fmt: skip
async def test_starting_over_is_asked_back_and_can_be_undone(said: str) -> None:
    talk = await evening()
    assert "Shall I" in await talk.say(said)
    assert len(talk.diary) == 4
    await talk.say("yes please")
    assert talk.diary == []
    await talk.say("undo")
    assert len(talk.diary) == 4


@pytest.mark.parametrize("said", ["no", "no thanks", "never mind, a banana", "I had a banana"])
async def test_starting_over_that_is_not_confirmed_takes_nothing_out(said: str) -> None:
    talk = await evening()
    await talk.say("start over")
    await talk.say(said)
    assert len(talk.diary) >= 4
    await talk.say("yes")
    assert len(talk.diary) >= 4, "the question does not stand any more"


@pytest.mark.parametrize(
    "said",
    ["repeat that", "can you repeat that please", "say that again", "what did you say", "sorry, what was that?",
     "come again", "pardon?", "could you say that once more", "repeat the question", "what was the question",
     "sorry I didn't catch that", "what?"],
)  # fmt: skip
async def test_the_last_answer_is_repeated_word_for_word(said: str) -> None:
    talk = Talk()
    answer = await talk.say("two eggs")
    assert await talk.say(said) == answer
    assert await talk.say(said) == answer
    await talk.say("no")  # still answers the question in it
    assert talk.foods == [("eggs", 2)]


@pytest.mark.parametrize(
    "said",
    ["undo", "undo that", "scratch that", "take that back", "cancel that", "please undo the last one",
     "oh forget that", "can you undo that", "undo my last change", "revert that"],
)  # fmt: skip
async def test_undo_in_many_wordings(said: str) -> None:
    talk = Talk()
    await talk.say("two eggs")
    assert "took the last change back" in await talk.say(said)
    assert talk.diary == []


@pytest.mark.parametrize(
    "said",
    ["skip", "skip it", "next", "let's skip that one", "pass", "move on", "skip breakfast", "I skipped breakfast",
     "no breakfast", "I didn't have breakfast", "I didn't eat anything for breakfast", "nothing for breakfast",
     "I had nothing", "nothing", "none", "no", "no I skipped it", "I didn't eat", "I wasn't hungry",
     "no breakfast today", "nothing yet"],
)  # fmt: skip
async def test_a_skipped_meal_leads_to_the_next_question_and_is_not_asked_about_again(said: str) -> None:
    talk = Talk()
    assert "lunch" in await talk.say(said)
    assert talk.diary == []
    await talk.say("a turkey sandwich for lunch")
    await talk.say("a cheeseburger for dinner")
    assert "breakfast" not in talk.history[-1].message


async def test_a_meal_that_is_still_to_come_is_not_skipped() -> None:
    talk = Talk()
    await talk.say("two eggs")
    assert "tell me when" in await talk.say("not yet")
    talk.at(talk.context.now.replace(hour=13))
    await talk.say("I had a turkey sandwich")
    assert talk.diary[-1][0] == "lunch"


async def test_meals_out_of_order() -> None:
    talk = Talk()
    assert "dinner" in await talk.say("skip to dinner")
    await talk.say("a cheeseburger")
    assert "lunch" in await talk.say("go back to lunch")
    await talk.say("a turkey sandwich")
    assert "breakfast" in await talk.say("let's do breakfast")
    await talk.say("two eggs")
    assert [meal for meal, *_ in talk.diary] == ["breakfast", "lunch", "dinner"]


async def test_go_back_asks_about_the_meal_before() -> None:
    talk = Talk()
    await talk.say("skip")
    assert "breakfast" in await talk.say("go back")
    await talk.say("two eggs")
    assert talk.diary == [("breakfast", "eggs", 2, "")]


@pytest.mark.parametrize(
    "said", ["that was breakfast", "I'm done with breakfast", "that's all for breakfast"]
)
async def test_a_finished_meal_leads_to_the_next(said: str) -> None:
    talk = Talk()
    await talk.say("two eggs")
    answer = await talk.say(said)
    assert "lunch" in answer
    assert talk.foods == [("eggs", 2)]


async def test_a_meal_skipped_beside_another_is_not_asked_about() -> None:
    talk = Talk(9)
    await talk.say("I skipped breakfast but had a turkey sandwich for lunch")
    assert talk.diary == [("lunch", "turkey sandwich", 1, "")]
    assert "dinner" in talk.history[-1].message


@pytest.mark.parametrize(
    "said",
    ["Skippy peanut butter", "start over easy eggs", "a well done steak", "I made pancakes from scratch",
     "back bacon", "half and half", "I had dinner, it was a turkey sandwich", "next I had a banana",
     "a steak, well done", "I finished a bagel", "undone cookie dough"],
)  # fmt: skip
async def test_a_food_that_sounds_like_a_command_is_eaten(said: str) -> None:
    talk = Talk()
    await talk.say("an apple")
    await talk.say(said)
    assert talk.foods[0] == ("apple", 1)
    assert len(talk.foods) > 1


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("thank you", ""), ("bye", ""), ("who are you?", "coach"), ("how are you", "thank you"),
        ("what can you do", "Tell me"), ("help", "Tell me"), ("tell me a joke", "?"),
        ("tell me a joke about bananas", "?"), ("what's the weather like", "weather"),
        ("who won the game last night", "food"), ("can you hear me", "?"), ("I'm hungry", "good"),
        ("I ate too much", "?"), ("you're great", "?"), ("you are stupid", "orry"),
    ],
)  # fmt: skip
async def test_talk_is_answered_politely_and_brought_back(said: str, word: str) -> None:
    talk = Talk()
    answer = (await talk.say(said)).lower()
    assert word.lower() in answer
    assert talk.diary == []
    if said not in ("thank you", "bye"):
        assert answer.endswith("?")


@pytest.mark.parametrize(
    "said",
    ["should I eat a pizza?", "what should I eat for dinner", "how do I cook rice", "can I have a burger?",
     "I want to eat a burger tonight", "two eggs tomorrow", "is a banana healthy?"],
)  # fmt: skip
async def test_a_food_that_is_only_talked_about_is_not_written_down(said: str) -> None:
    talk = Talk()
    await talk.say(said)
    assert talk.diary == []


@pytest.mark.parametrize(
    "said", ["can you add two eggs please", "could you log two eggs", "please put down two eggs"]
)
async def test_a_request_to_write_down_is_no_question(said: str) -> None:
    talk = Talk()
    await talk.say(said)
    assert talk.foods == [("eggs", 2)]
