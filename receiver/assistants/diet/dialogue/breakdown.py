"""The day by its meals: "give me the breakdown", "which meal had the most calories?"."""

from __future__ import annotations

from receiver.assistants.diet.dialogue import phrases
from receiver.assistants.diet.dialogue.goals import FIGURE_OF
from receiver.assistants.diet.dialogue.intents import Phrases
from receiver.assistants.diet.dialogue.turn import Turn
from receiver.assistants.diet.diary import MEAL_ORDER
from receiver.assistants.diet.items import totals_of

_BY_MEAL = Phrases(
    """
    (break down|breakdown) ...|(break (it|that|everything|my day) down) ...|(by|per|each|every) (meal|meals)
    (which|what) meal (had|has|was|is)|meal by meal
    """
)


def by_meal(turn: Turn) -> str | None:
    if not _BY_MEAL.within(turn.said) or any(not mention.planned for mention in turn.eaten):
        return None
    turn.show(turn.date)
    named = [FIGURE_OF[word] for word in turn.said.split() if word in FIGURE_OF]
    figure = named[0] if named else "kcal"
    said = []
    for meal in MEAL_ORDER:
        items = [item for item in turn.items if item["meal"] == meal]
        if items:
            had = phrases.say_figure(figure, totals_of(items).model_dump()[figure])
            said.append(f"{phrases.say_meal(meal)} about {had}")
    if not said:
        return f"Nothing is written down {turn.day()} yet. {turn.ask_again()}"
    return f"{phrases.sentence(phrases.join(said))} {turn.day()}.{phrases.uncounted(turn.items)}"
