"""Words that the parser knows besides the names of foods, units, numbers and times."""

from __future__ import annotations

from protocol.diary import Meal
from receiver.assistants.diet.parser.tokens import word_set

MEALS: dict[str, Meal] = {
    "breakfast": "breakfast", "brekkie": "breakfast", "brunch": "lunch", "lunch": "lunch", "lunchtime":
    "lunch", "luncheon": "lunch", "afters": "dinner", "dinner": "dinner", "dinnertime": "dinner", "supper": "dinner",
    "suppertime": "dinner", "dessert": "dinner", "snack": "snack", "snacks": "snack", "elevenses":
    "snack", "breakfasted": "breakfast", "lunched": "lunch", "dined": "dinner", "snacked": "snack",
    "snacking": "snack",
}  # fmt: skip

SENTENCE_ENDS = frozenset(".;!?")

JOINERS = word_set("and & plus or then also nor as")
"""Between two foods, without saying how they belong together. "As well as", "as also"."""

LINKS = {
    "with": "with", "on": "on", "in": "in", "into": "in", "over": "on", "topped": "with", "atop": "on",
    "alongside": "with", "containing": "with", "covered": "with", "dipped": "with", "drizzled": "with",
    "smothered": "with", "spread": "with", "stuffed": "with", "filled": "with", "served": "with",
    "accompanied": "with", "inside": "in", "including": "with", "w": "with",
}  # fmt: skip
"""What follows goes with what was said before: the butter on the toast."""

WITHOUT = word_set("without minus sans hold lacking zero no")
"""What follows is not in what was said before: "coffee without sugar", "hold the mayo"."""

NOT = word_set(
    "not didn't don't never skipped skip skipping haven't hadn't wasn't couldn't nothing none isn't "
    "doesn't nor neither passed refused avoided weren't"
)
"""What follows was not eaten."""

ENDS_NOT = word_set("but just only instead except though although however still")
"""After these, what follows was eaten again: "I didn't have toast but eggs"."""

ATE = word_set(
    "had ate eaten eat eating drank drunk drink drinking grabbed finished devoured consumed log add "
    "record track enter snacked munched nibbled sipped gulped chugged wolfed scarfed polished inhaled "
    "downed ordered made cooked prepared having put include breakfasted lunched dined fixed whipped nuked "
    "picked bought got enjoyed shared split note"
)
"""Words that say that what follows is food, known or not."""

TALK = word_set(
    "is are were be been do does did can could will would should think know tell want need what what's "
    "how how's why who when where which you your you're it's that's there's we're she they work going "
    "nope nah bye goodbye great perfect nice cool please hello hi hey thanks thank sorry set goal change "
    "remind show help calories calorie kcal protein carbs carb carbohydrates macros target limit weight "
    "weigh lose gain diet diary remove delete undo erase"
)
"""Words that make a sentence about something else than a bare list of foods."""

QUESTION = word_set(
    "what what's how how's why who when where which whose does do can could should would is are will"
)
"""A sentence that begins with one of these asks; only known foods are taken from it."""

PREPARED = word_set(
    "chinese mexican italian thai indian greek french japanese korean american english vietnamese cajun southern "
    "black plain scrambled fried boiled poached grilled baked roasted toasted steamed raw fresh frozen "
    "cold hot iced warm homemade leftover leftovers sliced chopped mashed smoked sweetened unsweetened "
    "organic skinless buttered cooked mixed straight neat decaf whole diced shredded crushed ground "
    "minced braised broiled barbecued seared sauteed stewed blackened breaded battered crispy crunchy "
    "creamy spicy sweet salted unsalted roast bbq barbecue lean extra nonfat lowfat fatty reduced light "
    "lite low fat sugarless seasoned marinated microwaved peeled pitted dried dry ripe boneless "
    "rotisserie caramelized candied glazed pickled canned tinned thin thick cut wild farmed natural "
    "instant regular rare medium done runny soft hard over easy sunny flavored flavoured style free range "
    "gluten vegan vegetarian vegetable dairy caffeine lactose authentic famous traditional wholegrain "
    "wholewheat multigrain wheat grain rye sourdough white brown wholemeal granary seeded size fun "
    "chilled heated reheated melted strong weak milky skinny bitter sour deep pan air stir slow double "
    "single triple quick mini baby jumbo king bite sized heaped heaping level generous full loaded"
)
"""Said around a food, these say how it was, not that there was another."""

