"""The bank's categories: four groups, and what belongs to each of them. Transactions go into the latter only."""

from __future__ import annotations

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "good-life": (
        "Good Life",
        {
            "hobbies": "Hobbies",
            "restaurants-and-cafes": "Restaurants & Cafes",
            "booze": "Booze",
            "events-and-gigs": "Events & Gigs",
            "adult": "Adult",
            "holidays-and-travel": "Holidays & Travel",
            "lottery-and-gambling": "Lottery & Gambling",
            "pubs-and-bars": "Pubs & Bars",
            "takeaway": "Takeaway",
            "tobacco-and-vaping": "Tobacco & Vaping",
            "tv-and-music": "TV, Music & Streaming",
            "games-and-software": "Apps, Games & Software",
        },
    ),
    "home": (
        "Home",
        {
            "groceries": "Groceries",
            "homeware-and-appliances": "Homeware & Appliances",
            "internet": "Internet",
            "rent-and-mortgage": "Rent & Mortgage",
            "utilities": "Utilities",
            "home-insurance-and-rates": "Rates & Insurance",
            "home-maintenance-and-improvements": "Maintenance & Improvements",
            "pets": "Pets",
        },
    ),
    "personal": (
        "Personal",
        {
            "clothing-and-accessories": "Clothing & Accessories",
            "education-and-student-loans": "Education & Student Loans",
            "family": "Children & Family",
            "fitness-and-wellbeing": "Fitness & Wellbeing",
            "gifts-and-charity": "Gifts & Charity",
            "hair-and-beauty": "Hair & Beauty",
            "health-and-medical": "Health & Medical",
            "investments": "Investments",
            "life-admin": "Life Admin",
            "mobile-phone": "Mobile Phone",
            "news-magazines-and-books": "News, Magazines & Books",
            "technology": "Technology",
        },
    ),
    "transport": (
        "Transport",
        {
            "car-insurance-and-maintenance": "Car Insurance, Rego & Maintenance",
            "car-repayments": "Repayments",
            "cycling": "Cycling",
            "fuel": "Fuel",
            "parking": "Parking",
            "public-transport": "Public Transport",
            "taxis-and-share-cars": "Taxis & Share Cars",
            "toll-roads": "Tolls",
        },
    ),
}

PARENTS: dict[str, str] = {child: group for group, (_, children) in GROUPS.items() for child in children}

NAMES: dict[str, str] = {group: name for group, (name, _) in GROUPS.items()} | {
    child: name for _, children in GROUPS.values() for child, name in children.items()
}


def children_of(category: str) -> list[str]:
    return list(GROUPS[category][1]) if category in GROUPS else []
