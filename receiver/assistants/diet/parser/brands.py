"""Makers and shops that people name with a food and that say nothing about it: "Chobani yogurt"."""

from __future__ import annotations

from collections.abc import Sequence

from receiver.assistants.diet.parser.tokens import word_set

_BRANDS = """
365; activia; aldi; alpro; amazon; amys; annies; arla; arnold; asda; aunt jemima; ball park; barilla;
bays; ben and jerrys; better oats; betty crocker; beyond; beyond meat; bimbo; birds eye; blue bell; blue
bonnet; blue bottle; blue diamond; boars head; bob evans; bobs red mill; boca; bojangles; bolthouse;
booths; boulder; breyers; brownberry; bumble bee; burger king; butterball; cabot; cadbury; cadburys;
califia; campbells; cape cod; caribou; carls junior; cascadian farm; cathedral city; cava; chef boyardee;
chick fil a; chilis; chipotle; chobani; circle k; classico; clif; co op; coffee mate; colombo; core power;
costa; costco; country crock; country life; cracker barrel; crest; culvers; cumberland farms; dannon;
danone; dave's killer; daves killer; del monte; dennys; digiorno; dole; dominos; doritos; dr oetker;
dreyers; duncan hines; dunkin; dunkin donuts; dutch bros; edys; eggland's best; eggo; einstein; ensure;
ezekiel; fage; fairlife; farm rich; firehouse; five guys; florida's natural; folgers; fosters farms;
frank's; franks; french's; frenchs; gardein; general mills; ghirardelli; godiva; gold medal; goya; great
value; green giant; greggs; guinness; haagen dazs; halo top; hardees; heb; heinz; hellmanns; hersheys;
hidden valley; hillshire farm; hormel; hovis; huel; hungry man; hunts; i can't believe it's not butter;
iceland; ihop; impossible; in n out; isey; itsu; jack daniels; jacobs; jamba; jennie o; jersey mikes; jif;
jimmy dean; jimmy johns; johnsonville; jordans; kashi; keebler; kelloggs; kerrygold; kettle; kfc; kings
hawaiian; kirkland; kodiak; kodiak cakes; kraft; krave; krispy kreme; kroger; la croix; lactaid; land o
lakes; larabar; laughing cow; lavazza; lays; lean cuisine; leon; liberte; lidl; linda mccartney; lindt;
lipton; little caesars; lurpak; m and s; magnum; mahatma; marie callender; marie callenders; marks and
sparks; marks and spencer; mccain; mcdonald; mcdonalds; mcvities; meijer; michelinas; minute maid;
mission; monster; morningstar; morrisons; motts; mr kipling; mueller; muller; muscle milk; müller;
nabisco; nandos; nature valley; nature's valley; natures own; nescafe; nespresso; nestle; nissin; noosa;
oatly; ocean spray; oikos; old el paso; olive garden; optimum nutrition; ore ida; orgain; oroweat; orville
redenbacher; oscar mayer; outshine; pace; pam; panda express; panera; papa johns; peet's; peets;
pepperidge farm; perdue; philadelphia; pillsbury; pizza express; pizza hut; planters; popeyes; post;
potbelly; prego; premier; pret; pret a manger; progresso; publix; purdue; quaker; quest; quiznos; quorn;
ragu; raising canes; raos; red lobster; richmond; ritz; ro tel; rockstar; ruffles; rxbar; sabra; safeway;
sainsburys; sara lee; sarah lee; sargento; seven eleven; shake shack; sheetz; siggis; silk; simply; simply
orange; skippy; slimfast; smuckers; snyders; so delicious; sonic; splenda; spoons; sprouts; starbucks;
starkist; stok; stonyfield; stouffers; subway; sun maid; swanson; sweetgreen; swiss miss; taco bell;
talenti; tesco; tetley; texas roadhouse; thomas; thomass; tillamook; tim hortons; tombstone; tostitos;
total; totinos; trader joe; trader joes; tropicana; tunnocks; turkey hill; twinings; two good; tyson;
udis; uncle bens; van camps; veetee; vita coco; vlasic; wagamama; waitrose; walkers; walmart; warburtons;
wasa; wawa; wegmans; weight watchers; welchs; wendys; wetherspoons; whataburger; wheat thins; white
castle; whole foods; winco; wish bone; wonder; yakult; yeo valley; yoplait; yoshinoya; zatarains; zaxbys
"""


def _names() -> dict[str, list[tuple[str, ...]]]:
    names: dict[str, list[tuple[str, ...]]] = {}
    for brand in _BRANDS.replace("\n", " ").split(";"):
        words = tuple(_plain(word) for word in brand.split())
        if words:
            names.setdefault(words[0], []).append(words)
    return names


def _plain(word: str) -> str:
    return word.replace("'", "")


_BY_FIRST_WORD = _names()
_NO_MAKERS = word_set("it's that's there's what's let's he's she's who's here's how's where's when's today's")


def brand_at(words: Sequence[str], start: int) -> int:
    """How many words at `start` are a maker's or somebody's name that belongs to a food; 0 for none.

    A possessive is one too: "Kellogg's corn flakes", "my grandma's soup".
    """
    first = _plain(words[start])
    longest = 0
    for brand in _BY_FIRST_WORD.get(first, ()):
        if tuple(map(_plain, words[start : start + len(brand)])) == brand:
            longest = max(longest, len(brand))
    if not longest and words[start].endswith("'s") and words[start] not in _NO_MAKERS:
        return 1
    return longest
