"""Spoken words for the bank's categories: "eating out", "petrol", "the phone bill".

The bank's own names are understood too, from the list that it gives. A word may mean several categories: food is what
is cooked and what is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from receiver.bank.models import Category
from receiver.bank.number_words import normalise

_SPOKEN: Mapping[tuple[str, ...], str] = {
    ("good-life",): "good life, fun, fun stuff, fun money",
    ("hobbies",): "hobbies, hobby, crafts",
    ("restaurants-and-cafes",): (
        "restaurants, restaurant, cafes, cafe, coffee, coffees, eating out, eat out, ate out, dining, dining out, "
        "dinners out, brunch, going out to eat, meals out"
    ),
    ("booze",): "booze, alcohol, wine, beer, liquor, grog, bottle shop, bottle shops",
    ("events-and-gigs",): "events, gigs, concerts, concert, tickets, movies, cinema, the movies, theatre, shows",
    ("adult",): "adult",
    ("holidays-and-travel",): (
        "holidays, holiday, travel, travelling, traveling, flights, hotels, hotel, accommodation, vacation, vacations"
    ),
    ("lottery-and-gambling",): "lottery, gambling, betting, lotto, bets",
    ("pubs-and-bars",): "pubs, pub, bars, drinks, drinking, going out, night out, nights out, a night out",
    ("takeaway",): "takeaway, takeaways, take away, takeout, take out, fast food, food delivery",
    ("tobacco-and-vaping",): "tobacco, vaping, cigarettes, smokes, vapes, smoking",
    ("tv-and-music",): "tv, television, music, streaming, tv and music, streaming services",
    ("games-and-software",): "games, video games, software, apps, gaming, app store",
    ("groceries",): "groceries, grocery, grocery shopping, food shopping, supermarkets, supermarket, weekly shop",
    ("homeware-and-appliances",): "homeware, homewares, appliances, furniture, home goods, household goods",
    ("internet",): "internet, broadband, wifi, wi fi, nbn, internet bill",
    ("rent-and-mortgage",): "rent, mortgage, my rent, the rent",
    ("utilities",): (
        "utilities, electricity, power, power bill, electricity bill, gas bill, water, water bill, energy"
    ),
    ("home-insurance-and-rates",): (
        "home insurance, rates, council rates, contents insurance, house insurance, insurance"
    ),
    ("home-maintenance-and-improvements",): (
        "home maintenance, home improvement, home improvements, renovations, repairs, hardware, gardening, diy"
    ),
    ("pets",): "pets, pet, the dog, the cat, pet food, vet, vets, vet bills, dog, cat",
    ("clothing-and-accessories",): "clothes, clothing, accessories, fashion, shoes, clothes shopping",
    ("education-and-student-loans",): (
        "education, student loans, student loan, uni, university, courses, school fees, tuition, hecs, study"
    ),
    ("family",): "family, kids, children, childcare, daycare, day care, the kids, baby stuff",
    ("fitness-and-wellbeing",): "fitness, gym, the gym, exercise, sport, sports, wellbeing, yoga, pilates, wellness",
    ("gifts-and-charity",): "gifts, gift, presents, charity, donations, charities, giving",
    ("hair-and-beauty",): "hair, beauty, haircuts, haircut, hairdresser, makeup, make up, cosmetics, skincare, barber",
    ("health-and-medical",): (
        "health, medical, doctor, doctors, dentist, medicine, chemist, pharmacy, prescriptions, health insurance"
    ),
    ("investments",): "investments, investing, shares, crypto, stocks",
    ("life-admin",): "life admin, admin, accountant, postage, fees, legal fees",
    ("mobile-phone",): "mobile phone, phone, mobile, phone bill, mobile bill, phone bills, phone plan",
    ("news-magazines-and-books",): "news, books, magazines, newspapers, book, newspaper, reading",
    ("technology",): "technology, tech, electronics, gadgets, computers, computer stuff",
    ("transport",): "transport, transportation, getting around",
    ("car-insurance-and-maintenance",): (
        "car insurance, rego, registration, car maintenance, car service, car servicing, car repairs, mechanic, "
        "my car, tyres"
    ),
    ("car-repayments",): "car repayments, car loan, car payments, car finance",
    ("cycling",): "cycling, bike, bikes, bicycle, my bike",
    ("fuel",): (
        "fuel, petrol, gas, gasoline, diesel, filling up, fill up, filled up, fill up the car, filled up the car, "
        "petrol stations, petrol station, gas station, service station, at the pump, at the bowser"
    ),
    ("parking",): "parking, car parks, car park, parking fees",
    ("public-transport",): "public transport, trains, train, buses, bus, trams, tram, train fares, ferries",
    ("taxis-and-share-cars",): "taxis, taxi, cabs, cab, ride shares, rideshare, ride share, rides, share cars",
    ("toll-roads",): "toll roads, tolls, toll, toll road",
    ("groceries", "restaurants-and-cafes", "takeaway"): "food, eating, food and drink, meals",
    ("restaurants-and-cafes", "takeaway"): "dinner, dinners, lunch, lunches, breakfast, breakfasts, brekkie",
    ("fuel", "car-insurance-and-maintenance", "car-repayments", "parking", "toll-roads"): "the car, our car, driving",
    ("tv-and-music", "games-and-software", "news-magazines-and-books"): "subscriptions, subscription",
    ("events-and-gigs", "tv-and-music", "games-and-software"): "entertainment",
    ("utilities", "internet", "mobile-phone"): "bills, my bills, the bills, household bills",
    ("home",): "home stuff, home spending, home expenses, home category, household, the house, my home",
    ("personal",): "personal stuff, personal spending, personal expenses, personal category, personal things",
}  # fmt: skip

_IDS: Mapping[str, tuple[str, ...]] = {
    normalise(phrase): ids for ids, phrases in _SPOKEN.items() for phrase in phrases.split(",")
}
_MAX_WORDS = 6


_PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "utilities": {
        "electricity": ("electric", "power", "energy", "agl", "origin"), "water": ("water",), "gas": ("gas",),
    },
}  # fmt: skip
_PART_WORDS = {
    "electricity": "electricity",
    "power": "electricity",
    "energy": "electricity",
    "water": "water",
    "gas": "gas",
}


def part_of(categories: tuple[str, ...], said: str) -> str | None:
    """What of a category is named: "the power bill" is "electricity", of the utilities."""
    parts = _PARTS.get(categories[0], {}) if len(categories) == 1 else {}
    named = (_PART_WORDS[word] for word in said.split() if word in _PART_WORDS)
    return next((part for part in named if part in parts), None)


def is_part(category: str, part: str, described: str) -> bool:
    """By the text of the payment, for there is no category for it."""
    return any(word in described.casefold() for word in _PARTS.get(category, {}).get(part, ()))


@dataclass(frozen=True, slots=True)
class FoundCategory:
    ids: tuple[str, ...]
    """Categories or groups of them; most words mean one."""
    said: str
    """The words for it, normalised."""
    rest: str
    """The other words, normalised."""


def find_category(words: str, categories: Iterable[Category] = ()) -> FoundCategory | None:
    """The longest phrase for a category in `words`, of those the first.

    With the bank's own list, its names are understood, and only what is in it is found.
    """
    known = list(categories)
    phrases = dict(_IDS)
    if known:
        listed = {category.id for category in known}
        phrases = {phrase: ids for phrase, ids in _IDS.items() if listed.issuperset(ids)}
        for category in known:
            if category.parent is not None or " " in category.name:  # "Home" alone may mean many things
                phrases.setdefault(_plain(category.name), (category.id,))
    said = _plain(words).split()
    for length in range(min(len(said), _MAX_WORDS), 0, -1):
        # "The car insurance" is car insurance, before it is the car.
        starts = sorted(
            range(len(said) - length + 1), key=lambda start: said[start] in ("the", "my", "our", "a")
        )
        for start in starts:
            end = start + length
            phrase = " ".join(said[start:end])
            if phrase in phrases:
                return FoundCategory(phrases[phrase], phrase, " ".join(said[:start] + said[end:]))
    return None


def _plain(text: str) -> str:
    return normalise(text.replace("&", " and "))
