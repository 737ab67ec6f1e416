"""How people really talk: corrections, negations, times, toppings, mishearings, and talk that is no food."""

from __future__ import annotations

import pytest

from receiver.assistants.diet.parser.parser import parse


def eaten(text: str) -> list[str]:
    """Each food as "2 egg", "0.5 cup milk"; "?" before one that only sounds so, "ZORBLE" for one not known."""
    return [
        " ".join(
            part
            for part in (
                "" if mention.quantity is None else f"{mention.quantity:g}",
                mention.unit or "",
                ("?" if mention.doubtful else "")
                + (mention.food.name if mention.food else mention.name.upper()),
            )
            if part
        )
        for mention in parse(text, expecting=True).mentions
        if not mention.negated and not mention.planned
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("eggs, two of them", ["2 egg"]),
        ("chicken, 200 grams", ["200 gram chicken"]),
        ("chicken breast about six ounces", ["6 ounce chicken breast"]),
        ("a steak, eight ounces", ["8 ounce steak"]),
        ("an 8 ounce steak", ["8 ounce steak"]),
        ("two 12 ounce cans of coke", ["24 ounce coke"]),
        ("we ordered pizza and I had three slices", ["3 slice pizza"]),
        ("chicken 200 grams rice 150 grams broccoli 100 grams",
         ["200 gram chicken", "150 gram rice", "100 gram broccoli"]),
        ("200 grams chicken 150 grams rice", ["200 gram chicken", "150 gram rice"]),
        ("one point five cups of rice", ["1.5 cup rice"]),
        (".5 cup of rice", ["0.5 cup rice"]),
        ("two or three cookies", ["2.5 cookie"]),
        ("three fourths cup of cottage cheese", ["0.75 cup cottage cheese"]),
        ("a half a cup of blueberries", ["0.5 cup blueberry"]),
        ("half of the pizza", ["0.5 pizza"]),
        ("I had one and a half sandwiches", ["1.5 sandwich"]),
        ("two thick slices of bread", ["2 slice bread"]),
        ("a large apple and two medium bananas", ["1 large apple", "2 medium banana"]),
        ("a lot of rice", ["rice"]),
        ("2 eggs, 1 slice of toast, 1 banana", ["2 egg", "1 slice toast", "1 banana"]),
        ("coffee: 2 cups", ["2 cup coffee"]),
        ("a six pack of beer", ["6 can beer"]),
        ("a three egg omelette", ["omelet"]),
        ("a can of seven up", ["1 can sprite"]),
        ("a glass of 2% milk", ["1 glass two percent milk"]),
    ],
)  # fmt: skip
def test_amounts_come_before_and_after_their_foods(said: str, expected: list[str]) -> None:
    assert eaten(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I had a I had a bagel", ["1 bagel"]),
        ("two eggs, no wait, three eggs", ["3 egg"]),
        ("two eggs no wait three", ["3 egg"]),
        ("a bagel, sorry I mean a muffin", ["1 muffin"]),
        ("I had two eggs and toast, no make that three eggs", ["3 egg", "toast"]),
        ("I had eggs, oh wait, and a coffee", ["egg", "1 coffee"]),
        ("I mean I did have a brownie", ["1 brownie"]),
    ],
)
def test_the_last_word_counts(said: str, expected: list[str]) -> None:
    assert eaten(said) == expected


@pytest.mark.parametrize(
    ("said", "expected", "denied"),
    [
        ("coffee no sugar and a bagel", ["coffee", "1 bagel"], ["sugar"]),
        ("a burger without onions or pickles", ["1 hamburger"], ["onions", "pickles"]),
        ("a burger hold the mayo and a small coke", ["1 hamburger", "1 small coke"], ["mayo"]),
        ("salad with no croutons and extra cheese", ["salad", "cheese"], ["croutons"]),
        ("I had chicken instead of beef", ["chicken"], ["beef"]),
        ("I didn't have the coffee but I had the toast", ["toast"], ["coffee"]),
        ("I skipped the toast and had eggs", ["egg"], ["toast"]),
        ("it wasn't a bagel it was a muffin", ["1 muffin"], ["bagel"]),
        ("not toast but a bagel", ["1 bagel"], ["toast"]),
        ("nothing but a banana", ["1 banana"], []),
        ("no, three eggs", ["3 egg"], []),
        ("I'm not sure, eggs", ["egg"], []),
    ],
)
def test_what_was_denied_is_not_eaten(said: str, expected: list[str], denied: list[str]) -> None:
    assert [food.removeprefix("1 slice ") for food in eaten(said)] == expected
    mentions = parse(said, expecting=True).mentions
    without = [name for mention in mentions for name in mention.without]
    assert without + [mention.name for mention in mentions if mention.negated] == denied


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("butter on my toast", ["1 pat butter", "toast"]),
        ("two bagels with a little jam", ["2 bagel", "2 tablespoon jam"]),
        ("tea with two sugars and a splash of milk", ["tea", "2 sugar", "1 splash milk"]),
        ("a little milk in my coffee", ["1 splash milk", "coffee"]),
        ("a bowl of cereal with milk", ["1 bowl cereal", "0.5 cup milk"]),
        ("a coffee with a tablespoon of sugar", ["1 coffee", "1 tablespoon sugar"]),
        ("a sandwich with turkey", ["1 turkey sandwich"]),
        ("a bacon and egg sandwich", ["1 bacon egg and cheese"]),
        ("a turkey and mushroom sandwich", ["1 sandwich"]),
        ("two eggs and toast", ["2 egg", "toast"]),
        ("a ham sandwich on rye bread", ["1 ham sandwich"]),
        ("a banana oat smoothie", ["1 smoothie"]),
        ("a zorble smoothie", ["1 ZORBLE SMOOTHIE"]),
        ("mac, and cheese", ["mac and cheese"]),
    ],
)
def test_toppings_and_composites(said: str, expected: list[str]) -> None:
    assert eaten(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("for breakfast eggs for lunch soup for dinner steak", ["breakfast", "lunch", "dinner"]),
        ("eggs for breakfast soup for lunch and steak for dinner", ["breakfast", "lunch", "dinner"]),
        (
            "breakfast was pancakes lunch was a salad and dinner was spaghetti",
            ["breakfast", "lunch", "dinner"],
        ),
        ("breakfast: oatmeal. lunch: a tuna sandwich. dinner: steak", ["breakfast", "lunch", "dinner"]),
        ("for breakfast I had eggs and I had soup for lunch", ["breakfast", "lunch"]),
        (
            "I had pancakes for breakfast then a salad for lunch and later I had a steak",
            ["breakfast", "lunch", None],
        ),
        ("I skipped breakfast but for lunch I had soup", ["lunch"]),
        ("I ate a sandwich at noon and a steak at seven pm", ["lunch", "dinner"]),
        ("this morning for a snack I had an apple", ["snack"]),
        ("I had eggs this morning", ["breakfast"]),
        ("at eleven I had a banana", [None]),
        ("leftover pizza from last night", [None]),
        ("I had an egg at 8 am and a cookie at 3 pm", ["breakfast", "snack"]),
    ],
)
def test_each_food_has_its_meal(said: str, expected: list[str | None]) -> None:
    assert [mention.meal for mention in parse(said).mentions] == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("yesterday I had pizza", [1]),
        ("last night I had pizza and this morning eggs", [1, 0]),
        ("yesterday I had a burger and today a salad", [1, 0]),
        ("the day before yesterday I had sushi", [2]),
        ("two days ago I ate a burger", [2]),
        ("on Monday I had sushi", [5]),
        ("I had pizza", [None]),
        ("leftover pizza from last night", [None]),
    ],
)
def test_each_food_has_its_day(said: str, expected: list[int | None]) -> None:
    saturday = 5
    assert [mention.days_ago for mention in parse(said, weekday=saturday).mentions] == expected


