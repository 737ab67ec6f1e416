"""Words that say what is talked about, and words that say nothing of it."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SURROUNDINGS: dict[str, frozenset[str]] = {
    "food": _words(
        "had ate eat eats eaten eating drank drink drinking breakfast lunch dinner supper brunch snack snacks dessert "
        "calories plate bowl cup glass slice slices piece pieces handful log"
    ),
    "assistant": _words(
        "my add remind show send set put create make made open delete remove cancel mark move push turn today tomorrow "
        "yesterday week monday tuesday wednesday thursday friday"
    ),
    "bank": _words(
        "my bank account accounts card money dollars euros pounds pay paid spend spent send move open check month"
    ),
}
"""Of each of our lists: where one of these is said, or another phrase of one word, its phrases are likely."""

SMALL_WORDS = _words(
    "a an the of with and or for in on at to from by up out off over under about into my your his her its our their "
    "i you he she it we they me him us them i'm i've i'll it's is am are was were be been being do does did has have "
    "had not no don't didn't will would can could shall should may might must this that these those there here what "
    "which who whom whose when where why how if then than so but as just also too very some any all each every yes "
    "please ok okay oh um uh well now today one two three four five six seven eight nine ten"
)
"""What was said where one of these was heard, unless it is a word of the phrase."""