PRAISE = word_set(
    "great good nice delicious tasty yummy amazing lovely wonderful fantastic awesome healthy unhealthy "
    "bad terrible huge tiny big little large small quick simple light heavy filling decent proper typical "
    "normal standard average favorite favourite favorites usual random classic fancy cheap gorgeous "
    "greasy whole different special certain massive ginormous sad stale horrible gross nasty perfect "
    "beautiful humble sneaky cheeky naughty cute"
)
"""Never part of a food's name, even of one that is not known."""

SIZES = {
    "small": "small", "little": "small", "tiny": "small", "mini": "small", "short": "small", "tall":
    "small", "medium": "medium", "regular": "medium", "normal": "medium", "average": "medium", "grande":
    "medium", "mid": "medium", "large": "large", "big": "large", "huge": "large", "giant": "large",
    "venti": "large", "jumbo": "large", "massive": "large", "enormous": "large",
}  # fmt: skip

VAGUE_UNITS = {
    "dollop": "tablespoon", "smear": "tablespoon", "knob": "pat", "dab": "teaspoon", "dash": "splash",
    "drop": "splash", "drops": "splash", "touch": "splash", "sprinkle": "teaspoon", "sprinkling":
    "teaspoon", "pinch": "teaspoon", "squirt": "tablespoon", "squeeze": "tablespoon", "schmear":
    "tablespoon", "nip": "splash", "blob": "tablespoon", "swirl": "tablespoon", "spritz": "teaspoon",
    "bunch": "", "bit": "", "bits": "", "lot": "", "lots": "", "amount": "", "load": "", "loads": "",
    "ton": "", "tons": "", "side": "", "kind": "", "sort": "", "type": "", "rest": "", "little": "",
    "plenty": "", "some": "", "heap": "", "heaps": "", "combo": "", "mix": "", "pump": "teaspoon",
    "pumps": "teaspoon", "mound":
    "", "pile": "",
}  # fmt: skip
"""Measures of no certain size: what comes nearest, and "" for as much as one usually has. Only before "of"."""

FILLERS = word_set(
    "near outside before after by during until because when while watching once twice thrice "
    "i i've i'm i'd i'll we we've me my mine our us a an the of to for at from by some any um uh er erm "
    "hmm hm mm well so maybe probably about around roughly like kind sort actually okay ok yes yeah yep "
    "yup sure right this that those these it its them there here again really very quite pretty lot lots "
    "bunch more another other else bit get take took make tried try guess reckon believe mean meant let's let "
    "see out up down off while during food foods meals eventually oh ah now all both along correction "
    "wait oops followed top usual enough too also approximately almost nearly exactly honestly basically "
    "literally obviously definitely certainly just only still even already yet ended ending he his her "
    "him their whichever worth total suppose supposed apparently essentially mostly mainly perhaps lemme "
    "gonna was think have has had's did one's ones each per every least most side sides afterwards "
    "afterward alright much many same such than then must may might shall until being either neither onto "
    "upon somewhat quickly slowly together kinda sorta started start finishing finish went go gone came "
    "come because since if everything bite bites something somewhere somehow anyway anyways though simple "
    "simply yo man dude figure figured remember recall say said called known"
) | ATE | PRAISE  # fmt: skip
"""Never part of a food's name."""

COMPOUND_HEADS = word_set(
    "sandwich salad soup pie cake pizza bread burrito juice smoothie curry omelet omelette muffin pancake "
    "pancakes pasta taco tacos quesadilla cookie cookies yogurt yoghurt sushi hamburger burger wrap sub "
    "panini roll stew casserole shake milkshake lasagna risotto pudding tart sauce bar bars dip "
    "kebab chili ramen enchilada enchiladas fajita fajitas flatbread waffle waffles crepe cheesecake "
    "sorbet gelato chowder broth hash fritters dumplings patty cutlet nuggets tenders meatballs latte "
    "mocha frappe lemonade sausage sausages bowl toastie melt sliders hotpot skewers jam jelly"
)
"""Last words of foods that take the name of another before them: "banana bread" is one food, "toast coffee" two."""

