"""The words of English."""

from __future__ import annotations

from templates.lexicon_form import Lexicon, labels_of, split_words

ENGLISH = Lexicon(
    labels=labels_of("Analysis", "Opinion", "Live", "Sponsored"),
    connectives=split_words(
        """however, therefore, thus, hence, meanwhile, moreover, furthermore, nevertheless, nonetheless, instead,
        otherwise, consequently, accordingly, additionally, also, in addition, on the contrary, in contrast, by contrast,
        as a result, for example, for instance, in fact, indeed, of course, in other words, eventually, likewise,
        similarly, equally alarming, on the other hand, at the same time, in turn, then, still, besides, overall,
        in short, finally, to be fair, to be sure, that said, after all, even so, as such, well, now, sure, plus,
        in conclusion, in summary, in a nutshell, in a word, wait, not only that, in search of answers, again, rather, so, and, but, or, nor, yet, because"""
    ),
    danglers=split_words(
        """he, she, it, they, him, her, his, hers, their, theirs, them, its, that, those, such, here, it's, it’s, he's, he’s, she's, she’s,
        they're, they’re, they've, they’ve, he'd, he’d, she'd, she’d, he'll, he’ll, she'll, she’ll, it'll, it’ll, they'll, they’ll,
        that's, that’s, if so, if not, and, but, or, so, yet, nor, then, neither, either, others, whatever, who, which, whose, because,
        also, too, again, still, afterwards, afterward, instead, otherwise, hence, thus, therefore, however, meanwhile, the same,
        the latter, the former, the other, the others, the pair, the duo, among them, for him, for her, for them, with this, with that, by this,
        after that, after this, in this, in that, at this point, at that, from there, until then, by then, despite this, despite that,
        as for, not only that, no wonder, yes, no, oh, ok, okay, wow, well, sure, plus, speaking of, more than that, like this, just like that,
        all of this, all of that, all this, all that, here's, here’s, when asked, asked about, asked if, asked whether, of those, of these,
        according to him, according to her, according to them, both of, i mean, even so, this, these"""
    ),
    pronouns=split_words("he, she, it, they, who, which, that, i, we, you, this, one, some, many, others, there"),
    reporting=split_words(
        """said, says, say, saying, told, tells, tell, reports, reported, reporting, announced, announces, claimed,
        claims, claim, stated, states that, added, adds, wrote, writes, argued, argues, insisted, insists, warned, warns,
        denied, denies, confirmed, confirms, acknowledged, acknowledges, admitted, admits, explained, explains, noted, notes,
        suggested, suggests, alleged, alleges, accused, accuses, declared, declares, revealed, reveals, tweeted, quipped,
        joked, recalled, recalls, asserted, asserts, maintained, maintains, replied, responded, believes, believe,
        thinks, commented, remarked, stressed, stresses, promised, vowed, vows, urged, urges, pointed out, points out, quoted,
        asked, shared, dished, gushed, captioned, shouted, concluded, predicted, predicts, estimates, estimated, continued"""
    ),
    according=split_words("according to, in the words of, citing, in a statement by"),
    roles=split_words(
        """police, officials, prosecutors, authorities, government, ministry, council, court, company, union, army, military,
        researchers, scientists, doctors, investigators, lawyers, spokesman, spokeswoman, spokesperson, mayor, minister,
        president, governor, senator, judge, sheriff, report, study, agency, department, organisation, organization, firm,
        firefighters, residents, experts, analysts, commission, committee, regulators, charity, university, hospital,
        secretary, chancellor, director, attorney, newspaper, economists, campaigners, parents, club, coach, manager,
        teachers, officers, leaders, lawmakers, statement, survey, poll, documents, lawsuit, complaint, indictment"""
    ),
    relative=split_words(
        """today, yesterday, tomorrow, tonight, last night, last week, last month, last year, last summer, last winter, last spring, last fall,
        this morning, this afternoon, this evening, this week, this month, this year, this summer, this weekend, last weekend,
        next week, next month, next year, next summer, next weekend, days ago, weeks ago, months ago, years ago, hours ago, a year ago,
        a week ago, a month ago, shortly, earlier this, later this"""
    ),
    turns=split_words(
        """but, unless, if, except, although, though, however, not, only, without, despite, until, never, allegedly,
        reportedly, no longer, or, than, whether, say, says, said, according"""
    ),
    taste=split_words(
        """naive, naïve, gamble, short-sighted, shortsighted, dagger, proxy, shameful, disgraceful, ridiculous, absurd, outrageous,
        pathetic, brilliant, stunning, gorgeous, amazing, incredible, unbelievable, awful, terrible, horrible, evil, heroic,
        sickening, disgusting, should, must, ought, needs to, is needed, are needed, need to, alarming, worrying, unfortunately,
        sadly, thankfully, fortunately, obviously, clearly, undoubtedly, of course, beautiful, perfect, best, worst,
        frankly, honestly, arguably, tragically, hopefully, stupid, hypocrisy, hypocrite, radical, extremist, regime,
        stronger position, serious problems, geopolitical problems, unabated, tread carefully, reset, convulsions"""
    ),
    first_person=split_words(
        """i, i'm, i’m, i've, i’ve, i'd, i’d, i'll, i’ll, me, my, mine, we, we're, we’re, we've, we’ve, we'll, we’ll, us, our,
        ours, you, your, yours, you're, you’re, you've, you’ve, you'll, you’ll, let's, let’s"""
    ),
    clause_words=split_words(
        """which, who, whose, whom, where, when, while, as, after, before, with, including, following, according, because,
        since, amid, during, and, even, leaving, making, bringing, causing, giving, adding, sending, killing, taking, marking,
        forcing, allowing, raising, becoming, using, being, having, calling, setting, prompting, ending, to, in, from, by,
        alongside, along, such as, particularly, especially, so, thereby"""
    ),
    calendar=split_words(
        """monday, tuesday, wednesday, thursday, friday, saturday, sunday, january, february, march, april, may, june, july,
        august, september, october, november, december, jan, feb, mar, apr, jun, jul, aug, sept, sep, oct, nov, dec, i,
        mon, tue, wed, thu, fri, sat, sun, christmas, easter"""
    ),
    small=frozenset(
        """a an the in on at by for from of to with after before as when while during since under over about into against
        between through despite among amid although though if because but and or nor so yet not no all any each every
        both more most many much some few several two three four five six seven eight nine ten first last next new our
        your my his her its their this that these those it he she they we you i there here what who how why where which
        police officials people researchers scientists according speaking meanwhile however now then one earlier later
        only even just also still once until unless within without across around inside outside near up down off out""".split()
    ),
)
