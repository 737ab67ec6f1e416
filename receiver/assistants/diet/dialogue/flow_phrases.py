"""How people say that they are done, want something else, or had nothing."""

from __future__ import annotations

from receiver.assistants.diet.dialogue.intents import Phrases

_DONE = """
    that (is|was|will be|would be|should be|makes) (all|it|everything|my [whole] day|the [whole] day|
        my [whole] list)
    that is [all] (the food|all of it|about it|about all|all folks)|that is (all|it|everything) [i (had|ate|
        have|got)]
    that is (the lot|me [done|finished])|that is your lot
    that is pretty much (it|all|everything)|that is enough [for (today|now)]
    (that|it|i have) [about|just]* (covers|completes|sums up|covered) (it|everything|it all)
    [i have] (nothing|not much|not anything|no) (else|more|further|other than that|to add) [to (add|report)|
        today]*
    no more [food|meals|snacks|today]|i (do not|did not) (have|eat) anything (else|more)
    (i|we) (am|are|have) [all|now|about|pretty much|completely]* (done|finished|through|complete)
    (i am|we are) good [for (now|today)|thanks|here]|(i|we) (finished|covered everything)
    all good [here|for now]|we are (finished|done|good|all set) here|finish|nothing more
    sum (it|that|this|everything) up|sum up|done for (today|the day|now|tonight)|call it a day|all done
    wrap (it|this) up|wrap up|i have (told you|covered|logged|said) (everything|it all)
    the end|end of (list|the list|story)|nothing left to add|everything is (in|there|logged)
    not that i [can] (know|think of|remember|recall)|i can not think of anything [else|
        more]|i got nothing [else]
"""

DONE = Phrases(_DONE)
"""Also said after foods: "two eggs, and that's all"."""

DONE_ALONE = Phrases(
    _DONE,
    """
    [no] (done|finished|complete|all set|not really|that is right|nothing) [done|thank you|thanks|nothing else]*
    no [no]* [thank you|thanks] [that (is|was|will be) (all|it|everything)|nothing (else|more)|i am (done|good)]
    """,
)

DONE_WITH_MEAL = Phrases(
    """
    [that (is|was)] (all|it|everything) [for|with|at|about] [my|the] MEAL
    (nothing (else|more)|no more|[i am] [all] (done|finished)) (for|with|at|about) [my|the] MEAL
    (finish|close|end|complete) [my|the] MEAL|MEAL (is|was) (done|finished|complete|over)
    """
)

UNDO = Phrases(
    """
    undo [that|it|this|the last (one|change|thing|step|entry)|my last (change|entry|one)|last]* [too|also|as well]
    (scratch|revert|reverse|cancel|strike|disregard) (that|it|the last (one|change|thing|entry)) [one]
    take (that|it|the last one) back|forget (that [one]|the last (one|thing)|what i [just] said)
    (add|put|bring) (it|that|them) back [in]|that was a mistake|i did not mean (that|to say that)
    """
)

PUT_BACK = Phrases("(add|put|bring) (it|that|them) back [in]")

UNDO_FIRST = Phrases("[no|oh|wait]* (scratch|cancel|strike|forget|undo) (that|it) [last] [one]")
"""Before other words, these take the last change back and go on."""

START_OVER = Phrases(
    """
    (start|begin) [all] (over|again|afresh|new|from (scratch|zero|the beginning|the start)) [again]
    (reset|restart|clear|erase|delete|remove|wipe|scratch) [out] (everything|it all|all [of it])
    (reset|restart|clear|erase|delete|remove|wipe|scratch) [out] (my|the) [whole] (day|diary|list|log)
    (clear|erase|delete|remove) all [of] [my|the] (food|foods|items|entries)
    reset|restart|clean slate|throw everything (out|away)|get rid of everything
    """
)

