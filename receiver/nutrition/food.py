"""What is known of one food."""

from __future__ import annotations

from dataclasses import dataclass

TABLE_COLUMNS = (
    "name", "plural", "aliases", "fdc_id", "usda", "kcal", "protein_g", "carbs_g", "fat_g", "portions",
)  # fmt: skip
"""Of `foods.tsv`. Aliases are joined by ", ", portions by a blank, as "unit=grams"; a blank in a unit is "_"."""


@dataclass(frozen=True, slots=True)
class Food:
    name: str
    plural: str
    """Empty for what is not counted in pieces: "rice"."""
    aliases: tuple[str, ...]
    kcal: float
    protein_g: float
    carbs_g: float
    fat_g: float
    """These four in 100 g."""
    portions: dict[str, float]
    """Grams of one of each unit; the unit "" is a piece. The first is meant when none is said."""
    fdc_id: int
    """In FoodData Central; of a mix, that of its greatest part."""
    usda: str
    """The FNDDS description, or a mix of them: "0.5*2706349 Fish, NFS, fried + 0.5*...", parts of a gram."""

    @property
    def usual_unit(self) -> str:
        return next(iter(self.portions))
