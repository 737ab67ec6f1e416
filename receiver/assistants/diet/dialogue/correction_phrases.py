"""How people put right what they said."""

from __future__ import annotations

import re

from receiver.assistants.diet.dialogue.intents import Phrases

LEAD = Phrases(
    """
    no|not|sorry|wait|hang on|hold on|actually|oops|correction|i (mean|meant)|(make|change) (it|that|them|those) [to]
    (make|change|set|correct|update) (the|my)
    (it|that|they|those|these) (was|were)|(it|that) should (be|say)|i [only|just] (had|ate|drank) (only|just|half)
    i (only|just) (had|ate|drank)|there (was|were) (only|just|actually)
    """
)

MEANT = Phrases(
    """
    i (mean|meant|said)|instead|should (be|say|have been)|(make|change) (it|that|them)
    (it|that|they|those|these) [actually|really] (was|were)
    """
)

INSTEAD_OF_IT = Phrases("i (mean|meant|said)|instead|should (be|say|have been)")

IT_WAS = Phrases(
    "[no|sorry|wait|actually|oh|oops]* ((it|that|they) [actually|really] (was|were)|(make|change) (it|that|them))"
)

MORE_FOOD = Phrases("also|too|another|as well|in addition|on top|more|extra|forgot|plus")

TOLD = Phrases("(i|we) [have|just|only]* (had|ate|eaten|drank)")

OF_IT = Phrases("(the|my) ... (was|were) [only|just|actually|really|about]*")
""" "The syrup was only a teaspoon"."""

MOVED = Phrases(
    """
    (that|it|this|those|these|they|them) (was|were|is|are) [actually|really|all|not|from|for|at|on|my|
        part of]* (MEAL|DAY)
    (that|it|this|those|these|they|them) should (be|have been|go) [for|from|at|to|in|on|under|my]* (MEAL|DAY)
    (that|it|this|those|these|they|them) (belongs|belong|goes|go) [for|at|to|in|on|under|with|my]* (MEAL|DAY)
    (move|put|shift|change|switch|log|count|file|place) ... (to|under|in|into|for|as|on|at|with) [my|
        the] (MEAL|DAY)
    (i|we) (had|ate|drank) (that|it|this|those|these|them) [all|for|at|as|with|on|my]* (MEAL|DAY)
    [no|sorry|wait|actually]* (i|we) (had|ate|drank) (that|those|these) [\\w+] \\w+ (for|at|as|
        on) [my] (MEAL|DAY)
    (i (mean|meant)|no|sorry|actually|not today|wait) [no|i meant|it was|that was|actually]* [for|at|my|
        on]* (MEAL|DAY) $
    (the|my|that|those) \\w+ [\\w+] (was|were|is|are) [actually|really|all|not|from|for]* DAY $
    (the|my|that|those) \\w+ [\\w+] (was|were) [actually|really|all|not|for|my]* MEAL [(and|but|not) ...] $
    (was|were|is|are) [actually|really|all|not] (for|from|at|on|part of|my) [my] (MEAL|DAY)
    """
)

SWAP_MEALS = Phrases(
    "(swap|switch|exchange|flip|reverse) [my|the] <one: MEAL> (and|with|for) [my|the] <other: MEAL> [around|over]"
)

REMOVE = Phrases(
    """
    i (left|threw (out|away)|gave away|did not (touch|eat)) (the|my|all [the]) !(house|office|table|restaurant)
    [no] do not (count|include|log|add|record|write down|keep)
    [no] (remove|delete|erase|scrap|ditch|drop|omit|get rid of|leave out|strike|cancel|scratch|forget|clear|undo)
    [no] (take|cross) (off|out|away)|[no] (take|cross) ... (off|out|away)|i (did not|never) (say|mention)
    """
)

REMOVE_MEAL = Phrases(
    """
    [no] (remove|delete|erase|drop|cancel|scratch|clear|forget) [everything|all|of|from|for|in]* [my|the] <meal: MEAL>
    """
)

REMOVE_ALSO = Phrases("(or|nor|and [not|also]|also|neither) (the|my|that|those)")

EVERYTHING = Phrases("everything|all|whole|entire|my MEAL|the MEAL")

LAST = Phrases("that|it|this|those|them|they|these|the last [one|thing|item|entry|food]")

DENIED = Phrases(
    """
    [no|sorry|wait|actually|oh|but]* (no|not|without|skip|skipped|there (was|were) (no|not))
    [no|sorry|wait|actually|oh|but]* (it|that|they) (was|were) not
    [no|sorry|wait|actually|oh|but]* (i|we) [actually|really|even] (did|have|had|do|was|were) (not|no)
    [no|sorry|wait|actually|oh|but]* (i|we) not (eat|ate|have|had|drink|drank|take)
    [no|sorry|wait|actually|oh|but]* (i|we) [actually|really|even] (never|skipped|left out)
    """
)

CHANGE_TO = re.compile(
    r"^(?:change|make|set|correct|update|adjust|edit|switch|turn|replace|swap|substitute)(?: out)? "
    r"(?P<old>.+?) (?:to|into|with|for|by) (?:be )?(?P<new>.+)$"
)
WAS = re.compile(
    r"^(?:(?:no|nope|not|but|sorry|actually) )*(?:the|my|that) (?P<old>\w+(?: \w+)?) (?:was|were) "
    r"(?:really |actually |only |just |about )*(?:not .+? but )?(?P<new>.+?)(?: not .+)?$"
)
TIMES = re.compile(r"^(double|triple|halve) (?:the|my|that)\b")
NOT_BUT = re.compile(r"^(?:no,? )?not (?P<old>[^,]+?)(?:,| but) (?P<new>[^,]+)$")
NEW_NOT_OLD = re.compile(r"^(?P<new>\S.*?) (?P<how>instead of|rather than|in place of|not) (?P<old>.+)$")
