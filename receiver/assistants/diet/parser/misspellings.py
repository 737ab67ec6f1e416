"""Common misspellings of foods, so that what is written down is spelt right however it was typed or recognised."""

from __future__ import annotations

_RIGHT_AND_WRONG = """
almonds: almands; asparagus: asparagas; avocado: avacado avacodo avocardo; avocados: avacados avocadoes;
bagel: bagle; bagels: bagles; banana: bananna; bananas: banannas; biscuit: biscut buscuit; biscuits:
biscuts; blueberries: blueberrys; bread: bred; breast: brest; breasts: brests; broccoli: broccolli brocoli
brocolli; broccolini: brocollini; brussels: brusel; burrito: burito; burritos: buritos; caesar: ceasar
ceaser cesar; cappuccino: cappucino capuccino capuchino; caramel: carmel; cashews: cashues; casserole:
caserole; cauliflower: cauliflour; cereal: ceral; cheddar: chedar chedder; cheese: chesse cheze; chicken:
chickin chiken; chocolate: choclate chocolat; cinnamon: cinammon; coffee: cofee coffe; croissant: croisant
crossaint; cucumber: cuccumber cucmber; doughnut: doghnut donought dougnut; espresso: expresso; espressos:
expressos; granola: granolla; guacamole: guacomole; hamburger: hamberger; hummus: hummas; jalapeno:
jalepeno; jalapenos: jalepenos; lasagna: lasanga lasangna; lettuce: letice lettus letuce; macchiato:
macchiatto machiato; mayonnaise: mayonaise mayonase; mocha: mocca; mozzarella: mozarella mozzerella;
muesli: musli; muffin: muffen; noodles: noddles nooddles; oatmeal: oatmeel; omelet: omlet; omelette:
omelete omlette; pancakes: pancaks panckaes; parmesan: parmesean parmesian; peanut: penut; pepperoni:
peperoni pepperonni; pizza: piza pizzza; pomegranate: pomegranite; porridge: porrige; potato: potatoe;
potatoes: potatos; prosciutto: proscuitto; protein: protien; quesadilla: quesadila; quinoa: quinwa;
raspberries: rasberries raspberrys; raspberry: rasberry; restaurant: restaraunt; risotto: rissoto; salmon:
salmom; sandwich: sammich samwich sandwhich sandwitch; sausage: sausauge; sherbet: sherbert; spaghetti:
spagetti spagheti sphagetti; spinach: spinich; strawberries: strawberrys; tomatillos: tomatillas; tomato:
tomatoe tumato; tomatoes: tomatos tumatoes; tortilla: tortila; turmeric: tumeric; vegetable: vegtable;
vegetables: vegtables; vinaigrette: vinagrette vinegarette; yogurt: yogart yoghourt yougurt; zucchini:
zuccini zuchini
"""


def _right_spellings() -> dict[str, str]:
    right: dict[str, str] = {}
    for entry in _RIGHT_AND_WRONG.split(";"):
        word, wrong = entry.split(":")
        right |= dict.fromkeys(wrong.split(), word.strip())
    return right


RIGHT_SPELLINGS = _right_spellings()
"""The right spelling of each misspelt word."""