def test_the_day_of_a_sentence_is_told_only_if_there_is_one() -> None:
    assert parse("yesterday I had pizza").days_ago == 1
    assert parse("yesterday I had pizza and today soup").days_ago is None
    assert parse("I had pizza").days_ago is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("two crambled eggs", ["2 scrambled egg"]),
        ("an oat meal and a water melon", ["1 oatmeal", "1 watermelon"]),
        ("grill chicken and bake potatoes", ["grilled chicken", "baked potato"]),
        ("two yoghurts and a donut", ["2 yogurt", "1 doughnut"]),
        ("a bowl of serial", ["1 bowl cereal"]),
        ("six ounces of salman", ["6 ounce salmon"]),
        ("a turkey sand witch", ["1 turkey sandwich"]),
        ("a cup of brockley", ["1 cup broccoli"]),
        ("I had ate almonds", ["8 almond"]),
        ("I had to eggs and won banana", ["2 egg", "1 banana"]),
        ("too eggs", ["2 egg"]),
        ("I had for eggs", ["4 egg"]),
        ("two zorbles and toast", ["2 ZORBLES", "toast"]),
        ("Kellogg's corn flakes", ["corn flakes"]),
        ("my grandma's soup", ["soup"]),
        ("a bag of Doritos", ["1 bag doritos"]),
    ],
)
def test_words_are_taken_for_the_one_thing_they_can_be(said: str, expected: list[str]) -> None:
    assert eaten(said) == expected


def test_what_only_sounds_like_a_food_is_doubtful_and_never_said_back() -> None:
    [mention] = parse("four ounces of bake semen").mentions
    assert mention.doubtful
    assert mention.food is not None
    assert "salmon" in mention.food.name
    assert "semen" not in mention.name


@pytest.mark.parametrize(
    "said",
    [
        "I had a great day", "I had a good time with my friends", "one try", "what about you",
        "I got a haircut", "set my goal to two thousand calories", "I weigh 80 kilos", "I walked two miles",
        "I slept eight hours", "I had a meeting with my boss", "I had a headache",
        "we had dinner at a restaurant", "I'm pregnant", "I had lunch with Tom", "I took my vitamins",
        "I ate too much", "I ate out", "I had my usual", "it was delicious", "tell me a joke",
        "what is the capital of France", "purple monkey dishwasher", "that's all for today", "good morning",
        "I'm feeling tired", "undo that", "how much protein is left", "um", "no thanks", "nothing",
        "I don't remember", "let me think", "I lost two pounds this week", "my cat sleeps all day",
        "half of it", "a large one",
    ],
)  # fmt: skip
def test_talk_is_no_food(said: str) -> None:
    assert parse(said, expecting=True).mentions == ()


@pytest.mark.parametrize(
    "said",
    [
        "I want pizza tonight", "I love pizza", "is pizza bad for me", "should I have pizza", "I'm going to have pizza",
        "do you like pizza", "how about a pizza", "I was going to have pizza", "how many calories are in a pizza",
        "I would love some pizza", "what's in a pizza",
    ],
)  # fmt: skip
def test_what_is_only_talked_about_is_not_eaten(said: str) -> None:
    [mention] = parse(said, expecting=True).mentions
    assert mention.planned


@pytest.mark.parametrize(
    "said",
    [
        "can you add a pizza", "I'd like to log a pizza", "I wanted to say I had a pizza", "I'm having a pizza",
        "I was going to cook but I had a pizza",
    ],
)  # fmt: skip
def test_what_is_told_politely_is_eaten_all_the_same(said: str) -> None:
    assert eaten(said) == ["1 pizza"]
