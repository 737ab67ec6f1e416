import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.tts.speakable import speakable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Great**, two eggs!", "Great, two eggs!"),
        (
            "That is *really* good, _very_ good, ~~not~~ `so` good.",
            "That is really good, very good, not so good.",
        ),
        ("***Both*** and **one _in_ the other**", "Both and one in the other"),
        ("# Breakfast\n- eggs\n* toast\n> and tea", "Breakfast eggs toast and tea"),
        ("Lunch:\n---\nrice", "Lunch: rice"),
        ("```json\nrice\n```", "rice"),
        ("See [the list](https://example.com/a?b=c) and ![a picture](x.png).", "See the list and a picture."),
        ("<b>Rice</b><br/>and beans", "Rice and beans"),
        ("Well done 🎉!", "Well done!"),
        ("Well done 👍🏽👩‍🍳🇺🇸 keep going ❤️", "Well done keep going"),
        ("1️⃣ eggs", "1 eggs"),
        ("eggs\x00and\u200btoast\ttea", "eggs andtoast tea"),
        ("🥚", ""),
        ("...", ""),
        ("", ""),
    ],
)
def test_what_is_for_the_eye_alone_is_left_out(text, spoken):
    assert speakable(text) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 is 24, and 5 < 6 > 4.",
        "It is 20 °C; that's 50 % of 1,200 kcal & more.",
        "The file my_meal_list has £3.50 + $2 in it.",
        "Crème brûlée, naïve café, 寿司!",
        "Did you mean 1/2 cup (120 ml) - or a whole one?",
        "[One] of {two} at 7:30?",
    ],
)
def test_what_can_be_read_aloud_stays_as_it_is(text):
    assert speakable(text) == text


@given(st.text(alphabet=st.sampled_from("ab *_~`#<>[]()!-\n🥚\u200d"), max_size=60))
def test_cleaning_twice_changes_no_letter(text):
    once = speakable(text)
    assert "🥚" not in once
    assert "\n" not in once
    assert (
        [c for c in speakable(once) if c.isalnum()] == [c for c in once if c.isalnum()]
        or "<" in text
        or "(" in text
    )
