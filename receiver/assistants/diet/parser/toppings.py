"""How much of what goes on or into something else: butter on toast, milk in coffee, sugar, sauces."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.drafts import Draft
from receiver.assistants.diet.parser.tokens import word_set
from receiver.nutrition.foods import Food

_DRINKS = word_set(
    "coffee coffees tea teas latte cappuccino espresso americano macchiato mocha chai decaf brew cortado cuppa "
    "flat cocoa"
)
_CEREALS = word_set(
    "cereal granola muesli flakes cornflakes oatmeal porridge oats cheerios krispies bran wheats bites "
    "loops charms crunch shreddies weetabix puffs toasties grits"
)
_SPREAD_EACH = word_set(
    "toast bread bagel bagels muffin muffins roll rolls bun buns croissant croissants crumpet crumpets scone scones "
    "slice rye sourdough teacake teacakes biscuit biscuits"
)
"""Each piece of these is spread; one helping of salsa does for all tacos."""

_MILKS = word_set("milk")
_CREAMS = word_set("cream creamer half")
_SWEET = word_set("sugar sweetener stevia splenda")
_FATS = word_set("butter margarine ghee")
_SPREAD = word_set("jam jelly marmalade honey nutella marmite vegemite spread mayo mayonnaise hummus pesto")
_SPREADS = word_set(
    "jam jelly marmalade honey syrup nutella mayo mayonnaise ketchup mustard relish salsa hummus "
    "guacamole guac dressing ranch vinaigrette gravy sauce oil vinegar pesto marmite vegemite sriracha "
    "tahini aioli tzatziki spread lemon cheese lettuce onion onions pickles pickle salt pepper cinnamon "
    "parmesan feta nuts seeds raisins croutons sprinkles creamer cream butter milk sugar margarine "
    "tomato tomatoes bacon toppings topping chives herbs garlic jalapenos olives wasabi teriyaki "
    "chutney horseradish"
)

_HALF_A_CUP = 0.5


def is_topping(food: Food | None) -> bool:
    """Whether a food is had on or in others more than by itself."""
    return food is not None and food.name.split()[-1] in _SPREADS and "ice" not in _words_of(food)


def measure_toppings(drafts: Sequence[Draft]) -> None:
    """Give what goes with another food and came without an amount the amount that one takes of it."""
    host: Draft | None = None
    topped = False
    for index, draft in enumerate(drafts):
        topped = (host is not None and draft.link in ("with", "on", "in")) or (
            topped and draft.link in ("and", ",") and is_topping(draft.food)
        )
        if draft.food is None or draft.denied:
            continue
        after = drafts[index + 1] if index + 1 < len(drafts) else None
        if _is_under(draft, after):
            assert after is not None
            _measure(draft, after)
        elif topped and host is not None and host is not draft:
            _measure(draft, host)
        elif _is_bare_measure(draft):
            draft.unit = _unit(draft.food, ())
        if not (topped and is_topping(draft.food)):
            host = draft


def _is_under(draft: Draft, after: Draft | None) -> bool:
    """ "Butter on toast": the second food carries the first."""
    if after is None or after.link not in ("on", "in") or not is_topping(draft.food) or draft.food is None:
        return False
    return not is_topping(after.food)


def _is_bare_measure(draft: Draft) -> bool:
    """ "Two sugars"."""
    assert draft.food is not None
    return (
        draft.quantity is not None
        and draft.unit is None
        and "" not in draft.food.portions
        and bool(_words_of(draft.food) & (_SWEET | _FATS | _CREAMS))
        and _unit(draft.food, ()) in draft.food.portions
    )


def _measure(draft: Draft, host: Draft) -> None:
    food = draft.food
    assert food is not None
    if draft.unit is not None or (draft.quantity is not None and "" in food.portions):
        return
    words = _words_of(food)
    carrier = frozenset(host.said) | (_words_of(host.food) if host.food else frozenset())
    if words & _MILKS and not words & {"chocolate", "shake"}:
        if carrier & _CEREALS and draft.quantity is None:
            draft.quantity, draft.unit = _HALF_A_CUP, "cup"
        elif carrier & _DRINKS:
            draft.quantity, draft.unit = (draft.quantity or 1.0) * _portions(host, carrier), "splash"
        return
    unit = _unit(food, carrier)
    if unit is None:
        return
    if draft.quantity is None:
        spread = carrier & _DRINKS or words & (_FATS | _SPREAD)
        draft.quantity = _portions(host, carrier) if spread else 1.0
    if _is_spread_on_bread(draft, host, carrier) and "tablespoon" in food.portions:
        unit = "tablespoon"
    draft.unit = unit


def _is_spread_on_bread(draft: Draft, host: Draft, carrier: frozenset[str]) -> bool:
    """Whether it is spread on slices, of which each takes less than one has of it otherwise."""
    assert draft.food is not None
    spread = draft.food.name.endswith(_NUT_BUTTERS) or _words_of(draft.food) & _SWEET_SPREADS
    return bool(spread) and (host.unit == "slice" or bool(carrier & _SLICED))


_NUT_BUTTERS = ("peanut butter", "almond butter", "cashew butter", "nut butter")
_SWEET_SPREADS = word_set("nutella jam jelly marmalade")
_SLICED = word_set("toast bread rye sourdough")


def _unit(food: Food, carrier: frozenset[str] | tuple[()]) -> str | None:
    """What one has of a topping; None where its usual portion is right."""
    words = _words_of(food)
    head = food.name.split()[-1]
    drink = bool(carrier) and bool(frozenset(carrier) & _DRINKS)
    if head in _SWEET or (drink and words & {"honey", "syrup"}):
        return "teaspoon"
    if head in _FATS and not words & {"peanut", "almond", "nut", "cashew", "apple", "cookie"}:
        return "pat" if "pat" in food.portions else "teaspoon"
    if drink and (words & _CREAMS):
        return "tablespoon"
    if not is_topping(food):
        return None
    usual = food.usual_unit
    if usual in ("cup", "bowl", "glass", "serving", "can", "bottle") and not carrier:
        return None
    if usual in ("tablespoon", "teaspoon", "serving", "pat", "bag", "dollop", "squirt", "drizzle", "sachet"):
        return usual
    for unit in ("slice", "tablespoon", "teaspoon"):
        if head in ("cheese", "tomato", "onion") and unit == "slice" and "slice" in food.portions:
            return "slice"
        if unit != "slice" and unit in food.portions and usual not in ("slice", "", "strip"):
            return unit
    return None


def _portions(host: Draft, carrier: frozenset[str]) -> float:
    """Two slices of toast take two portions of butter; four eggs take one of cheese."""
    quantity = host.quantity
    if quantity is None or quantity != int(quantity) or not 1 <= quantity <= 4:
        return 1.0
    fits = host.unit in (None, "slice", "piece", "cup", "mug", "small", "medium", "large")
    return quantity if fits and carrier & (_SPREAD_EACH | _DRINKS) else 1.0


def _words_of(food: Food) -> frozenset[str]:
    return frozenset(food.name.split())