REPEAT = Phrases(
    """
    repeat [that|it|this|yourself|the question] [again|once more|one more time]
    say (that|it|this) [again|once more|one more time]|say again|you repeat [that|it]
    [sorry|excuse me] what (did you [just] say|was that|was the question|did you ask)|come again|(pardon|
        excuse) [me]
    sorry|what|huh|once more|one more time|i (did not|could not) (hear|get|catch|understand) (that|you|it)
    """
)

SKIP = Phrases(
    """
    (skip|pass|next|move on|go on|continue) [it|that|this|this one|that one|the question|question|one|meal]*
    (skip|pass on) [my|the] <meal: MEAL>|(skip|leave out) <skipped: MEAL>
    """
)

GO_TO = Phrases(
    """
    (go|skip|jump|move|switch|get) [back|ahead|over|on|straight|right]* to [my|the] <to: MEAL>
    (do|start with|talk about|log|add|record|take) [my|the] <do: MEAL> [first|next]
    (what|how) about [my|the] <about: MEAL>|back to [my|the] <back: MEAL>|next is <next: MEAL>
    """
)

GO_BACK = Phrases("[go|step|move] back [one|a (meal|step|question)]|[the] previous [one|meal|question]")

NO_MEAL = Phrases(
    """
    [no] [i|we] [have|just]* (skipped|missed|passed on) (it|that|this one|[my|the] MEAL [and MEAL]) [DAY]
    [i] (did not|do not) have [any] (time|appetite) [for [any] MEAL|to eat [MEAL]]|no time [for MEAL]
    MEAL [was|got] skipped|i (was|am) not [really|that|very]* hungry [then|today]
    [no] [i|we] (did not|have not|never|do not) [really] [have|had|eat|eaten|ate|get|do|take] [any|a|my]
    [no] [i|we] (did not|have not|never|do not) [really] (have|had|eat|eaten|ate) [any|a|my] MEAL [DAY|at all]
    [no] [i|we] (did not|have not|never|do not) [really] (have|had|eat|eaten|ate) anything [(for|at|
        as) [a]] [MEAL|today]*
    [for|at|in|as|and]* [the|my] MEAL [i had|was]* (nothing|none|not anything) [at all]
    (no|nothing|not anything|none) [for|at|as] [a|my|any] MEAL [today|for me|at all]*|without MEAL
    [no] (nothing|none|not anything|not a thing|zero) [at all|really|yet|today|so far|there|this time]*
    i (had|ate) nothing [at all|today|yet|for MEAL]*
    """
)

NO_TO_MEAL = Phrases(
    "[i] (skipped|missed|did not have|had no|no|neither) [any|my] <meal: MEAL> [(and|or|nor) [my] <also: MEAL>]"
)
""" "I skipped breakfast but had eggs for lunch"."""

HAD_MEAL = Phrases(
    """
    (had|ate|finished|having) [just|only]* [a|an|my|some] [really|very|quite|pretty|rather|such a]*
    ([big|huge|large|massive|small|light|tiny|late|early|good|great|lovely|nice|quick|proper|heavy|normal|decent]*)
    <meal: MEAL> [today|tonight|earlier|already|instead|though|now|out|with (friends|family|my family)]* $
    """.replace("\n", " ")
)
""" "I had a big dinner" says that there was one, and not what."""

NO_THAT_DAY = Phrases("[no|sorry|actually|wait|oh|i mean|i meant|it was]* DAY")
""" "No, today", after something was moved to another day."""

NOT_YET = Phrases(
    """
    [no] not yet ...|... (not|have not) (had|eaten|have|eat) ... yet
    [no] [i|we] (have not|did not) (had|eaten|have|eat) (it|that|lunch|dinner|breakfast|supper) yet
    [no] [i|we] have not (had|eaten) (it|that|lunch|dinner|breakfast|supper)
    MEAL (is|will be|comes) [not] (until|till|later) ...|MEAL i (will|shall) (have|eat) later
    (what|how) about (MEAL|DAY) i (have|had) [had] nothing yet
    [it is] (too|still) early|[maybe] later|i will (tell you|have it|eat) later
    """
)
