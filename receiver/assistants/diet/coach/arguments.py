"""What each of the coach's tools takes. The docstrings and descriptions are what a language model reads."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from protocol.diary import Meal
from receiver.assistants.diet.diary import MAX_FOOD_CHARS
from receiver.assistants.diet.parser.numbers import MAX_QUANTITY

MAX_FOODS = 30
"""In one call; a longer list is a model that repeats itself."""

_DAY = "'today', 'yesterday' or a date as YYYY-MM-DD. Left out: today."
_QUANTITY = "How many of the unit. Leave it out if it was not said."
_UNIT = (
    "What the quantity counts, such as slice, cup, bowl, glass, gram, ounce, tablespoon, serving, or small, medium "
    "or large; empty for pieces. Leave it out if it was not said."
)


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=200)

    tool: ClassVar[str]
    changes: ClassVar[bool] = True


class EatenFood(Arguments):
    food: str = Field(
        min_length=1, max_length=MAX_FOOD_CHARS,
        description="One food or drink as the person named it, in English, without its amount.",
    )  # fmt: skip
    quantity: float | None = Field(None, gt=0, le=MAX_QUANTITY, description=_QUANTITY)
    unit: str | None = Field(None, description=_UNIT)
    meal: Meal | None = Field(
        None, description="Left out: the meal that was asked about, else that of the hour."
    )
    day: str | None = Field(None, description=_DAY)


class LogFood(Arguments):
    """Write down foods and drinks that the person has had. Answers with their figures and the day's totals."""

    tool = "log_food"
    foods: list[EatenFood] = Field(min_length=1, max_length=MAX_FOODS, description="Each food by itself.")


class EditItem(Arguments):
    """Change an item of the diary: only what is given changes. Its figures are looked up anew."""

    tool = "edit_item"
    item: str = Field(description="The item's id, such as item-3.")
    food: str | None = Field(None, min_length=1, max_length=MAX_FOOD_CHARS, description="What it really was.")
    like: str | None = Field(
        None, min_length=1, max_length=MAX_FOOD_CHARS,
        description="For an item without figures: a known food that it is most like. Its name stays.",
    )  # fmt: skip
    quantity: float | None = Field(None, gt=0, le=MAX_QUANTITY, description="The right number of the unit.")
    unit: str | None = Field(
        None, description="The right unit, such as slice, cup or gram; empty for pieces."
    )
    meal: Meal | None = Field(None, description="The meal that it belongs to.")
    day: str | None = Field(None, description="The day that it belongs to: " + _DAY.partition(" Left")[0])


class RemoveItem(Arguments):
    """Take items out of the diary that were not eaten."""

    tool = "remove_item"
    items: list[str] = Field(min_length=1, max_length=200, description="Their ids, such as item-3.")


class UndoLastChange(Arguments):
    """Take back everything that the turn before changed in the diary."""

    tool = "undo_last_change"


class FinishMeal(Arguments):
    """Note that a meal of today is complete or was skipped, so that it is not asked about again."""

    tool = "finish_meal"
    meal: Meal = Field(description="The meal.")


class ReadDay(Arguments):
    """Read what is written down for a day: items with ids and figures, totals, goal and what is left of it."""

    tool = "read_day"
    changes = False
    day: str | None = Field(None, description=_DAY)


class LookUpFood(Arguments):
    """Look up the calories and nutrients of an amount of a food, without writing it down."""

    tool = "look_up_food"
    changes = False
    food: str = Field(min_length=1, max_length=MAX_FOOD_CHARS, description="One food, without its amount.")
    quantity: float | None = Field(None, gt=0, le=MAX_QUANTITY, description=_QUANTITY)
    unit: str | None = Field(None, description=_UNIT)


class SetGoal(Arguments):
    """Set what the person aims at in a day. It replaces the goal; without any figure there is none any more."""

    tool = "set_goal"
    kcal: float | None = Field(None, description="Calories a day.")
    protein_g: float | None = Field(None, description="Grams of protein a day.")
    carbs_g: float | None = Field(None, description="Grams of carbohydrate a day.")
    fat_g: float | None = Field(None, description="Grams of fat a day.")
