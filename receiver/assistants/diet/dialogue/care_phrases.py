"""What people say when calories are the wrong answer."""

from __future__ import annotations

from receiver.assistants.diet.dialogue.intents import Phrases

DISTRESS = Phrases(
    r"""
    all i [am|will|can]* (allow|allowing|let|letting) (myself|me)|only (allow|allowing|let|letting) (myself|me)
    (allow|allowing) myself [only|just|a|one|an]*
    [need|have|want|going|got] [to] make up for (it|eating|that|this|what i ate|yesterday|today)
    (eat|ate|eating|eaten) ... (get|got|getting) rid of (it|that|everything|them)
    (get|got|getting) rid of (what i ate|my (food|lunch|dinner|breakfast))
    food is (the|my) [worst] enemy|(my|the) reflection and (cried|cry|hated)|cried [\w+]* (mirror|scale|scales)
    (can|should|could|may) i skip (breakfast|lunch|dinner|meals|eating) (if|because|since|after|as)
    (want|need|have) to (be|get|weigh) (lighter|smaller|bonier|tiny)
    (nothing|not eaten|no food) since (monday|tuesday|wednesday|thursday|friday|saturday|sunday|last week|the weekend)
    (have to|do i|should i|need to|must i|can i) not eat ... (lose|loss|weight|pounds|kilos)
    (purge|purged|purges|purging)|bulimi\w+|anorexi\w+|eating disorder|thinspo|pro ana
    (made|make|making|makes|force|forced|forcing) (myself|me) [to] (throw up|vomit|be sick|sick|puke)
    (vomit|vomited|vomiting|puke|puking) (after|on purpose|my (food|meals|lunch|dinner|breakfast))
    (throw|threw|throwing|bring|brought) (it|that|them|everything|food|my \w+) [all] [back] up [on purpose]
    (throw|threw|throwing) up (on purpose|after (eating|every|each|my|i eat)|what i (ate|eat))
    (throw|threw|throwing) up my (food|breakfast|lunch|dinner|meal|meals)
    (finger|fingers) down my throat|(laxative|laxatives|diuretic|diuretics)|(diet|water|slimming) (pill|pills)
    (starve|starved|starves|starving) (myself|me)|i [have] starved [today|all day|yesterday]
    (stop|stopped|quit) eating [altogether|completely|food|at all|anything] $
    (not eaten|not eat|not eating|without eating|no food) [anything|any food] (for|in) [\w+] (days|week|weeks)
    (not eaten|not eat|not eating) [anything|any food] since (monday|tuesday|wednesday|thursday|friday|saturday|
        sunday|last week|the weekend)
    (food|eating) (scares|terrifies|disgusts) me|the least [food|amount|calories]* i can eat
    (want|need|have) to (be|get|look) (skinny|thin|thinner|skinnier)|look at myself in the mirror
    my (body|face|stomach|belly|weight) is [so|too|really]* (disgusting|gross|ugly|awful|fat|hideous)
    NUMBER calories diet|[been|am] restricting|restrict my (food|eating|calories|intake)
    (skip|skipped|skipping) ... to lose weight|fasted for [\w+] (days|week|weeks)
    deserve (to eat|food|breakfast|lunch|dinner|any food|to be fed|a meal|this meal)
    (do not|never) (want|allow myself) to eat (anymore|again|ever|at all|anything)
    (hate|hating|loathe|can not stand) (how i look|the way i look|myself)
    (hate|hating|loathe|can not stand) my (body|stomach|thighs|legs|belly|weight|self)
    (disgusted|ashamed|embarrassed) (with|by|of|at) (myself|what i ate|how i look|my (body|weight|eating))
    i (am|feel) [so|too|really|just|such]* [a] (fat|disgusting|gross|worthless|ugly|pig|cow|failure|ashamed|
        guilty)
    am i [too|so|really]* (fat|ugly|disgusting|overweight)|(do|does) i look fat
    (feel|feeling|felt|feels) [so|really|very|too]* (guilty|ashamed|disgusting|fat)
    (binge|binged|binges|bingeing|binging) !(watch|watched|watching|tv|series)
    (can not|could not|unable to) (stop|control) (eating|my eating|myself)|out of control (eating|with food)
    (punish|punishing) myself|(work|burn|run) (it|that|this|them|those) off|how (few|little) (calories|food|
        can i eat)
    (skip|skipped|skipping) [all|my]* (meals|food|eating) (to|so|because|until)
    (earn|work off|make up for) (my|that|this|the) (food|meal|meals|dinner|lunch|breakfast)
    (terrified|scared|afraid) (of|to) (food|eating|eat|gaining|gain|calories)
    (only|just|under|less than|below|no more than|live on|survive on) [only|just|under|eat]* NUMBER calories
    (only|just|under|less than|below|no more than|live on|survive on) [\w+] hundred [and] [\w+] calories
    how (do|can|could) i (stop eating|starve|eat nothing|not eat|throw up)
    [water|dry] (fast|fasting) for [\w+] (days|week|weeks)|(chew|chewing|chewed) [my|the] [food] and spit\w*
    """.replace("NUMBER", r"\d{2,3}")
)

