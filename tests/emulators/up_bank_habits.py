"""Where the people of the emulated bank spend their money, how often, and about how much."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Habit:
    """A shop that somebody goes to now and then."""

    merchant: str
    raw: str
    category: str | None
    chance: float
    """Of going there, each day it may happen."""
    low: int
    high: int
    """Cents."""
    weekdays: str = "0123456"
    hour: int = 13
    method: str = "CONTACTLESS"


@dataclass(frozen=True)
class Bill:
    """What is taken every month, or every so many months, on one day."""

    merchant: str
    raw: str
    category: str | None
    day: int
    cents: int
    every: int = 1
    spread: int = 0
    """By how many cents it may be more or less."""
    kind: str = "Direct Debit"
    method: str | None = None
    dollars: int | None = None
    """US cents, where that is the price."""


SAM_ALONE: tuple[Habit, ...] = (
    Habit("Industry Beans", "INDUSTRY BEANS FITZROY", "restaurants-and-cafes", 0.55, 480, 650, "01234", 8),
    Habit("Market Lane Coffee", "MARKET LANE COFFEE", "restaurants-and-cafes", 0.2, 500, 1150, "01234", 10),
    Habit("Chin Chin", "CHIN CHIN MELBOURNE", "restaurants-and-cafes", 0.1, 5800, 14200, "45", 19, "CARD_PIN"),
    Habit("Pho Nom", "PHO NOM EMPORIUM", "restaurants-and-cafes", 0.22, 1550, 2400, "01234", 12),
    Habit("Uber Eats", "UBER *EATS HELP.UBER.COM", "takeaway", 0.16, 2490, 6120, "3456", 19, "CARD_ON_FILE"),
    Habit("Guzman y Gomez", "GUZMAN Y GOMEZ 1082", "takeaway", 0.1, 1490, 2280, "01234", 12),
    Habit("McDonald's", "MCDONALDS BRUNSWICK", "takeaway", 0.06, 890, 2350, "456", 22),
    Habit("The Napier Hotel", "THE NAPIER HOTEL", "pubs-and-bars", 0.3, 1400, 6900, "45", 20),
    Habit("Dan Murphy's", "DAN MURPHYS 3118", "booze", 0.12, 1899, 7450, "45", 17),
    Habit("Myki", "MYKI TOP UP PTV", "public-transport", 0.14, 2000, 5000, "0123", 7, "CARD_ON_FILE"),
    Habit("Uber", "UBER *TRIP HELP.UBER.COM", "taxis-and-share-cars", 0.14, 1180, 4290, "3456", 23, "CARD_ON_FILE"),
    Habit("7-Eleven", "7-ELEVEN 2214 CARLTON", "groceries", 0.1, 350, 1480, "0123456", 16),
    Habit("Chemist Warehouse", "CHEMIST WAREHOUSE 204", "health-and-medical", 0.05, 890, 6480, "56", 11),
    Habit("Uniqlo", "UNIQLO EMPORIUM", "clothing-and-accessories", 0.2, 2990, 16970, "5", 14),
    Habit("JB Hi-Fi", "JB HI-FI MELBOURNE", "technology", 0.06, 2900, 34900, "56", 15, "CARD_PIN"),
    Habit("Readings", "READINGS CARLTON", "news-magazines-and-books", 0.06, 1999, 7998, "56", 15),
    Habit("Hoyts", "HOYTS MELBOURNE CENTRAL", "events-and-gigs", 0.08, 2450, 6400, "56", 18, "ECOMMERCE"),
    Habit("Steam", "STEAM PURCHASE", "games-and-software", 0.02, 1495, 8995, "0123456", 21, "ECOMMERCE"),
    Habit("Amazon AU", "AMAZON AU MARKETPLACE", None, 0.05, 1299, 11900, "0123456", 20, "ECOMMERCE"),
    Habit("Uncle Rocco Barber", "UNCLE ROCCO BARBER", "hair-and-beauty", 0.1, 4500, 4500, "2", 17),
)  # fmt: skip

TOGETHER: tuple[Habit, ...] = (
    Habit("Woolworths", "WOOLWORTHS 3057 BRUNSWICK", "groceries", 0.45, 3820, 14950, "025", 18),
    Habit("Coles", "COLES 0524 BARKLY SQ", "groceries", 0.3, 1650, 9840, "135", 19),
    Habit("Aldi", "ALDI STORES BRUNSWICK", "groceries", 0.5, 4210, 11830, "6", 11, "CARD_PIN"),
    Habit("La Manna", "LA MANNA FRESH", "groceries", 0.2, 1240, 5230, "56", 10),
    Habit("Ampol", "AMPOL FOODARY 32217", "fuel", 0.16, 5120, 9680, "056", 17, "CARD_PIN"),
    Habit("Wilson Parking", "WILSON PARKING MEL004", "parking", 0.06, 900, 2900, "456", 19),
    Habit("Linkt", "LINKT MELBOURNE", "toll-roads", 0.05, 1000, 2500, "056", 9, "CARD_ON_FILE"),
    Habit("Bunnings", "BUNNINGS 480000 BRUNSWICK", "home-maintenance-and-improvements", 0.12, 890, 13450, "56", 12),
    Habit("Kmart", "KMART 1138 BRUNSWICK", "homeware-and-appliances", 0.1, 1200, 9900, "56", 13),
    Habit("Petbarn", "PETBARN FITZROY", "pets", 0.08, 2290, 9870, "5", 12),
)  # fmt: skip

ROBIN_ALONE: tuple[Habit, ...] = (
    Habit("Patricia Coffee Brewers", "PATRICIA COFFEE", "restaurants-and-cafes", 0.5, 500, 1100, "01234", 9),
    Habit("Mecca", "MECCA BRANDS 112", "hair-and-beauty", 0.06, 3200, 14400, "56", 13),
    Habit("Kmart", "KMART 1138 BRUNSWICK", "homeware-and-appliances", 0.08, 1500, 8000, "36", 18),
    Habit("Domino's", "DOMINOS BRUNSWICK EAST", "takeaway", 0.07, 1995, 4485, "456", 19),
    Habit("Myki", "MYKI TOP UP PTV", "public-transport", 0.12, 2000, 5000, "0123", 7, "CARD_ON_FILE"),
)  # fmt: skip

SAM_BILLS: tuple[Bill, ...] = (
    Bill("Netflix", "NETFLIX.COM", "tv-and-music", 9, 1899, method="CARD_ON_FILE", kind="Purchase"),
    Bill("Spotify", "SPOTIFY P2A71", "tv-and-music", 21, 1399, method="CARD_ON_FILE", kind="Purchase"),
    Bill("Apple", "APPLE.COM/BILL", "games-and-software", 3, 449, method="CARD_ON_FILE", kind="Purchase"),
    Bill("GitHub", "GITHUB, INC. SAN FRANCISCO", "games-and-software", 14, 0, method="CARD_ON_FILE",
         kind="International Purchase", dollars=1000),
    Bill("Anytime Fitness", "ANYTIME FITNESS DDR", "fitness-and-wellbeing", 5, 3790),
    Bill("Amaysim", "AMAYSIM MOBILE", "mobile-phone", 17, 3000, method="CARD_ON_FILE", kind="Purchase"),
    Bill("Bupa", "BUPA HEALTH INSURANCE", "health-and-medical", 28, 13240),
)  # fmt: skip

SHARED_BILLS: tuple[Bill, ...] = (
    Bill("Aussie Broadband", "AUSSIE BROADBAND DD", "internet", 12, 8500),
    Bill("AGL", "AGL SALES ELECTRICITY", "utilities", 20, 31240, every=3, spread=6100),
    Bill("Yarra Valley Water", "YARRA VALLEY WATER BPAY", "utilities", 25, 24310, every=3, spread=2100,
         kind="BPAY Payment"),
    Bill("RACV", "RACV INSURANCE", "car-insurance-and-maintenance", 8, 9860),
)  # fmt: skip

JAPAN: tuple[tuple[str, str, str, int, int], ...] = (
    ("Lawson", "LAWSON SHIBUYA TOKYO", "groceries", 380, 2200),
    ("Ichiran", "ICHIRAN SHINJUKU", "restaurants-and-cafes", 1280, 3400),
    ("JR East", "JR EAST MOBILE SUICA", "public-transport", 1000, 8000),
    ("Don Quijote", "DON QUIJOTE OSAKA", "gifts-and-charity", 2480, 14800),
    ("Afuri", "AFURI EBISU", "restaurants-and-cafes", 1290, 3900),
)
"""Merchant, raw text, category, and the least and most in yen."""
