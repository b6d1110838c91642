"""The words of German, French, Spanish, Portuguese, Italian, Dutch, Polish and Russian."""

from __future__ import annotations

from templates.lexicon_form import Lexicon, labels_of, split_words

GERMAN = Lexicon(
    labels=labels_of("Analyse", "Meinung", "Live", "Anzeige"),
    connectives=split_words(
        """allerdings, jedoch, zudem, außerdem, daher, deshalb, dennoch, trotzdem, inzwischen, unterdessen, hingegen, dagegen,
        schließlich, so, denn, aber, und, doch, auch, dabei, darüber hinaus, ferner"""
    ),
    danglers=split_words(
        """er, sie, es, ihm, ihn, ihr, ihre, ihren, ihrem, ihrer, sein, seine, seinen, seinem, seiner, dieser, diese, dieses,
        diesen, diesem, das, dies, dort, hier, da, dann, damit, dabei, dafür, dazu, darauf, davon, daran, darin, dadurch,
        danach, davor, deshalb, daher, trotzdem, dennoch, und, aber, oder, doch, denn, auch, solche, beide, beiden, jene,
        allerdings, jedoch, zudem, außerdem, so, sowohl, ebenfalls, zuvor, anschließend, weiter, wer, was, wie, warum,
        wo, ob, der erste, die beiden, der andere, die anderen, letzterer, letztere, inzwischen, unterdessen, schließlich"""
    ),
    pronouns=split_words("er, sie, es, ich, wir, man, der, die, das, wer, dieser, diese"),
    reporting=split_words(
        """sagte, sagt, sagten, sagen, erklärte, erklärt, erklärten, teilte, teilten, berichtet, berichtete, berichten,
        berichteten, meinte, meint, betonte, betont, kündigte, warnte, warnt, forderte, fordert, behauptet, behauptete,
        schrieb, schreibt, bestätigte, bestätigt, räumte, kritisierte, kritisiert, ergänzte, verriet, scherzt, glaubt,
        hieß es, heißt es, so der, so die, zufolge, laut, gab, antwortete, findet, erzählt, erzählte, verspricht"""
    ),
    according=split_words("laut, zufolge, nach angaben, nach worten, wie die"),
    roles=split_words(
        "polizei, staatsanwaltschaft, ministerium, behörde, behörden, sprecher, sprecherin, gericht, unternehmen"
    ),
    relative=split_words(
        """heute, gestern, morgen, vorgestern, übermorgen, vergangene woche, letzte woche, nächste woche, vergangenes jahr,
        letztes jahr, im vorjahr, dieses jahr, nächstes jahr, kürzlich, neulich, demnächst, bald, jetzt, derzeit, aktuell,
        zurzeit, vor kurzem, am vortag, heuer"""
    ),
    turns=split_words(
        "aber, nicht, kein, keine, nur, wenn, falls, obwohl, trotz, ohne, oder, sondern, laut, zufolge, sagte, es sei denn"
    ),
    taste=split_words(
        "leider, zum glück, skandal, unverschämt, peinlich, großartig, fantastisch, lächerlich, natürlich, müsste, sollte, muss"
    ),
    first_person=split_words("ich, mir, mich, mein, meine, wir, uns, unser, unsere, du, dir, dich, dein, deine, euch"),
    clause_words=split_words(
        "der, die, das, den, dem, dessen, deren, welche, welcher, weil, da, nachdem, während, als, wobei, wie, um, mit, nach, und, so"
    ),
    calendar=split_words(
        """montag, dienstag, mittwoch, donnerstag, freitag, samstag, sonntag, januar, februar, märz, april, mai, juni, juli,
        august, september, oktober, november, dezember, jänner"""
    ),
    small=frozenset(
        """der die das den dem des ein eine einen einem einer eines in im am an auf aus bei mit nach von vor zu zum zur
        für über unter zwischen durch gegen ohne um als wenn weil während seit bis nun noch nur schon mehr viele alle
        er sie es wir ich man und oder aber doch denn auch so wie was wer wo ob nicht kein keine zwei drei vier""".split()
    ),
)

