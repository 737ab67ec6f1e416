"""Words that say of what kind or from where a known food is, so that it stays the food that it is.

"Rustic bread" is bread and "my mate's chilli" is chilli. A "gromlish stew" is not: who does not know what a word
before a food means does not know the food either.
"""

from __future__ import annotations

from functools import cache

from receiver.assistants.diet.parser.spans import MEANT, PREPARED_STEMS
from receiver.assistants.diet.parser.talk import NOT_FOOD, PEOPLE_AND_PLACES
from receiver.assistants.diet.parser.tokens import word_set
from receiver.assistants.diet.parser.word_forms import stem
from receiver.nutrition.foods import by_name
from receiver.nutrition.units import UNITS

_ORIGINS = word_set(
    """
    african alabama albanian algerian alpine alsatian american amish anatolian andalusian arabian arabic
    argentine argentinian arizona armenian asian atlantic aussie australian austrian baja balinese baltic
    bangladeshi basque bavarian belgian bengali berlin bolivian bombay boston brazilian brit british
    brooklyn bulgarian burmese cajun california californian cambodian canadian cantonese caribbean
    carolina catalan caucasian chicago chilean chinese colombian continental cornish corsican creole
    croatian cuban cumberland cypriot czech danish detroit devon dominican dutch eastern egyptian english
    eritrean estonian ethiopian european filipino finnish flemish florentine florida french fusion
    galician georgian german ghanaian goan greek gujarati haitian halal hawaii hawaiian himalayan
    hungarian iberian icelandic idaho indian indonesian iranian iraqi irish israeli italian jamaican
    japanese jersey jewish jordanian kansas kashmiri kent kentucky keralan korean kosher kuwaiti
    lancashire laotian latin latvian lebanese levantine libyan lincolnshire lithuanian london louisiana
    maine malay malaysian maltese maryland mediterranean memphis mexican miami milanese mongolian moroccan
    nashville native neapolitan nepalese nepali nigerian nordic normandy northern norwegian oriental
    orleans pacific pakistani palestinian parisian pennsylvania persian peruvian philadelphia philly
    polish polynesian portuguese provencal prussian punjabi roman romanian russian sardinian saudi
    scandinavian scotch scottish senegalese serbian seville shanghai siberian sichuan sicilian singapore
    slavic slovak slovenian somali southern southwest southwestern spanish swedish swiss syrian szechuan
    taiwanese tennessee texan texas thai tibetan tokyo tunisian turkish tuscan tyrolean ukrainian
    uruguayan uzbek venetian venezuelan vermont vienna viennese vietnamese virginia welsh western
    wisconsin yemeni york yorkshire zealand
    """
)

