"""How people ask about their diary, their goal and about foods."""

from __future__ import annotations

from receiver.assistants.diet.dialogue.intents import Phrases

LEFT = Phrases(
    """
    (how (much|many)|what) [more] [FIGURE] !(is left (on|in) (the|my) (list|diary|log)) (is|are|do i have|
        have i got|have i|i have) [still] [FIGURE] (left|remaining|to go)
    (how (much|many)|what) [FIGURE] (left|remaining)|FIGURE (left|remaining)
    how (much|many) more [of] [FIGURE] [of] [FIGURE] (can|may|could|should|do) i
    what is left [in my day|for (me|today)|today]* $
    how (much|many) [FIGURE] (can|may|could) i still|what can i still (eat|have)
    how far [am i] (from|to) (my|the) goal
    """
)

ON_GOAL = Phrases(
    """
    (am|was) i [already|still] (over|under|within|past|on track|there yet) [it|yet|now|today]* $
    (am|was|did|have|do|is|are) (i|we|that|it) [\\w+] [\\w+] (over|under|above|below|within|on|near) [my|
        the] [FIGURE] (goal|target|limit|track)
    (am|was|did|have|do|is|are) (i|we|that|it) [\\w+] [\\w+] (hit|reach|reached|met|meet|made|make|exceed|
        exceeded|pass|passed|past) [my|the] [FIGURE] (goal|target|limit)
    how (close|near|far) am i|(how|where) (am i|is it) [doing|going] (against|with|compared to|on|for) (my|
        the) [FIGURE] (goal|target)
    """
)

WEEK = Phrases(
    """
    (this|the|last|past|previous|my) [past|last] (week|seven days|7 days)|weekly
    on average|(my|daily|an|the) average|average (FIGURE|day)
    """
)

TOTALS = Phrases(
    """
    (tell|say|give|show) me [the|my] FIGURE|how (did|have) i (do|done|been doing) [DAY]
    how (many|much) [of] [my|net|total]* (FIGURE|have i|did i|do i|in total|in all|altogether|so far)
    (my|the|today's|yesterday's|what is|give me|tell me|total|daily) [my|the|today's|a|total|daily|current|
        me]* (totals|total|count|sum|tally|intake|macros|summary)
    (my|today's|yesterday's|what is my|what are my|total|daily) [total|daily|current] FIGURE [so far|today|
        yesterday]
    (FIGURE|total|totals) (so far|today|yesterday|count|in total|total|intake)|FIGURE (did|have) i
    (where|how) am i [at|doing|today|so far|standing]*|how (is|was) my (day|diet|eating)
    what is (that|it|this) [now|at]* (so far|in total|altogether|all together|at)
    what am i at|where [do|did] i (stand|am)|what is the damage|how (much|many) (was|is) [all] (that|it|this|everything)
    (summarize|summarise) [my day]|add (it|that|everything) up
    """
)

TOTAL_ALONE = Phrases(
    """
    [my|the|and|what about|how about]* (FIGURE|total|totals|progress|status|summary|macros) [for MEAL|at MEAL|DAY]*
    """
)

LIST = Phrases(
    """
    what (did|have) i [already] (tell|told) you [already|so far|about MEAL]*
    what [all|else] (did|have|do) (i|you|we) [all] (have|had|eat|eaten|drink|log|logged|record|recorded|
        written|write|put|get|note|noted|got)
    what (i|was) (have|had|ate|eaten|drank)|what (is|was|are) (in|on|for) (my|the|breakfast|lunch|dinner|supper)
    what (food|foods|items|meals) (did|have|do|are|is)|what do (you|we|i) have [so far|today|down|
        written [down]|for me]* $
    (read|tell|show|list|give|see) [me|out|back] [my|the|a|all|from|of|for|today's|yesterday's]* (diary|log|
        list|food|foods|items|day|meals) ...
    (show|see|open|read) [me|out|back] [my|the|for|from|of]* (DAY|MEAL|today's|yesterday's) [diary|log|list|
        food] [back|again] $
    (read|list|show|tell) [me] (it|that|them|everything|all|what i (had|ate|have)) [back] [to me] ... $
    [go] (to|back to) (today|yesterday) $|(what|how) about DAY $
    did i (tell|give|log|add|record|mention) [you] [about|for]* [my] MEAL $
    (have|did) you (got|get|catch|note|have|written|write) [all [of]] (that|it|this|everything) [down] $
    (is|was) (that|it|this) (right|correct|all in|in there) $|what is left (on|in) (the|my) (list|diary|log)
    """
)

