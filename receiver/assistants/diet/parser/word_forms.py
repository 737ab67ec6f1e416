"""One form for the forms of a word, so that names match as they are said, heard and spelt."""

from __future__ import annotations

from functools import lru_cache

_SPELLINGS = {
    "doughnut": "donut", "yoghurt": "yogurt", "yogourt": "yogurt", "omelette": "omelet", "chilli": "chili",
    "chile": "chili", "lasagne": "lasagna", "houmous": "hummus", "humus": "hummus", "hommus": "hummus",
    "ketsup": "ketchup", "catsup": "ketchup", "mayonaise": "mayonnaise", "expresso": "espresso",
    "cappucino": "cappuccino", "tomatoe": "tomato", "potatoe": "potato", "brocolli": "broccoli",
    "sherbert": "sherbet", "bbq": "barbecue", "barbeque": "barbecue", "barbequed": "barbecue",
    "barbecued": "barbecue", "wholemeal": "wholewheat", "n": "and", "&": "and", "geese": "goose",
    "grey": "gray", "iced": "ice", "flavoured": "flavored", "fibre": "fiber",
    "parmesean": "parmesan",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What the forms of a word have in common: "baked" and "bake", "berries" and "berry", "yoghurt" and "yogurt".

    Not a word itself: for comparing only.
    """
    word = _SPELLINGS.get(word, word)
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
        word = _SPELLINGS.get(word, word)
    if len(word) > 4 and word.endswith("ed") and word[-3] not in "ae":
        word = word[:-2]
    elif len(word) > 3 and word.endswith("e"):
        return word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouy":
        word = word[:-1]
    if len(word) > 3 and word.endswith("y"):
        word = word[:-1] + "i"
    if len(word) > 3 and word.endswith("v"):
        word = word[:-1] + "f"
    return word