FRENCH = Lexicon(
    labels=labels_of("Analyse", "Opinion", "En direct", "Sponsorisé"),
    connectives=split_words(
        "cependant, toutefois, néanmoins, ainsi, en outre, de plus, par ailleurs, enfin, pourtant, en effet, donc, mais, et, or"
    ),
    danglers=split_words(
        """il, elle, ils, elles, on, ce, cet, cette, ces, c'est, c’est, cela, ça, celui-ci, celle-ci, ceux-ci, son, sa, ses, leur,
        leurs, lui, et, mais, ou, or, donc, car, ainsi, alors, puis, ensuite, là, ici, y, en, aussi, également, pourtant,
        cependant, toutefois, enfin, qui, que, quoi, comment, pourquoi"""
    ),
    pronouns=split_words("il, elle, ils, elles, on, je, nous, qui, ce, cela"),
    reporting=split_words(
        """dit, a dit, déclare, déclaré, affirme, affirmé, annonce, annoncé, explique, expliqué, assure, assuré, indique, indiqué,
        précise, précisé, souligne, souligné, estime, estimé, rapporte, rapporté, ajoute, ajouté, écrit, confie, dénonce"""
    ),
    according=split_words("selon, d'après, d’après, aux dires de"),
    roles=split_words("police, parquet, ministère, mairie, gouvernement, préfecture, tribunal, autorités, entreprise"),
    relative=split_words(
        "aujourd'hui, aujourd’hui, hier, demain, ce soir, ce matin, la semaine dernière, l'an dernier, l’an dernier, récemment, bientôt, cette année, cette semaine, il y a"
    ),
    turns=split_words("mais, pas, sans, sauf, si, malgré, selon, ne, seulement, ou"),
    taste=split_words("malheureusement, heureusement, honteux, scandaleux, ridicule, magnifique, doit, devrait, faut"),
    first_person=split_words("je, j'ai, j’ai, moi, mon, ma, mes, nous, notre, nos, vous, votre, vos, tu, ton, ta, tes"),
    clause_words=split_words(
        "qui, que, dont, où, lorsque, alors que, après, avant, avec, selon, tandis que, et, dans, pour, notamment"
    ),
    calendar=split_words("lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche"),
    small=frozenset(
        "le la les l un une des du de d à au aux en dans sur sous par pour avec sans après avant depuis il elle ils elles on ce cette ces son sa ses et mais ou plus deux trois".split()
    ),
)

SPANISH = Lexicon(
    labels=labels_of("Análisis", "Opinión", "En directo", "Patrocinado"),
    connectives=split_words(
        "sin embargo, no obstante, además, por tanto, por lo tanto, así, en cambio, por otro lado, mientras tanto, finalmente, pero, y, por eso"
    ),
    danglers=split_words(
        """él, ella, ello, ellos, ellas, este, esta, esto, estos, estas, ese, esa, eso, esos, esas, aquel, aquella, su, sus, lo, la cual,
        y, e, pero, o, así, allí, aquí, ahí, entonces, luego, después, también, además, por eso, sin embargo, no obstante,
        por ello, tras ello, qué, quién, cómo, por qué, ambos, ambas, otro, otra"""
    ),
    pronouns=split_words("él, ella, ellos, ellas, quien, que, yo, nosotros, esto, eso"),
    reporting=split_words(
        """dijo, dice, dicen, afirmó, afirma, aseguró, asegura, declaró, declara, anunció, anuncia, explicó, explica, señaló, señala,
        informó, informa, indicó, indica, añadió, añade, advirtió, advierte, confirmó, confirma, comentó, sostuvo, reconoció,
        denunció, denuncia, precisó, subrayó, escribió"""
    ),
    according=split_words("según, de acuerdo con, a juicio de, en palabras de"),
    roles=split_words(
        "policía, fiscalía, ministerio, ayuntamiento, gobierno, tribunal, autoridades, empresa, bomberos"
    ),
    relative=split_words(
        "hoy, ayer, mañana, anoche, la semana pasada, el año pasado, el mes pasado, este año, esta semana, próximamente, recientemente, pronto, hace, ahora"
    ),
    turns=split_words("pero, no, sin, salvo, si, aunque, según, solo, sólo, excepto, nunca, o"),
    taste=split_words("lamentablemente, afortunadamente, vergonzoso, ridículo, increíble, debe, debería, hay que"),
    first_person=split_words("yo, me, mi, mis, nosotros, nos, nuestro, nuestra, tú, te, tu, tus, usted"),
    clause_words=split_words(
        "que, quien, cuyo, cuya, donde, cuando, mientras, tras, después, con, según, y, para, en, entre, incluido, incluida"
    ),
    calendar=split_words("lunes, martes, miércoles, jueves, viernes, sábado, domingo"),
    small=frozenset(
        "el la los las un una unos unas de del a al en por para con sin sobre tras desde hasta entre según su sus este esta y pero o más dos tres cuatro no".split()
    ),
)

PORTUGUESE = Lexicon(
    labels=labels_of("Análise", "Opinião", "Ao vivo", "Patrocinado"),
    connectives=split_words("no entanto, porém, contudo, além disso, portanto, assim, entretanto, mas, e"),
    danglers=split_words(
        "ele, ela, eles, elas, isso, isto, esse, essa, este, esta, seu, sua, e, mas, ou, então, também, lá, ali, aqui, assim, porém"
    ),
    pronouns=split_words("ele, ela, eles, elas, quem, que, eu, nós"),
    reporting=split_words(
        "disse, diz, afirmou, afirma, declarou, anunciou, explicou, informou, contou, acrescentou, ressaltou, confirmou"
    ),
    according=split_words("segundo, de acordo com, conforme"),
    relative=split_words("hoje, ontem, amanhã, semana passada, ano passado, recentemente, em breve, neste ano, agora"),
    turns=split_words("mas, não, sem, se, embora, segundo, só, exceto"),
    first_person=split_words("eu, me, meu, minha, nós, nosso, nossa, você, seu"),
    clause_words=split_words("que, onde, quando, enquanto, após, com, segundo, e, para"),
    small=frozenset(
        "o a os as um uma de do da dos das em no na por para com sem sobre após desde até entre e mas ou mais dois três".split()
    ),
)

