"""What no language model and no rule for small talk is asked about: emergencies, and despair.

A kind answer that sends the person to people who can help. Numbers of helplines differ from country to country, so
only a locale of the United States gets the ones that are valid there.
"""

from __future__ import annotations

from collections.abc import Iterator

from receiver.assistants.phrase_tables import Phrases

EMERGENCY_ANSWER = (
    "That sounds serious, and I am not the right help for it. Please call {emergency} now, or ask somebody near "
    "you to call."
)
DESPAIR_ANSWER = (
    "I am really sorry that you feel this way, and I am glad you told me. You deserve help right now: please "
    "reach out to {helpline}, or to somebody you trust. If you are in danger, call {emergency}."
)


_STEP = 100
"""Words: a phrase that is no longer is found wherever it stands."""


def urgent_answer(said: str, locale: str | None) -> str | None:
    """What to say instead of anything else; None where nothing of the kind was said.

    `said` is in plain words (`receiver.assistants.phrase_tables.plain`).
    """
    for part in _parts(said):
        if DESPAIR.within(part):
            return DESPAIR_ANSWER.format(**_numbers(locale))
        if EMERGENCY.within(part):
            return EMERGENCY_ANSWER.format(**_numbers(locale))
    return None


def _parts(said: str) -> Iterator[str]:
    """Stretches that overlap: the time that phrases with gaps take grows with the square of the length."""
    words = said.split()
    for start in range(0, max(1, len(words)), _STEP):
        yield " ".join(words[start : start + 2 * _STEP])


def _numbers(locale: str | None) -> dict[str, str]:
    if (locale or "").replace("_", "-").lower() == "en-us":
        return {"emergency": "911", "helpline": "the 988 lifeline, by call or text"}
    return {"emergency": "your local emergency number", "helpline": "a crisis line in your country"}


EMERGENCY = Phrases(
    r"""
    chest (pain|pains|hurts|tightness|pressure)|chest (is|feels) (tight|heavy)
    (pain|pains|pressure|tightness) in my chest
    can not breathe|(trouble|difficulty|hard time|struggling) [to] (breathing|breathe)|(short|
        shortness) of breath
    (throat|tongue|lips|lip|face) [is|are|feels|feel|started|starts|keeps]* (swelling|swollen|swelled|
        closing|tight)
    (throat|tongue|lips|mouth|face) [is|are|feels|feel|started|starts]* (tingling|tingly|itching|itchy|numb)
    my heart (is|will not stop) (racing|pounding)|(going|about) to (faint|pass out)|feel faint
    allergic to ... (just|accidentally|have|think i) [just|accidentally]* (ate|had|eaten|swallowed)
    (just|accidentally) (ate|had|swallowed) ... allergic to
    (took|swallowed|taken) (\d+|\w+teen|ten|twelve|twenty|thirty|forty|fifty|all [of]|a (lot|bunch|handful|bottle)|
        lots|the whole|too many) [of|bottle|my|the|these|diet|sleeping|pain]* (pills|tablets|capsules|painkillers)
    (swallowed|drank|ate) [some|a|the]* (bleach|poison|detergent|battery|batteries|antifreeze|drain cleaner)
    swollen (throat|tongue|lips|lip|face)|anaphyla\w+|(severe|bad|having an) allergic reaction
    (i|she|he) [have|am|just|nearly|almost|keep|keeps]* (passed|passing|blacked|blacking) out
    (i|she|he) [just|nearly|almost]* fainted|keep fainting
    overdos\w+|took too many (pills|tablets)|having a (heart attack|stroke|seizure)|i am choking
    (vomit\w*|throwing up|threw up|throw up|cough\w*|spit\w*) blood
    """
)

DESPAIR = Phrases(
    r"""
    suicid\w+ !(squad|rate|rates|bomber|bombers|bombing|mission|prevention|door|doors|statistics)
    (kill|killing) myself !(laughing)|(end|ending) (my [own] life|it all)|want to die|wish i (was|were) dead
    (take|taking) my own life
    can not (go on|do this anymore|take (it|this) anymore|take any more)|(no|not any) point (in|to) (living|life)
    do not want to (live|be alive|be here anymore|wake up)|better off dead|no reason to live
    wish i (could|would) (disappear|die|not wake up)|(not worth|tired of) living|feel like dying|want to disappear
    want to cut myself !(a|an|another|some|off)
    (hurt|hurting|harm|harming) myself|self harm\w*|cutting myself !(a|an|another|some|off)
    """
)