DID_I = Phrases(
    """
    (did|have) [not] (i|you) [already|even] (have|had|eat|eaten|ate|drink|drunk|log|logged|record|recorded|get|got)
    (did|have) [not] (i|you) [already|even] (write|written|put|tell|told|mention|mentioned|add|added|note|noted)
    (did|have) [not] (i|you) [already|even] (count|counted|enter|entered|track|tracked|save|saved|catch|caught)
    (did|have) [not] (i|you) [already|even] (include|included|register|registered)
    do (you|we|i) [already|still|even] have (the|my) !(goal|target|FIGURE|total|totals|list|diary|log|day)
    (is|are) (my|the) ... (in|on|written|logged|there)
    """
)

HOW_MANY_OF_FOOD = Phrases(
    "how (many|much) !(FIGURE|more) ... (did i|have i|i) [\\w+] (have|had|eat|eaten|ate|drink|drank|drunk|log|logged)"
)

IN_FOOD = Phrases(
    """
    (what|how) about
    how (many|much) [\\w+] [\\w+] FIGURE|FIGURE [are|is] in|what (is|are) [the|in]|how (fattening|healthy|
        nutritious|good)
    is|are|what (has|have|does|do)|tell me (about|how many)|nutrition
    """
)

IN_THAT = Phrases(
    "(in|is|was|were|for|has|have|does|did) (that|it|this|those|these|them) [one|have|cost|got|all|contain]*"
)

QUESTION = Phrases(
    """
    how|what|why|when|where|which|who|whose|am|may|shall|if|have you|(could|can|have) i|tell me|show me|read|list
    (is|are|was|were|does|do|did|should|would|will|has) !(not !(i|we|you|it|that|this|there|they|the|my|those|these))
    """
)

ADVICE = Phrases(
    """
    what (should|can|could|shall|do) i (eat|have|cook|make|order|get)|suggest|recommend|recipe
    (any|give me) (ideas|suggestions|a recipe)|how (do|can|should|to) [i|you|we] (cook|make|prepare|bake)
    """
)

JUDGEMENT = Phrases(
    """
    (is|was|are) (that|it|this|my (day|diet|lunch|dinner|breakfast)) [really|very|too|so]* (a lot|much|many|
        healthy|unhealthy|good|
        bad|okay|enough|too (much|little)|fine|normal) ...
    (how (many|much)|what) [grams of] [FIGURE] (should|must) i (eat|have|weigh|lose|aim for|drink) ...
    (how (many|much)|what) [FIGURE] do i need ...
    (am|was) i (eating|doing) (healthy|well|okay|too much|enough|right|good) ...
    what (is|would be|should be) a (good|healthy|normal|sensible) [FIGURE] (goal|target|amount|
        weight) [for me|be]*
    """
)
"""What only somebody who knows the person can say."""

NOT_COUNTED = Phrases(
    "(how much|any|much|how many|is there|what about|about) [of] [the|my|added]* (sugar|salt|sodium|fiber|fibre|"
    "cholesterol|caffeine|iron|calcium|potassium|alcohol|vitamins|vitamin \\w|water)"
)

LOGGING = Phrases(
    """
    (can|could|would|will) (you|i|we) (add|log|put|write|record|note|enter|track|remove|delete|change|take) !(
        how|what|whether|the calories)
    please (add|log|put|write|record|note|enter|track|remove|delete|change)|(what|how) about
    """
)
"""Questions that are none."""

ASKED_OF_WHAT_WAS_TOLD = Phrases(
    "[and|so]* (what|which|when|how much) (was|were|is|did) ... (that|which) (i|we) [have|just]* (had|ate|eaten|drank)"
)
""" "What was it that I had with the eggs" asks, though it says "I had"."""

TOLD = Phrases("(i|we) [have|just|only|also|already|then]* (had|ate|eaten|drank|drunk)")