_QUALITIES = word_set(
    """
    airline airplane airy alcohol alcoholic amazing ancient angus applewood artisan artisanal assorted
    baby bakery barrel basic big birch birthday bland bog bold boozy brick brothy bubbly budget burnt bush
    buttery cafeteria cage cakey canteen caramelised cask caught cedar charcoal charred cheapo cheesy chef
    chef's chewy chilled chocolatey chocolaty christmas chunky citrusy clear cloudy coarse coconutty
    colorful colourful comfort complimentary cosmic country crackly crispy crumbly crunchy crusty cured
    custom dagwood dainty dairy deconstructed deli deluxe dense diet diner divine doughy dreamy earthy
    easter economy elegant enriched epic ethnic everyday exotic extra fab fabulous fancy farmer's farmers'
    farmhouse fast favorite feathery fed festive fibre fibrous fiery filling fine finest firm fizzy flaky
    flat flavorful flavorless flavoursome floral fluffy foamy fortified fragrant free frosted frosty
    frothy frozen fruity fudgy funky gamey garden garlicky gas generic giant glorious golden gooey gourmet
    grainy granny grass greasy greenhouse gritty halloween hand handmade hardwood hass hearty heavenly
    heirloom herbal herby heritage hickory high holiday home homely homestyle honeyed hospital house
    humongous hydroponic icy imported incredible indulgent insane jammy juicy junk keto kid's kiddie kids
    kobe large lavish layered leafy leftover lemony light lightweight lime limited line local low lumpy
    luscious luxurious luxury machine magic malty maple marbled massive meatless meaty medium mega mellow
    melty mesquite messy microwave mid mighty mild milky mini minis minty mixed moist monster mushy
    mystery neighborhood neighbourhood no non nonalcoholic nutritious nutty oaky oaty oily old oniony
    orangey organic outdoor oven overcooked overnight pale paleo paltry pan pasture pepper peppery perfect
    petite phenomenal pillowy plank plant plastic plump posh potent powdery power premade premium prime
    protein puffy pulpy puny pure quality raised random rare reduced regional restaurant rich ripe rocky
    rough rubbery runny rustic salty sandwich savory savoury school scrummy scrumptious seasonal secret
    seedy semi sensational shop side signature silky simple singular sirloin skillet skimpy skin slate
    sloppy slushy smoky smooth soggy solid soupy sour sparkling specialty spiced spongy sprouted squidgy
    squishy stale starchy station steel sticky stiff stodgy stone store strange street stringy strong
    subpar sugary summer sun sunday super superb supersize sweetish swirly syrupy takeaway takeout tandoor
    tangy tart tasteless tasty tender tex thanksgiving thick thin thrifty toasty tough traditional treat
    tree tropical truck ultimate umami unbelievable unfrosted unripe upscale value vanilla vegan veggie
    velvety vending verdant vibrant vidalia vine vintage virgin wagyu warm watery waxy wheatgrass whipped
    whole wholesome winter wok wonderful wood woodfired xl yeasty yellow zero zesty zingy
    """
)

TELLING = word_set(
    """
    anyone avoided avoiding baked began begun bit bring brings brought buddy built came carried caught
    chewed choose choosing chose chosen comes considered considering cost costs craved crushed decided
    declined demolished destroyed downed drove ended enjoyed everyone fancied fancying felt fiance
    finished finishing found fried gave gets getting girlfriend's given gobbled gone got handed heated
    herself himself inhaled kept killed left licked liked lost loved make makes making managed mate mates
    met missing mixed myself necked needed nobody offered ones opened opted ordered ordering ourselves
    packed paid pal passed picked picking popped poured ran refused reheated relished resisted ruined said
    sank sat savored savoured saw scoffed sent served settled shared sharing skipped slammed slept slurped
    smashed sneaked snuck sold someone spent splitting stayed stirred stole stolen stood stopped
    substituted sucked sunk swallowed swapped swiped switched takeaway taken takeout tasted themselves
    thought threw told took tossed touched traded tried trying walked wanted wanting warmed went whatever
    whisked woke won wore wrote yourself
    """
)
"""Words that stand before a food because they tell what was done with it, not what it is."""

_ENDINGS = (
    "ing",
    "ed",
    "ous",
    "ful",
    "able",
    "ible",
    "less",
    "ese",
    "iest",
    "style",
    "flavor",
    "flavored",
    "ly",
)
"""Of adjectives and participles: "a refreshing lemonade", "charred corn"."""

NO_FOODS = TELLING | _ORIGINS | _QUALITIES
"""Words that no food was misheard as."""


def is_modifier(word: str) -> bool:
    """Whether a known food keeps what it is when this word stands before it."""
    if word in NO_FOODS or word in MEANT or word in NOT_FOOD or word in PEOPLE_AND_PLACES or word in UNITS:
        return True
    bare = stem(word)
    return bare in PREPARED_STEMS or bare in _food_words() or (len(word) > 5 and word.endswith(_ENDINGS))


@cache
def _food_words() -> frozenset[str]:
    """Every word of a food's name."""
    return frozenset(stem(word) for name in by_name() for word in name)
