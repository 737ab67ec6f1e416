"""Talk that is not about food, and what is said to it before the question that stood."""

from __future__ import annotations

from receiver.assistants.diet.dialogue.intents import Phrases

THANKS = Phrases(
    "(thanks|thank you|cheers|much appreciated)"
    " [a lot|very much|so much|kindly|for (that|your help|everything)|thanks|coach|again]*"
    " [[my] (dear|love|mate)]*"
)

BYE = Phrases(
    """
    [thanks|thank you|okay|dear|love|mate|sorry]* (good bye|goodbye|bye|see you|see ya|good night|so long|
        laters) [bye|later|soon|tomorrow|now|coach|then|again|dear|love|mate|bye]*
    [sorry|okay|thanks|i]* (got to|have to|need to|must) (go|run|dash|leave|rush) [now|bye|sorry]*
    talk [to you] later|have a (good|nice|great) (day|one|night|evening)|take care|until (later|
        tomorrow)|catch you later
    """
)

WRONG = Phrases(
    """
    (that|it|this) (is|was) (wrong|not right|incorrect|not correct|not what i said)|you got (it|that) wrong
    i made a mistake|there is a mistake|(change|correct|fix|edit) (something|it|that|an item|my (diary|list))
    (change|correct|fix|edit) [the|my] \\w+ [\\w+]
    """
)

WAIT = Phrases(
    """
    stop|[no] wait [a (minute|moment|second)]|hold on|one (moment|second|minute)|cancel|quiet|be quiet
    """
)