RICHER_HEADS = word_set(
    "butter water oil cream milk fruit sauce root bean flour seed leaf powder paste extract nut"
)
"""After a word that is not known, these are likely something else altogether: "cashew butter" is no butter."""

NUMBER_SOUNDS = {
    "to": 2.0, "too": 2.0, "for": 4.0, "fore": 4.0, "ate": 8.0, "won": 1.0, "tree": 3.0, "sex": 6.0,
    "tin": 10.0, "nein": 9.0, "fife": 5.0, "tu": 2.0,
}  # fmt: skip
"""Words that sound like numbers."""

UNIT_SOUNDS = {
    "cap": "cup", "caps": "cup", "cub": "cup", "cop": "cup", "cut": "cup", "bole": "bowl", "boll": "bowl",
    "bow": "bowl", "bowel": "bowl", "bull": "bowl", "ball": "bowl", "peace": "piece", "peas": "piece", "class": "glass",
    "gloss": "glass", "grass": "glass", "plait": "plate", "played": "plate", "paint": "pint", "pine": "pint",
    "scope": "scoop", "scoot": "scoop", "slise": "slice", "sly": "slice", "lies": "slice", "cane": "can",
    "ken": "can",
    "mud": "mug", "muck": "mug", "battle": "bottle", "bottom": "bottle", "beg": "bag", "back": "bag",
    "handle": "handful",
    "honeful": "handful", "court": "quart", "porsche": "serving", "cubs": "cup", "slides": "slice", "peaces": "piece",
    "classes": "glass", "grands": "gram", "graham": "gram", "grahams": "gram", "grounds": "gram", "pounce": "ounce",
    "announces": "ounce", "once": "ounce",
}  # fmt: skip
"""Words that sound like units; only between a number and "of"."""

FOOD_SOUNDS = {
    "pair": "pear", "pare": "pear", "stake": "steak", "stakes": "steaks", "muscles": "mussels",
    "flower": "flour", "leak": "leek", "leaks": "leeks", "moose": "mousse", "beats": "beets", "current": "currant",
    "currents": "currants", "chilly": "chili", "carats": "carrots", "serial": "cereal", "bred": "bread",
    "meet": "meat", "bury": "berry", "buries": "berries", "plumb": "plum", "plumbs": "plums", "doe": "dough",
    "source": "sauce", "tee": "tea", "role": "roll",
    "roles": "rolls", "mints": "mince", "solomon": "salmon", "taste": "toast", "toes": "toast",
}  # fmt: skip
"""English words that sound just like foods; only where an amount stands before them and no food after."""

NOT_AFTER_NOT = word_set(
    "sure finish much really too very yet bad hungry only quite just know remember forget mind worry think"
)
"""After "not" and its like, these say that nothing is denied: "not sure", "don't forget"."""

NO_MEASURES = word_set(
    "percent inch inches mile miles dollar dollars bucks people times years year old calories calorie "
    "kcal cal kids guys minutes minute hours hour pm am days weeks months friends percenter"
)
"""A number of these is no amount of a food."""

PLACES = word_set(
    "at from to in into near outside before after by for during until because when while watching"
)
"""A word that is not known and comes after one of these is no food."""

TOPPED_BREADS = word_set("bread bun roll rye wheat sourdough baguette ciabatta pita toast brioche bap")
"""After "a sandwich on", the bread is counted already."""

FILLED = word_set(
    "sandwich wrap sub panini omelet omelette burrito quesadilla pizza soup smoothie pie roll toastie "
    "burger hamburger taco tacos sandwiches wraps burritos pizzas burgers stew curry salad pasta muffin "
    "melt pasty"
)
"""Foods that are named by what is in them: "a ham and cheese sandwich", "a pizza with pepperoni"."""

STATES = word_set(
    "i'm am feel feeling feels is are you're he's she's be being so very we're they're seem seems look looks get"
)
"""What is not known and comes after one of these is how somebody is: "I'm pregnant"."""
