"""What has been said of a food before the food itself: "a thick slice of my mother's ..."."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from receiver.assistants.diet.parser.toppings import is_topping
from receiver.nutrition.foods import Food
from receiver.nutrition.units import SIZES


@dataclass(slots=True)
class Waiting:
    quantity: float | None = None
    article: bool = False
    """The quantity is only an "a"."""
    each: float | None = None
    """How many of the quantity: "two 12 ounce cans"."""
    unit: str | None = None
    ahead: bool = False
    """The unit is of what follows: "a can of"."""
    size: str | None = None
    kind: list[str] = field(default_factory=list)
    """Words of what kind it is, `strange` ones among them."""
    kind_at: int = 0
    strange: list[str] = field(default_factory=list)
    """Words that are not known: a kind of the food that follows, or a food themselves."""
    brand: Sequence[str] = ()

    def amount(self) -> tuple[float | None, str | None, bool]:
        """Quantity, unit, and whether the quantity is no more than an article."""
        quantity = self.quantity
        if self.each is not None and quantity is not None:
            quantity *= self.each
        unit = self.unit or self.size
        return quantity, unit, self.article and unit is None

    def amount_of(self, food: Food) -> tuple[float | None, str | None, bool]:
        """The same, of this food: "a little milk" is as much as one takes."""
        quantity, unit, article = self.amount()
        if unit == "glass" and self.size in food.portions:
            return quantity, self.size, False  # "A large glass of wine".
        if unit in SIZES and not _has_size(food, unit):
            return (None if self.article else quantity), None, False
        return quantity, unit, article


def _has_size(food: Food, size: str) -> bool:
    if "" in food.portions:
        return True
    return not is_topping(food) and (bool(food.plural) or size in food.portions)
