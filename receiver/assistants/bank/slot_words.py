"""Words of questions about money that name neither a merchant nor a category."""

from __future__ import annotations

import re

STOPS = frozenset(
    re.findall(
        r"\S+",
        """
        a an the my our your this that these those it them they he she we i me you us is are was
        were be been am do does did done has have had having will would could should can may might
        how much many often what what's whats when when's where where's which who why whether money
        cash dollars dollar bucks cents total altogether together all up overall sum amount amounts
        in of on at from to with for by into via and or but than so far too also just only really
        already ever again still now currently please there any some every each per more less most
        least spend spends spent spending spendings pay paid pays paying payment payments purchase
        purchases purchased transaction transactions buy bought buying cost costs costing charge
        charged charges expense expenses expenditure bill bills outgoing outgoings go goes going
        gone went visit visited visits come came comes coming get got gotten getting receive
        received earn earned make made making use used using biggest largest highest smallest lowest
        cheapest expensive latest newest recent recently last first previous next time times once
        twice show list give tell see check find look read out average averages averaged usually
        normally typically generally weekly monthly daily yearly annual annually week weeks month
        months day days year years fortnight today things thing stuff something anything everything
        nothing one ones items item shop shops store stores place places merchants merchant shopping
        category categories number pending held settled cleared hold refund refunds refunded income
        salary wage wages money's no not yes yeah yep okay ok um uh well like right actually say
        said mean meant let's lets compare compared comparison difference between break down
        breakdown split including total's worth lately whole over under about around above below
        exactly approximately up's account accounts balance balances card bank tag tags tagged same
        as if then because back off left transfer transfers transferred since until ago trip trips
        orders order ordered subscription plan don't didn't haven't blow blew blown fork forked drop
        dropped keep kept put set end ended happen happened happens activity history statement
        listed lists top list's summary person people guy someone somebody anyone anybody else other
        another hasn't isn't doesn't wasn't weren't hadn't aren't won't hit hits land landed lands
        arrive arrived turn turned yet damage mostly mainly dearest priciest typical usual take
        took sent send gave given that's it's there's he's she's they're we're you're i'm i've i'd i'll we've wrong nice
        catch catching caught grab grabbed eat eaten ate cut cutting better worse ahead
        worst best heaviest quietest lightest weekend weekends weekday weekdays
        through across towards against without within except besides instead
        apart during onto due owing direct debit debits
        membership memberships standing regular recurring repeat automatic upcoming coming weird strange odd unusual
        suspicious dodgy funny how's who's looking sorry tax count add
        work righto bad lot true false weather sure maybe great thanks interesting
        crazy wow hmm cool         rank ranked ranking versus vs
        """,
    )
)

CATEGORY_STOPS = frozenset(
    re.findall(
        r"\S+",
        """
        a an the my our your this that these those all any some stuff things and or on for of at
        please total altogether so far too spending expenses purchases bills category shopping money
        overall
        """,
    )
)
"""What may stand beside a category that is all of a phrase: "the gym", "all my groceries"."""

JOINING = frozenset(re.findall(r"\S+", "and the of up all store shop one time bank others other"))
"""Stop words that a name may have within it."""