MEDICAL = Phrases(
    r"""
    insulin|metformin|ozempic|wegovy|semaglutide|mounjaro|statin|statins|warfarin|blood (thinner|thinners)
    antibiotic|antibiotics|ibuprofen|paracetamol|acetaminophen|tylenol|aspirin|antidepressants?|steroids|chemo\w*
    medications?|medicines?|prescribed|dosages?|dosing|my (meds|pills|tablets|prescription|dose|dosage)
    (what|which|right|correct|how (much|big|large) a) dose|dose (should|do|can) i|a dose of (my|the|medic\w+)
    (diabetes|diabetic|diabetics) !(friendly|cookie|cookies|chocolate|candy|ice|jam)|pre diabet\w+|prediabet\w+
    blood (sugar|glucose|pressure|test|tests)|hypo glyc\w+|hyper glyc\w+|(hypo|hyper)glyc\w+|ketoacidosis
    pregnan\w+|breast feeding|breastfeeding|gestational|trimester|morning sickness|expecting a baby
    (high|my|lower|low) cholesterol|thyroid|epilep\w+|crohn's|colitis|celiac|coeliac|irritable bowel|gout
    (kidney|liver|heart|gallbladder) (disease|stone|stones|failure|problem|problems|condition)|cancer
    allergy|allergies|allergic|(lactose|gluten) intoleran\w+|hives|a rash|food poisoning|symptoms?|diagnos\w+
    vomiting|vomited|throwing up|threw up|diarrh\w+|constipat\w+|nauseous|nausea|dizzy|light headed|lightheaded
    (stomach|belly|tummy|abdominal|head|back) (ache|aches|pain|pains|cramps|hurts)|(stomachache|headache|
        heartburn)
    my (sugar|sugars|sugar's|insulin|heart|pulse) (been|is|has|have|was|were|keeps) ...
    (feet|ankles|legs|hands) (is|are) swollen
    (feel|feeling|felt) [a|bit|little|so|really|very|quite|rather|kind of]* (faint|unwell|ill|poorly|woozy|shaky|
        light headed|queasy)
    (stomach|belly|tummy|gut|stomach's|belly's|tummy's) [is|has|was|feels|have]* [been|a bit|
        really|so|all]* (funny|upset|
        off|bad|sore|weird|bloated)
    [my] (doctor|gp|physician|cardiologist|nurse|dietitian|dietician|nutritionist) (says|said|told|wants|thinks|
        advised|warned|put me) ...
    my \w+ (hurts|aches)|[is it|would it be] safe (to|for me to) (eat|fast|take)|supplements [are] safe
    lose [\w+]* (weight|pounds|kilos|kilograms|kg|lbs|stone) [as|really|very|too|so]* (fast|quickly|rapidly|overnight)
    lose [\w+]* (weight|pounds|kilos|kilograms|kg|lbs|stone) (in|by|within|before) [the|this|next|my]* (tomorrow|
        monday|tuesday|wednesday|thursday|friday|saturday|sunday|wedding|summer|[a|one|two|three|\d|
        next|this|the]* (day|days|week|weeks|weekend|month))
    (can|should|may) (my|a|the) (baby|child|toddler|infant|newborn) (have|eat|drink)|have a (fever|temperature)
    should i take ...|my \w+ is (killing|hurting) me|my sugar is (low|high)|weak and shaky
    """
)
