"""Words that are no food, however they stand: "I had a great day", "I had a meeting with my boss"."""

from __future__ import annotations

import re

from receiver.assistants.diet.parser.tokens import word_set

NOT_FOOD = word_set(
    """
    ability able above absolute absolutely accident account ache across actor actual address advice
    afraid afters against age ago agree ain't air airport alarm alexa allergic allergy allowing alone
    although always america among anger angry animal anniversary answer antibiotic antibiotics anxiety
    anxious any anything anyway apart apartment app appear appetite apply appointment april argh
    argument arm army arrive art article ask asked asking asleep aspirin assignment assistant attack
    attempt august aunt awake aware away awesome baby back bad bag ball band bank barely base basil
    bath bathroom bbq beach because become bed bedroom bedtime been begin beginner behave behind being
    believe belong below beneath beside besides best bet better between beyond bigger bike bill
    birthday birthday's black blast bloated blood blue board boat body book bored born boss both
    bottom box boy boyfriend brain break breakdown breath breathe brilliant bring bro bros brother
    brought brown bruh budget build building bunch burn bus business busy button bye call called
    calling calories cals camera can't canal cancel cap capital car card cardamom care career case cat
    catch cause cayenne center centre certain chair challenge chance change chapter character chat
    check checked cheers child children china chives choice choose chose chosen church cigarette
    cigarettes cilantro cinnamon city class client climb clinic clock close clothes cloves club clue
    coach code cold college color come coming comment common company compare complaint complete
    computer concert conference consider constipated contain continue control conversation cook cool
    copy coriander corner correct cos cost couch cough couldn't country couple course cousin coz cramp
    cranky crash craving crazy create cried cross crowd crush crust crusts cry culture cumin cup
    current customer cut cuz dad daily damn dance dang dark darn date daughter day days dead deadline
    deal dear death december decide decision defend degree delay delivery dentist depressed describe
    design desk despite detail develop diabetes diary die died diet difference dill dinner direct
    discuss disease dishwasher divide divorce dizzy doctor dog done door double doubt draw dream dress
    drink drinks drive driver drove drunk dumb dunno during each ear earlier early easy edge education
    effort eh eight either election elephant email emergency emotion employee empty end energy engine
    england english enjoy enter entire episode equal error essay evening event ever everybody everyone
    everything evidence exactly exam example excellent except excited excuse exercise exhausted exist
    expect experience explain express extra eye eyes face facetime facial fact fail faint fall family
    famished famous fan far fast fasting fat father fear february feel feeling feelings feet fell felt
    fever few fiber fibre field fight filling film find fine finger fire fit five fix flight floor flu
    fly focus follow foot football force forecast foreign forever forget forgot forgotten fork form
    found four fr france free french fresh friday friend friends front fuel fueled full fun funny
    future gain game garden garnish gas gassy gave general gentle germany gift girl girlfriend give
    given giving glad glass global goal goals god gone goodbye google gosh got gotten government grade
    grandfather grandma grandmother grandpa gray great green grind ground group grow growth grumpy
    guess guest guests guilt guitar guy guys gym habit hair haircut half hand hands hangover hangry
    happen happened happiness happy hard hat hate head headache health hear heard heart heat heavy
    heck height hell hello help herb herbs hers herself hey hi high hike hilarious himself history
    hobby hold holiday home homework hope hopefully hospital hotel hour hours house however hug huge
    huh human hundred hunger hungry hurt hurts husband hustle ibuprofen idea ideas illness image
    imagine important improve incident include income increase indeed india inform inhaler injury
    inside instead insulin interest interview into invite issue itself january jeans job jog join
    joint joke joking journey joy july june keep kept key kick kid kidding kids kill kilos kind kinda
    kiss kitchen knee knew knife know knowledge known lack lads land language laptop large lasses last
    late later laugh law lawyer lay layover lazy lead learn least leave lecture left leg less lesson
    let letter level library lie life light likely line link list listen little live lived living
    local lock london long look lose loss lost lot love low lowkey luck luckily lunchtime machine
    macros mad mail main major making man manage manager manicure many map marathon march mark market
    marriage massage material math matter may maybe meal meals meant meanwhile measure medical
    medication medicine meditation meet meeting meh member memory men mention mess message met middle
    might migraine mile miles million mind minute minutes miracle miss missed missus mistake model
    modern mom moment monday money monkey month months mood moody morning mother mouth move moved
    movie much mum muscle museum music must myself name named nap nation national natter natural
    nature nausea nauseous near neck need needed neighbor neither nerve nervous netflix network never
    new news next night nine no nobody noise none noon normal north nose note nothing notice november
    number nurse nutmeg nutrients nutrition object obvious october off offer offered office often okay
    old once one only onto open operate operation opinion opportunity opposite option orange order
    ordinary oregano original otherwise ought ourselves outside oven overall own owner page paid pain
    painkiller painkillers pair paper paprika paracetamol parent parents paris park parsley part
    partner party pass past path patience patient pattern pay peace peckish pedicure people pepper
    percent perhaps period person pet phone photo piano pick picture piece pill pills pink place plan
    plane plans plant play played player please pleasure plenty podcast poem point police pool poor
    popular position positive possibility possible pounds power practice prefer pregnancy pregnant
    prepare present press pressure pretty prevent price private probably problem problems produce
    product program progress project promise promotion provide public pull pulp pulse puncture purple
    purpose push quality quarter question questions quick quiet quit quite race radio raffle rain
    raise ran range rarely rate rather reach reaction read ready real realize reason recent recently
    recipe recommend record red reflection region relate relationship relief remain remember reminder
    repeat reply report require research respond response rest restart restaurant result return rich
    rid ride ridiculous right ring rise river road robot rock role room root rosemary round routine
    row rule run rush sad sadly safe saffron said sale salt same sang sat saturday sauna save saw
    scale scan scene school science score scrap scratch screen sea search season seasoning seasonings
    seat second secret section security see seem seizure selfie sell send sense sent september series
    serious seriously serve service session set seven several sex shake shall shape share sharp shift
    ship shock shop shop's shopping shops shot should shoulder shouldn't show shower shut sick side
    sign simple since sing single siri sister sit site sitting situation six size skill skin skype
    sleep sleepy slept slow smaller smell smile smoke smoked snap snow social society sodium soft
    soldier soldiers solid solution somebody someone something sometimes son song soon sorry sort
    sorta soul souls sound source south space spanish speak special specific speech speed spell spend
    spent spice spices split spoke spoon sport sports spread spring sprinkle square staff stage stairs
    stand standard standing start started starving state station stay stayed steal step steps stock
    stomach stomachache stop stopped store storm story strange stranger street stress stressed stretch
    stroke strong structure struggle student study stuff stuffed stupid style subject success such
    sudden suffer suggest suggestion summary summer sun sunday sup superb support suppose sure surgery
    surprise swam sweet swim symptom system table takeaway takeout talk talked talking tan task taste
    tattoo taught taxi teach teacher team tears television temper temperature ten term test text than
    thank thanks them themselves then theory therapist therapy therefore they thick thin thing things
    thinking third thirsty though thought thoughts thousand three threw throat throughout throw
    thursday thyme ticket tight time times tiny tired title together told tomorrow tonight tons took
    tooth top topping toppings total totals touch tour toward towards town toy track trade tradition
    traffic train training travel treat treatment tree tremendous tried trillion trip trouble true
    truth try tuesday turmeric turn turned tv two tylenol type ugh ugly ultrasound umbrella uncle
    under understand uniform unit unite university unless until update upon upset use used useful
    using usually vacation value vape various very vibe video view village virus visit visitor vitamin
    vitamins voice vomit vomited vote wait waited waiting wake walk walked walking wall wanted war
    warm wash watch watched watching way weak wear weather wedding wednesday week weekend weeks weight
    weird weirdly welcome well went west wet whatever whereas wherever whether which whichever while
    white whoa whoever whom wide wife wild wind window winter wish within woke woman women won won't
    wonder wonderful word words work worked working workout world worry worse worst worth wouldn't
    wound wow wrap wreck write wrong wrote y'all yard yeah year years yellow yes yesterday yikes yoga
    young yourself youtube zillion zoom
    """
)