TALK: tuple[tuple[Phrases, tuple[str, ...]], ...] = (
    (
        Phrases(
            "(hello|hi|hey|good (morning|afternoon|evening|day)|howdy|greetings)"
            " [there|coach|again|hello|hi|to you|dear|love|mate]*|(yo|hiya|morning|evening|afternoon)"
        ),
        ("Hello!", "Hello there!", "Hi, good to hear you!"),
    ),
    (
        Phrases(
            """
            [hello|hi|hey] (how are you|how is it going|how do you do|what is up|how have you been) [doing|
        today|feeling]*
            """
        ),
        ("I am well, thank you for asking!", "Doing fine, thank you!", "All good here, thank you!"),
    ),
    (
        Phrases(
            """
            (who|what) are you [exactly]|what is your name|do you have a name|who made you|introduce yourself
            are you [a|an] [real] (real|human|robot|bot|person|machine|computer|ai|alive) [being]
            (who|what) am i talking to|tell me about yourself
            """
        ),
        ("I am your diet coach, a program that keeps your food diary by ear.",),
    ),
    (
        Phrases(
            """
            help [me]|i need help|instructions|what are my options|what is this|what (now|should i (say|do))
            what (can|do|could) (you|i) (do|say|ask|help [me] with|know) [for me|you|here|exactly]
            how (does|do) (this|you|it|that) work|how (do|can) i (use|start|do) [this|you|it]
            """
        ),
        (
            'Tell me what you ate, and I keep the count. You can also say "no, three eggs", "undo", "how much is '
            'left", or set a goal.',
        ),
    ),
    (
        Phrases(
            """
            [tell|say|know|give] [me|us] [a|another|any|some|the] [good] (joke|jokes) ...|(tell me|
        make) ... joke ...
            make me laugh|sing ...|tell me [a] (story|something funny|riddle|poem) ...
            """
        ),
        (
            "Jokes are not my strong side; lettuce leave them to others.",
            "I only know the one about the two peas, and it is a bit small.",
        ),
    ),
    (
        Phrases(
            """
            (what|how) (is|will|was) [the] weather ...|(will|is) it (rain|snow|sunny|raining|cold|warm) ...
            ... weather (like|forecast|today|tomorrow)|the weather is ...
            """
        ),
        ("I cannot see the weather from here.", "About the weather I know nothing, sorry."),
    ),
    (
        Phrases(
            """
            ... calories ... (burn|burned|burnt) ...|what is my (weight|bmi) ...|how much (do|did) i weigh ...
            what is [on] [the] (news|score|time|date|day|capital) ...|who (won|is|was) ...|what (time|day|
        date) is it ...
            play [some|a|me] (music|song|game) ...|set (a|an) (timer|alarm) ...|turn (on|off) ...
            """
        ),
        ("That is outside of what I know; I only do food.", "I cannot help with that; food is all I know."),
    ),
    (
        Phrases(
            """
            (can|do) you hear me ...|[hello] (testing|test) [one|two|three|test|testing|1|2|3]*
            [hello]* is (this|it|anyone|anybody|someone) [thing] (on|working|there|listening)
            are you (there|listening|still there|awake) ...|anybody there
            """
        ),
        ("Yes, I hear you.", "I am here."),
    ),
    (
        Phrases(
            """
            what do you mean|i (do|did) not (understand|get (it|that|you))|why (do|did|are) you ask ...
            can you (speak|talk|say it) (slower|louder|up|more slowly) ...|i am confused|what do you want
            """
        ),
        ("Just tell me what you ate and drank, in your own words, and I write it down.",),
    ),
    (
        Phrases(
            """
            (can|could|may) (i|we) [still] (add|log|tell|put|record) [you] (something|food|a meal|foods|things) ...
            (add|log|record|register) [my] (something|food|foods|a meal|meals) [for|from|to]* [DAY|MEAL]
            """
        ),
        ('Of course. Tell me the food and the day, for example "yesterday I had soup".',),
    ),
    (
        Phrases(
            """
            (it|that|they) (was|is|were|tasted|tastes) [so|really|very|pretty|absolutely|quite]* (amazing|delicious|
                great|good|yummy|tasty|lovely|nice|awesome|perfect)|lovely|yum [yum]|delicious
            [no] i am (fine|okay|all right) [really|thanks|thank you|now]*
            """
        ),
        ("Good to hear!", "I am glad."),
    ),
    (
        Phrases("tell you (what i (had|ate|have eaten)|about my (day|food|MEAL))"),
        ("Please do.", "Go ahead."),
    ),
    (
        Phrases(
            "i am [so|very|really|still|getting|quite]* (hungry|thirsty|starving|peckish) [now|again|already]*"
        ),
        ("Then something good to eat sounds right; tell me afterwards what it was.",),
    ),
    (
        Phrases(
            """
            i am [so|very|really|still|quite|pretty]* (full|stuffed|tired|bored|busy|sleepy) [now|today|too|
        again]*
            i am [so|very|really|still]* (happy|well|great|back|here|ready) [now|today|too|thanks|thank you|
        again]*
            """
        ),
        ("Good to know.", "Thank you for telling me."),
    ),
    (
        Phrases(
            """
            i (ate|had|have eaten) [way|far|so|a bit]* too (much|many) [food|today|again]*|i was (bad|
        naughty|weak) ...
            i (overate|over ate|pigged out|cheated) [today|again|on my diet]*
            """
        ),
        ("Everybody has such days, and nothing is lost by them.", "That is all right; I only write it down."),
    ),
    (
        Phrases(
            """
            i am [a|an|on a]* [strict]* (diet|vegetarian|vegan|keto|pescatarian) [now]
            i am (trying|going) to lose weight
            i (want|would like|hope|plan|need) to (lose|gain) [\\w+] [\\w+] (weight|pounds|kilos|muscle)
            i (want|would like|hope|plan|need) to (build muscle|get fit|eat (better|healthier|less|more))
            i (lost|gained) [\\w+]* (pounds|pound|kilos|kilo|kilograms|weight|stone) ...|i worked out ...
            i went ...
            """
        ),
        ("Thank you for telling me.", "I will keep to what you eat."),
    ),
    (
        Phrases(
            "i (feel|am feeling) [so|very|really|a bit]* (bad|sad|down|awful|terrible|sick|low|lonely) ..."
        ),
        ("I am sorry to hear that; if it does not pass, please talk to somebody you trust.",),
    ),
    (
        Phrases("[i am] [very|so] sorry [about that]|my (bad|mistake|apologies)|oops"),
        ("No harm done.", "That is all right."),
    ),
    (
        Phrases(
            """
            [you are|that is|this is] [so|very|really]* (stupid|dumb|useless|terrible|annoying|an idiot|
        a joke|rubbish|awful)
            shut up|i hate (you|this)|you suck|you are (bad|wrong)
            """
        ),
        (
            "I am sorry that it went wrong. Tell me what to change.",
            "Sorry about that; tell me what should be different.",
        ),
    ),
    (
        Phrases(
            """
            [you are|that is|this is] [so|very|really|a|the]* (nice|great|awesome|cool|good|amazing|best|
        funny|smart) [job|work|to know]
            [you are|that is|this is] [so|very|really]* (wonderful|helpful|perfect|brilliant|sweet|kind|
        excellent|interesting)
            i (love|like) (you|it|this)|(good|nice|great) (job|work)|well done|ha [ha]*|wow
            """
        ),
        ("Thank you!", "That is kind of you."),
    ),
)
