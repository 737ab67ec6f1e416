"""What everyday foods hold, and what one of each weighs.

Figures are per 100 g of the food as eaten: U.S. Department of Agriculture, Agricultural Research Service,
FoodData Central (https://fdc.nal.usda.gov), Food and Nutrient Database for Dietary Studies, public domain.
Each line takes the FNDDS food that is nearest to what people mean by the word; "fish and chips" is half
fried fish, half fries. Weights of portions are FNDDS's where it has them, else the usual household measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


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

    @property
    def usual_unit(self) -> str:
        return next(iter(self.portions))


# name/plural | aliases | kcal, protein, carbohydrate, fat in 100 g | unit=grams ..., the usual one first
_TABLE = """\
egg/eggs | boiled egg, hard boiled egg, poached egg | 143 12.4 0.96 9.96 | =50 cup=135
fried egg/fried eggs | sunny side up egg | 192 11.56 0.9 15.81 | =55
scrambled egg/scrambled eggs | | 185 11.58 0.91 15 | =55 cup=135
omelet/omelets | omelette | 185 11.58 0.91 15 | =110
toast/ | white toast, toasted bread | 293 10.36 54.07 3.94 | slice=25 piece=25
whole wheat toast/ | wheat toast, whole grain toast, brown toast | 279 13.52 47.36 3.9 | slice=33 piece=33
bread/ | white bread | 267 9.43 49.2 3.59 | slice=28 piece=28
whole wheat bread/ | wheat bread, whole grain bread, brown bread | 254 12.3 43.1 3.55 | slice=36 piece=36
bagel/bagels | | 264 10.56 52.38 1.32 | =105
croissant/croissants | | 406 8.2 45.8 21 | =55
muffin/muffins | blueberry muffin | 375 4.49 53 16.07 | =113
english muffin/english muffins | | 227 8.87 44.17 1.69 | =58
tortilla/tortillas | | 262 6.95 47.01 5.42 | =44
pancake/pancakes | flapjack, hotcake | 282 7.41 35.32 12.07 | =50
waffle/waffles | | 309 7.42 48.39 9.49 | =75
french toast/ | | 273 10.36 32.34 11.38 | slice=65 piece=65
oatmeal/ | porridge, oats, overnight oats | 76 2.18 11.17 2.63 | cup=240 bowl=360
cereal/ | breakfast cereal | 381 6.88 78.46 4.44 | cup=35 bowl=50
corn flakes/ | cornflakes | 365 6.4 79.52 1.6 | cup=30 bowl=45
granola/ | muesli | 420 9.82 67.35 13.01 | cup=110 bowl=110 tablespoon=7
granola bar/granola bars | cereal bar | 471 10.1 64.4 19.8 | =43
protein bar/protein bars | | 363 14.15 69.63 3.11 | =65
white rice/ | rice, steamed rice | 129 2.67 27.99 0.28 | cup=158 bowl=237
brown rice/ | | 123 2.43 25.76 1.11 | cup=195 bowl=293
fried rice/ | egg fried rice | 174 3.84 32.5 3.19 | cup=198 bowl=297
quinoa/ | | 120 4.38 21.21 1.91 | cup=170 bowl=255
pasta/ | noodles, spaghetti, penne, macaroni, linguine | 157 5.76 30.68 0.92 | cup=140 bowl=280 plate=280
mac and cheese/ | macaroni and cheese, mac n cheese, mac & cheese | 223 8.68 23.08 10.5 | cup=230 bowl=345
lasagna/ | lasagne | 139 7.45 16.17 4.97 | piece=232 slice=232 cup=250
pizza/pizzas | cheese pizza, pepperoni pizza | 272 11.41 31.83 11 | slice=143 piece=143 =858
chicken/ | roast chicken, chicken thigh | 175 26.37 0.09 7.67 | serving=85 cup=135 piece=85 slice=30
chicken breast/chicken breasts | | 149 27.96 0 3.26 | =140 cup=135 slice=30
chicken nugget/chicken nuggets | nugget | 307 15.92 14.93 20.36 | =16
chicken wing/chicken wings | wing, buffalo wing | 257 23.42 0.6 18.04 | =35
chicken curry/ | curry | 107 6.48 6.54 6.48 | cup=240 bowl=360
turkey/ | | 139 28.81 0 2.06 | serving=85 slice=30 cup=135
steak/steaks | beef steak, sirloin, ribeye | 229 27 0 12.88 | =160
ground beef/ | minced beef, beef, mince | 261 25.55 0 16.82 | serving=85 cup=125
pork chop/pork chops | pork | 183 27.5 0 7.55 | =120
ham/ | | 117 19.04 1.58 3.87 | slice=28 serving=60
bacon/ | turkey bacon | 484 37.41 1.9 35.8 | slice=10 piece=10
sausage/sausages | sausage link | 325 18.53 1.42 27.25 | =50 slice=10
hot dog/hot dogs | hotdog, frankfurter | 310 11.7 2.89 28 | =57
hamburger/hamburgers | burger, beef burger | 288 17.51 20.68 14.38 | =180
cheeseburger/cheeseburgers | | 296 17.87 18.71 16.15 | =200
meatball/meatballs | | 186 18.02 0.15 12.02 | =28
salmon/ | grilled salmon, smoked salmon | 274 25.4 0.01 18.4 | serving=140 piece=140
tuna/ | canned tuna, tuna fish | 85 19 0.08 0.94 | serving=85 can=115 cup=135
fish/ | cod, tilapia, white fish, haddock | 208 23 0.01 12.39 | serving=90 piece=90
fish and chips/ | | 247 9.3 17.5 15.6 | serving=300
shrimp/ | prawn, prawns | 146 15.46 4.9 6.67 | =10 cup=135
sushi/ | sushi roll | 94 2.92 18.39 0.67 | serving=180 piece=30
tofu/ | bean curd | 61 7.17 1.18 3.69 | serving=85 cup=248 piece=85
beans/ | bean, black beans, kidney beans, baked beans | 189 8.34 23.78 7.08 | cup=180 serving=90
lentils/ | | 166 8.38 18.71 6.86 | cup=185 serving=92
hummus/ | houmous | 243 7.35 14.9 17.1 | tablespoon=15 serving=60
salad/salads | green salad, garden salad, side salad, house salad | 21 1.31 3.43 0.21 | bowl=170 cup=85 =85
caesar salad/caesar salads | | 77 4 7.49 3.41 | bowl=158 cup=79 =158
chicken salad/ | | 228 13.81 2.73 18.06 | cup=182 serving=91
coleslaw/ | slaw | 117 0.94 10.45 7.98 | cup=220 serving=110
sandwich/sandwiches | sub | 287 12.75 33.83 12.03 | =115
cheese sandwich/cheese sandwiches | | 297 12.46 31.89 13.29 | =102
grilled cheese/ | grilled cheese sandwich, toasted cheese sandwich | 343 11.03 28.09 20.78 | sandwich=116 =116
ham sandwich/ham sandwiches | ham and cheese sandwich | 187 12.94 25.58 3.66 | =115
turkey sandwich/turkey sandwiches | | 187 13.05 24.56 3.88 | =115
tuna sandwich/tuna sandwiches | tuna salad sandwich | 217 10.52 17.07 11.89 | =180
chicken sandwich/chicken sandwiches | | 281 12.17 27.48 13.46 | =140
peanut butter and jelly/ | peanut butter and jelly sandwich | 361 11.42 45.22 16.6 | =93
burrito/burritos | chicken burrito, beef burrito, bean burrito | 219 11.12 23.87 8.54 | =220
taco/tacos | | 246 15.31 15.62 13.56 | =100
quesadilla/quesadillas | | 316 13.36 28.62 16.21 | =140
nachos/ | | 265 7.6 23.85 15.85 | serving=250
french fries/ | fries, potato fries | 225 2.5 23.23 14.07 | serving=110 cup=60
potato/potatoes | baked potato, boiled potato, jacket potato | 126 1.87 20.45 4.25 | =150 cup=130
mashed potatoes/ | mashed potato | 114 2.15 17.6 4.07 | cup=250 serving=125
sweet potato/sweet potatoes | yam | 115 1.58 17.14 4.53 | =150 cup=250
soup/soups | vegetable soup | 49 3.51 6.09 1.3 | bowl=301 cup=241
chicken noodle soup/ | chicken soup | 53 3.84 6.21 1.4 | bowl=301 cup=241
tomato soup/ | | 34 0.63 7.65 0.33 | bowl=301 cup=241
chili/ | chilli, chili con carne | 118 9.8 10.25 4.33 | bowl=375 cup=250
broccoli/ | | 63 2.6 6.33 3 | cup=155 serving=78
carrot/carrots | baby carrots | 44 0.87 9.68 0.24 | =60 cup=122
corn/ | sweetcorn, corn on the cob | 88 2.23 13.93 3.74 | cup=165 =90
green peas/ | peas | 98 4.99 13.81 2.81 | cup=160 serving=80
green beans/ | | 55 1.51 5.74 2.93 | cup=125 serving=63
spinach/ | | 59 3.32 3.01 3.68 | cup=180 serving=90
tomato/tomatoes | cherry tomatoes | 20 0.82 4.04 0.31 | =123 slice=20 cup=180
cucumber/cucumbers | | 16 0.62 2.95 0.18 | cup=104 slice=7 =300
lettuce/ | | 20 0.92 3.69 0.1 | cup=47
mushroom/mushrooms | | 31 2.9 4.13 0.35 | =18 cup=70
avocado/avocados | | 160 2 8.53 14.66 | =150 slice=15 cup=150
apple/apples | | 61 0.17 14.8 0.15 | =200 slice=25 cup=125
banana/bananas | | 97 0.74 22.71 0.28 | =126 cup=150 slice=6
orange/oranges | tangerine, clementine, mandarin | 50 0.92 11.78 0.14 | =154 slice=15 cup=180
pear/pears | | 59 0.37 15.18 0.15 | =180 slice=25
peach/peaches | nectarine | 46 0.91 10.1 0.27 | =150 slice=20
grape/grapes | | 83 0.9 19.4 0.2 | cup=150 =7 handful=75
strawberry/strawberries | | 36 0.64 7.96 0.22 | cup=150 =18 handful=75
blueberry/blueberries | berries | 64 0.7 14.57 0.31 | cup=145 =2 handful=73
watermelon/ | | 30 0.61 7.55 0.15 | slice=280 cup=150
pineapple/ | | 60 0.46 14.09 0.21 | cup=165 slice=56
mango/mangoes | mangos | 60 0.82 14.98 0.38 | =210 cup=165 slice=25
raisins/ | | 299 3.3 79.32 0.25 | handful=40 cup=160
yogurt/yogurts | yoghurt, fruit yogurt | 94 6.67 10.22 2.87 | pot=170 cup=245 bowl=245
greek yogurt/ | greek yoghurt | 94 8.78 4.75 4.39 | pot=150 cup=245 bowl=245
cheese/ | cheddar, cheddar cheese, swiss cheese | 381 20.7 4.33 31.26 | slice=21 cup=113 stick=28 piece=21
string cheese/ | cheese stick, mozzarella, mozzarella stick | 296 23.7 4.44 20.4 | stick=28 slice=21 cup=113
cottage cheese/ | | 82 11 4.31 2.3 | cup=210 serving=105
cream cheese/ | | 343 5.79 4.56 33.49 | tablespoon=15
butter/ | margarine | 743 0.85 0.06 82.2 | tablespoon=14 teaspoon=5 pat=5
peanut butter/ | almond butter, nut butter | 598 22.21 22.31 51.36 | tablespoon=16 teaspoon=5
jam/ | jelly, strawberry jam, marmalade | 278 0.37 68.86 0.07 | tablespoon=20 teaspoon=7
honey/ | maple syrup, syrup | 304 0.3 82.4 0 | tablespoon=21 teaspoon=7
sugar/ | white sugar | 401 0 99.6 0.32 | teaspoon=4.2 cup=200 tablespoon=12.6 cube=2.3
ketchup/ | | 109 1.08 27.1 0.32 | tablespoon=17
mayonnaise/ | mayo | 680 0.96 0.57 74.85 | tablespoon=14
olive oil/ | oil | 900 0 0 100 | tablespoon=14 teaspoon=4.7
salad dressing/ | dressing, ranch, ranch dressing, vinaigrette | 430 1.32 5.9 44.54 | tablespoon=15
milk/ | cow's milk | 52 3.33 4.83 2.14 | glass=244 cup=244
whole milk/ | | 61 3.27 4.63 3.2 | glass=244 cup=244
skim milk/ | skimmed milk, nonfat milk, fat free milk | 34 3.43 4.92 0.08 | glass=244 cup=244
almond milk/ | | 20 0.54 1.53 1.21 | glass=244 cup=244
soy milk/ | soya milk | 53 3.41 5.22 2.05 | glass=244 cup=244
oat milk/ | | 45 0.66 5.37 2.33 | glass=244 cup=244
chocolate milk/ | | 83 3.17 10.34 3.39 | glass=248 cup=248
cream/ | half and half, coffee creamer, creamer | 131 3.13 4.3 11.5 | tablespoon=15 cup=242
coffee/coffees | black coffee, espresso, americano, decaf | 1 0.12 0 0.02 | cup=240
latte/lattes | cafe latte, caffe latte, flat white | 43 2.81 4.35 1.61 | cup=360
cappuccino/cappuccinos | | 27 1.71 2.75 0.99 | cup=360
tea/teas | black tea, green tea, herbal tea | 1 0 0.3 0 | cup=240
iced tea/iced teas | sweet tea | 45 0 10.8 0.22 | glass=248 bottle=496 can=372
hot chocolate/hot chocolates | cocoa | 72 1.82 13.9 1.04 | cup=240
orange juice/ | oj | 47 0.77 10.17 0.34 | glass=248 cup=248
apple juice/ | | 48 0.09 11.34 0.25 | glass=248 cup=248
juice/juices | fruit juice | 51 0.29 12.1 0.26 | glass=248 cup=248
smoothie/smoothies | fruit smoothie, banana smoothie | 66 2.32 11.98 1.1 | glass=324 cup=216
soda/sodas | cola, coke, pepsi, soft drink, sprite | 42 0 10.36 0.25 | can=372 glass=248 bottle=524
diet soda/diet sodas | diet coke, coke zero, diet cola | 2 0.11 0.29 0.03 | can=360 glass=240 bottle=507
water/ | tap water, sparkling water, mineral water | 0 0 0 0 | glass=240 cup=240 bottle=507
beer/beers | lager, ale, ipa | 43 0.46 3.55 0 | bottle=360 can=360 glass=360 pint=480
red wine/ | wine | 85 0.07 2.61 0 | glass=147 bottle=735
white wine/ | rose wine | 82 0.07 2.6 0 | glass=147 bottle=735
ice cream/ | gelato, vanilla ice cream | 221 3.57 26.36 11.3 | scoop=65 cup=135 bowl=200 =65
cookie/cookies | biscuit, chocolate chip cookie | 492 5.1 65.36 24.72 | =30
brownie/brownies | | 405 4.8 63.9 16.3 | =50
doughnut/doughnuts | donut | 426 5.52 49.52 22.86 | =75
cake/cakes | chocolate cake, birthday cake | 352 2.84 53.6 14.77 | slice=100 piece=100
pie/pies | apple pie | 296 2.7 37.55 15.28 | slice=150 piece=150
chocolate/ | milk chocolate, chocolate bar, dark chocolate | 535 7.65 59.4 29.66 | bar=44 piece=8 square=8
candy/ | sweets, gummy bears | 429 1.95 86.62 8.26 | serving=40 piece=5
almond/almonds | | 598 20.96 21.01 52.54 | handful=28 =1.2 cup=140
peanuts/ | | 587 24.35 21.26 49.66 | handful=28 cup=145
nuts/ | mixed nuts, cashews, walnuts, pecans, trail mix | 610 19.59 20.9 53.82 | handful=28 cup=140
potato chips/ | chips, crisps, potato crisps | 532 6.39 53.83 33.98 | bag=28 handful=28 cup=25
popcorn/ | | 518 9.13 54.99 30.57 | cup=11 bag=80 bowl=33
pretzels/ | | 384 10.04 80.39 2.93 | handful=28 cup=40
cracker/crackers | | 510 6.64 61.3 26.43 | =4
"""


def _parse(line: str) -> Food:
    names, aliases, figures, portions = (part.strip() for part in line.split("|"))
    name, _, plural = names.partition("/")
    kcal, protein_g, carbs_g, fat_g = map(float, figures.split())
    grams = dict(portion.split("=") for portion in portions.split())
    return Food(
        name, plural, tuple(alias.strip() for alias in aliases.split(",") if alias.strip()), kcal, protein_g,
        carbs_g, fat_g, {unit: float(weight) for unit, weight in grams.items()},
    )  # fmt: skip


FOODS: tuple[Food, ...] = tuple(_parse(line) for line in _TABLE.splitlines())


@cache
def by_name() -> dict[tuple[str, ...], Food]:
    """Each food under its name, its plural and its aliases, as tuples of words."""
    return {
        tuple(name.split()): food
        for food in FOODS
        for name in (*food.aliases, food.plural, food.name)
        if name
    }