PEOPLE_AND_PLACES = word_set(
    """
    friend friends family mom mum dad wife husband kids kid son daughter boss coworkers colleagues
    colleague team boyfriend girlfriend partner roommate grandma grandpa parents sister brother cousin
    neighbor neighbour gym work school office home house kitchen car couch bed table desk restaurant
    cafe cafeteria canteen diner deli store shop bar pub party wedding beach park airport plane train
    bus movies cinema theater game meeting mall market supermarket place town way road hotel hospital
    fridge freezer oven microwave pan
    """
)
"""Where or with whom one ate: nothing after "at", "with my", "in the" is a food then."""

PLANNED = re.compile(
    r"\b("
    r"((i|we) )?((almost|nearly|(could|would|should|might)('ve| have| of)) )(had|ate|eaten|got|gotten|ordered|drunk|"
    r"drank|made|bought|grabbed|chosen|liked|preferred|finished|gone for|went for)|"
    r"want|wanted|wanna|i'd (like|love|rather)|would (love|like)|crav(e|ing)|i wish|hungry for|in the mood|"
    r"think(ing)? (about|of)|plan(ning)? (to|on)|was (about|going|planning) to|were going to|"
    r"i (usually|normally|always|often|typically|never) (have|eat|drink)|"
    r"about to (have|eat|order|get|grab|make|drink)|"
    r"thought about|thinking of|tempted (by|to)|considered|fancied|wished for|dreamed of|dreamt of|resisted|"
    r"(turned|passed) (down|up|on)|said no to|walked past|smelled|looked at|planned on|hoping for|hoped for|"
    r"was (meant|supposed|hoping|tempted) to (have|eat|order|get|grab|make|drink)|"
    r"going to (have|eat|get|order|drink|make|cook|grab)|"
    r"(gonna|gona) (have|eat|get|order|drink|make|cook|grab|be)|will (have|eat|be)|tomorrow|"
    r"left (the|my|out)|(gave|fed|handed) (the|my|some|half|her|him|them|most|our)|"
    r"should i|(can|could|may) i (have|eat|drink)|what if|what about|how about|remind me|"
    r"i (might|may|could|should|would) (have|eat|get|drink|make|order|go for)|"
    r"need to (buy|get|eat)|have to (buy|get)|(supposed|trying) to (eat|avoid|cut|have|stop|quit)|"
    r"i (really |just |also |absolutely |do |don't |don't really )*"
    r"(like|love|hate|prefer|adore|dislike|enjoy|avoid|crave)|"
    r"my name|call me|(is|was) (named|called)|i'm from|your name|"
    r"allergic|intolerant|can't (have|eat|stand|drink|tolerate)|recipes? (for|with)|"
    r"how (do|can|should) (i|you)|do you (like|have|know|recommend)|"
    r"(is|are) .* (good|bad|healthy|unhealthy|ok|okay|fattening|allowed)"
    r")\b"
)
"""Matched on the words of one clause: foods in it were wished for, planned or talked about, not eaten."""
