"""Words that the diet assistant knows besides the names of foods and units."""

from __future__ import annotations

from protocol.diary import Meal


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEALS: dict[str, Meal] = {
    "breakfast": "breakfast", "brunch": "lunch", "lunch": "lunch", "lunchtime": "lunch", "dinner": "dinner",
    "supper": "dinner", "dessert": "dinner", "snack": "snack", "snacks": "snack", "snacked": "snack",
}  # fmt: skip

SEPARATORS = frozenset(
    {",", ".", ";", "!", "?", "and", "&", "with", "plus", "then", "also", "or", "but", "along", "followed"}
)

NEGATIONS = _words(
    "no not without didn't don't never skipped skip haven't hadn't wasn't couldn't none nothing"
)

ATE = _words("had ate eaten eat drank drunk drink grabbed finished devoured consumed log add")
"""Words that say that what follows is food, known or not."""

CLAUSE = _words(
    "is are was were be been do does did can could will would should have has think know tell want need like "
    "what what's how how's why who when where which you your it's that's there's we're i'll he she they work "
    "going nope nah bye goodbye great perfect nice cool please hello hi hey thanks thank sorry"
)
"""Words that make a sentence about something else than a bare list of foods."""

PREPARED = _words(
    "black plain scrambled fried boiled poached grilled baked roasted toasted steamed raw fresh frozen cold hot "
    "iced warm homemade leftover large small medium big little sliced chopped mashed smoked sweetened "
    "unsweetened organic skinless buttered cooked mixed straight neat decaf whole plain too"
)
"""Said after a food, these say how it was, not that there was another."""

FILLERS = CLAUSE | ATE | _words(
    "i i've i'm i'd we my me a an the of to for at in on from by as some any um uh er erm hmm well so just "
    "maybe probably about around roughly like kind sort actually okay ok yes yeah yep yup sure right this that "
    "it its these those them there here today yesterday tonight morning afternoon evening night noon later "
    "earlier early late before after again only really very quite pretty lot lots bunch "
    "more another extra other else little bit having eating drinking got get took made make cooked "
    "ordered bought tried think guess believe mean let's see us out up down over off while during meal food "
    "foods meals drank down wolfed gulped snacking too oh ah now time o'clock am pm both all along "
    "remove delete erase cross rid undo scratch change meant instead correction wait oops mind followed "
    "side top inside usual day"
)  # fmt: skip
"""Never part of a food's name."""

COMPOUND_HEADS = frozenset(
    {
        "sandwich", "salad", "soup", "pie", "cake", "pizza", "bread", "burrito", "juice", "smoothie", "chicken curry",
        "omelet", "muffin", "pancake", "pasta", "taco", "quesadilla", "cookie", "yogurt", "cereal", "tea",
        "sushi", "milk", "ice cream", "granola", "potato chips", "salad dressing", "sausage", "hamburger",
    }
)  # fmt: skip
"""Foods that take the name of another before them: "banana bread" is one food, "toast coffee" is two."""

DRINKS_WITH_A_SPLASH = frozenset({"coffee", "tea", "latte", "cappuccino"})
SPLASHES = frozenset({"milk", "whole milk", "skim milk", "almond milk", "soy milk", "oat milk", "cream"})
"""After "coffee with", these are a splash and no glass."""