ITALIAN = Lexicon(
    labels=labels_of("Analisi", "Opinione", "In diretta", "Sponsorizzato"),
    connectives=split_words("tuttavia, inoltre, quindi, pertanto, invece, infine, però, ma, e"),
    danglers=split_words(
        "egli, lui, lei, loro, esso, questo, questa, questi, queste, quello, quella, suo, sua, e, ma, o, così, poi, anche, lì, qui, inoltre"
    ),
    pronouns=split_words("egli, lui, lei, loro, che, chi, io, noi"),
    reporting=split_words(
        "ha detto, dice, ha dichiarato, dichiara, ha affermato, afferma, ha annunciato, annuncia, ha spiegato, spiega, ha aggiunto"
    ),
    according=split_words("secondo, stando a"),
    relative=split_words(
        "oggi, ieri, domani, stasera, la settimana scorsa, l'anno scorso, l’anno scorso, recentemente, presto, adesso"
    ),
    turns=split_words("ma, non, senza, se, sebbene, secondo, solo"),
    first_person=split_words("io, mi, mio, mia, noi, ci, nostro, nostra, tu, tuo, voi, vostro"),
    clause_words=split_words("che, dove, quando, mentre, dopo, con, secondo, e, per"),
    small=frozenset(
        "il lo la i gli le un uno una di del della a al in nel da dal su per con senza dopo e ma o più due tre".split()
    ),
)

DUTCH = Lexicon(
    labels=labels_of("Analyse", "Opinie", "Live", "Gesponsord"),
    connectives=split_words("echter, daarom, bovendien, toch, ondertussen, maar, en"),
    danglers=split_words(
        "hij, zij, ze, het, dit, dat, deze, die, zijn, haar, hun, en, maar, of, daar, hier, toen, dan, ook, daarom, echter"
    ),
    pronouns=split_words("hij, zij, ze, het, wie, die, ik, we, wij"),
    reporting=split_words(
        "zei, zegt, zeggen, verklaarde, verklaart, meldt, meldde, stelt, kondigde, vertelt, vertelde, schrijft"
    ),
    according=split_words("volgens, aldus"),
    relative=split_words("vandaag, gisteren, morgen, vorige week, vorig jaar, dit jaar, onlangs, binnenkort, nu"),
    turns=split_words("maar, niet, geen, zonder, als, tenzij, hoewel, volgens, alleen"),
    first_person=split_words("ik, mij, mijn, wij, we, ons, onze, jij, je, jouw, u, uw"),
    clause_words=split_words("die, dat, waar, toen, terwijl, nadat, met, volgens, en, om"),
    small=frozenset("de het een in op aan van voor met na uit bij door over en maar of meer twee drie".split()),
)

POLISH = Lexicon(
    labels=labels_of("Analiza", "Opinia", "Na żywo", "Sponsorowane"),
    danglers=split_words(
        "on, ona, ono, oni, one, to, ten, ta, te, jego, jej, ich, i, ale, a, więc, jednak, tam, tu, wtedy, także"
    ),
    pronouns=split_words("on, ona, oni, kto, który, która"),
    reporting=split_words(
        "powiedział, powiedziała, mówi, poinformował, poinformowała, podaje, ogłosił, twierdzi, zapowiedział"
    ),
    according=split_words("według, zdaniem, jak podaje"),
    relative=split_words("dziś, dzisiaj, wczoraj, jutro, niedawno, wkrótce, teraz"),
    turns=split_words("ale, nie, bez, jeśli, chyba, tylko, według"),
)

RUSSIAN = Lexicon(
    labels=labels_of("Анализ", "Мнение", "Онлайн", "Реклама"),
    connectives=split_words("однако, кроме того, поэтому, таким образом, но, и"),
    danglers=split_words(
        "он, она, оно, они, это, этот, эта, эти, его, её, ее, их, и, но, а, или, там, здесь, тогда, также, однако, поэтому, при этом"
    ),
    pronouns=split_words("он, она, они, кто, который, которая"),
    reporting=split_words(
        "сказал, сказала, сообщил, сообщила, сообщает, заявил, заявила, отметил, отметила, рассказал, рассказала, объявил, пишет, подчеркнул"
    ),
    according=split_words("по словам, по данным, согласно, как сообщает"),
    relative=split_words("сегодня, вчера, завтра, недавно, скоро, сейчас"),
    turns=split_words("но, не, без, если, хотя, только"),
)
