"""Set phrases that deny nothing, though they hold a "not": "not gonna lie", "can't complain", "couldn't resist"."""

from __future__ import annotations

from collections.abc import Sequence

_IDIOMS = """
not gonna lie; not going to lie; not to lie; i won't lie; won't lie; can't lie; i can't lie; no lie; ngl;
no joke; no kidding; not kidding; i'm not kidding; not even kidding; not joking; i'm not joking; can't
complain; i can't complain; no complaints; don't judge me; don't judge; no judgement; no judgment; don't
laugh; don't ask; don't ask me why; not proud of it; i'm not proud of it; not my proudest moment; don't
tell anyone; don't tell my wife; don't tell my husband; don't tell my doctor; don't tell my trainer; don't
tell my mom; believe it or not; couldn't resist; i couldn't resist; can't resist; couldn't help myself;
couldn't help it; i couldn't help myself; couldn't stop myself; couldn't say no to; couldn't say no; can't
say no to; didn't say no to; nothing fancy; nothing special; nothing much; nothing crazy; nothing too
crazy; nothing too fancy; nothing too exciting; nothing exciting; nothing major; nothing big; nothing
heavy; nothing unusual; nothing out of the ordinary; not a lot; not a lot really; not much; not much
really; not too much; not a whole lot; no surprise; no surprises; no surprise there; no big deal; no
biggie; no problem; no worries; no doubt; no idea why; don't know why; don't ask why; not gonna pretend; i
don't mind saying; why not; not too shabby; not bad; not bad at all; wasn't bad; can't go wrong with;
never fails; never gets old; never a bad idea; can't beat; you can't beat; can't beat a; didn't feel like
cooking; didn't want to cook; don't feel like cooking; didn't have time to cook; didn't have much time;
didn't have time; had no time; no time to cook; didn't have much of a; did not have much of a; wasn't much
of a; not much of a; didn't eat much; didn't have much; wasn't very hungry; wasn't that hungry; wasn't
really hungry; wasn't too hungry; wasn't so hungry; not very hungry; not that hungry; wasn't hungry; not
hungry; wasn't feeling great; wasn't feeling well; didn't cook; i didn't cook; didn't sleep well; couldn't
sleep; couldn't be bothered; couldn't be bothered to cook; can't be bothered; couldn't wait; no time; not
long ago; not so long ago; don't worry; if i'm not mistaken; unless i'm mistaken; no more no less; last
but not least; didn't hold back; wasn't planning to but; whether or not; not exactly healthy; not the
healthiest; not the healthiest choice; not very healthy; not healthy; not great; not ideal; not my best
day; didn't do well today; didn't eat well; didn't eat very well; not sure if it counts; not sure it
counts; if that counts; not shy about it; didn't finish it all but; would you believe; i kid you not;
    i want to say; i wanna say; want to say; i would say;
never mind; no regrets; no shame
"""

_BY_FIRST_WORD: dict[str, list[list[str]]] = {}
for _idiom in sorted(" ".join(_IDIOMS.split()).split("; "), key=len, reverse=True):
    _BY_FIRST_WORD.setdefault(_idiom.split()[0], []).append(_idiom.split())


def without_idioms(words: Sequence[str]) -> list[str]:
    """The words with a comma in the place of each set phrase."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        candidates = _BY_FIRST_WORD.get(words[at], ())
        idiom = next((each for each in candidates if list(words[at : at + len(each)]) == each), None)
        if idiom is None:
            kept.append(words[at])
            at += 1
        else:
            kept.append(",")
            at += len(idiom)
    return kept
