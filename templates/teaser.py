"""Writes the teaser of one article for one channel: pure, the same input gives the same words.

Reading, choosing, fitting and filling in order: the summary is the publisher's own where that is good, else the best
of what the body offers; the channel's template is filled with it; what does not fit is shortened, never the template.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from db.records import Article, Limits, Teaser
from templates.candidates import (
    Candidate,
    about_page,
    find_candidates,
    follows,
    is_dated,
    repeats,
    words_of,
)
from templates.clauses import SHORTEST
from templates.filling import BELOW, clean_headline, fill, label_prefix, template_words
from templates.fit import shorten
from templates.hook import bare_headline
from templates.inbox import shorten_preheader, shorten_subject
from templates.lexicon import writes_without_spaces
from templates.openings import dangles
from templates.own import own_teaser
from templates.picks import LONGEST_WHOLE, Chosen, Pick, pick_of
from templates.plain import visible
from templates.posts import fit_post
from templates.rank import rank
from templates.reading import Sentence, read_sentences
from templates.sentences import split_sentences
from templates.style import VARIANTS, Style
from templates.thread import BREAK, NUMBER_ROOM, following_posts, numbered
from templates.worth import (
    answers_a_box,
    is_anothers_voice,
    is_leftover,
    is_told_in_person,
    names_only,
    weakest,
    without_drop_cap,
)

_MOST_PICKS = 24
_LOOKED_AT = 6
"""So many picks are looked at for one that opens with the news; further down the ranking the cure is worse."""

_NUMBER = regex.compile(r"\d")


class NoWords(Exception):
    """The article offers no words for this. ``str()`` says what is missing and what to do."""

    exit_code = 2


def write_teaser(
    article: Article, limits: Limits, measure: Callable[[str], int], style: Style, chosen: Chosen | None = None
) -> Teaser:
    """The teaser of ``article`` for the channel of ``style``, at most ``limits.length`` as ``measure`` counts.

    X carries the link in the text (unless it goes into the reply), Facebook beside it (unless it goes into the first
    comment), e-mail gets subject and preheader. The posts of a thread, the reply and the comment are parted by lines of
    ``---``, each within the limit. Every teaser of a labelled
    article carries the label in the article's language. ``chosen`` spares choosing again when the words of the same
    article, length and variant are at hand (see ``choose``). Raises ``NoWords`` when the article has neither headline
    nor body or does not offer the variant, ``TemplateFault`` when a template cannot be filled.
    """
    if not clean_headline(article) and not any(visible(text) for text in article.paragraphs):
        raise NoWords("The article has neither a headline nor a body. Give it words, or leave it out.")
    chosen = chosen or choose(article, style.summary_length, style.variant)
    in_text = style.link if limits.link_in_text and not style.link_in_reply else None
    threads = limits.link_in_text and style.thread > 1
    room = limits.length - (NUMBER_ROOM if threads else 0)
    post = fit_post(article, chosen, style, in_text, room, measure)
    parts = [post.text]
    if threads:
        parts += following_posts(article, post.used, style.thread - 1, room, measure)
    text = numbered(parts)
    said = _joined(chosen.pick, article.language)
    below = BELOW.get(style.kind, "")
    if style.link and below and (style.link_in_reply if limits.link_in_text else style.link_in_comment):
        words = template_words(article, style, said, chosen.more, (), style.link)
        text = f"{text}{BREAK}{shorten(fill(article, style, words, below), limits.length, measure) or style.link}"
    subject, preheader = _inbox_lines(article, chosen, style) if style.kind == "email" else ("", "")
    return Teaser(
        channel=style.channel,
        kind=style.kind,
        text=text,
        article_id=article.id,
        revision=article.revision,
        headline=clean_headline(article),
        link=style.link,
        subject=subject,
        preheader=preheader,
        label=article.label,
        language=article.language,
        hashtags=post.hashtags,
        image=article.image,
        summary=chosen.summary,
        used=post.used,
        variant=chosen.variant,
    )


def summarise(article: Article, longest: int = 200) -> str:
    """The one or two sentences every template builds on; "" when the article offers none that may stand alone."""
    longest = _room_of(article, longest)
    own = own_teaser(article, longest)
    if own:
        return own
    ranked = _ranked(article, read_sentences(article), longest)
    return ranked[0].text if ranked else ""


def _room_of(article: Article, longest: int) -> int:
    """How many characters a summary may have: a script without spaces says as much in about half of them."""
    return min(longest, longest * 11 // 20) if writes_without_spaces(article.language) else longest


def _ranked(article: Article, sentences: list[Sentence], longest: int) -> list[Candidate]:
    """What the body offers, best first."""
    return [one.candidate for one in rank(article, sentences, find_candidates(article, sentences, longest))]


def variants(article: Article, longest: int = 200) -> tuple[str, ...]:
    """Which of the variants this article offers; ``lead`` is always one."""
    offered = ["lead"]
    for variant in VARIANTS[1:]:
        try:
            choose(article, longest, variant)
        except NoWords:
            continue
        offered.append(variant)
    return tuple(offered)


def choose(article: Article, longest: int, variant: str) -> Chosen:
    """The words for one variant. Raises ``NoWords`` when a variant other than ``lead`` is not to be had."""
    longest = _room_of(article, longest)
    sentences = read_sentences(article)
    ranked = _ranked(article, sentences, longest)
    own = own_teaser(article, longest)
    if variant != "lead":
        lead = own or (ranked[0].text if ranked else "")
        ranked = [one for one in ranked if _is_variant(one, variant) and not _alike(one.text, lead, article.language)]
        if variant == "number":
            quotes = [one for one in ranked if not one.quoted]
            ranked = quotes or ranked
        if not ranked:
            raise NoWords(
                f"This article offers no second version of the kind '{variant}'. Use 'lead', or write it by hand."
            )
    elif own:
        whole = own_teaser(article, LONGEST_WHOLE)
        pick = Pick(tuple(split_sentences(whole, article.language)) or (own,), ())
        return Chosen(own, pick, "", tuple(other for _, other in _worthy(article, ranked)[:12]), variant)
    if not ranked:
        return Chosen("", Pick((), ()), "", (), variant)
    worthy = _worthy(article, ranked)
    personal = _personal(article, ranked)
    if personal and (not worthy or is_told_in_person(article, [sentence.text for sentence in sentences])):
        return Chosen(ranked[0].text, personal, "", (), variant)
    if not worthy:
        return Chosen(ranked[0].text, Pick((), ()), "", (), variant)
    weak = weakest([pick for _, pick in worthy[:_LOOKED_AT]], article)
    worthy = [*(one for one in worthy if one[1] not in weak), *(one for one in worthy if one[1] in weak)]
    best, pick = worthy[0]
    more = _more(article, [sentence.text for sentence in sentences], best)
    further = tuple(dict.fromkeys(other for _, other in worthy if other != pick))
    return Chosen(ranked[0].text, pick, more, further[:12], variant)


def _worthy(article: Article, ranked: list[Candidate]) -> list[tuple[Candidate, Pick]]:
    """The candidates and their whole sentences that a desk may sign, best first."""
    body = "\n".join(article.paragraphs)[:20_000]
    worthy: list[tuple[Candidate, Pick]] = []
    for one in ranked[:_MOST_PICKS]:
        pick = pick_of(article, one)
        if any(is_leftover(text) or is_anothers_voice(text, article) for text in pick.sentences):
            continue
        if names_only(next(iter(split_sentences(pick.sentences[0], article.language)), ""), article.language):
            continue
        if one.used and answers_a_box(one.used[0], body):
            continue
        clean = tuple(without_drop_cap(text, body) for text in pick.sentences)
        worthy.append((one, Pick(clean, pick.used)))
    return worthy


def _personal(article: Article, ranked: list[Candidate]) -> Pick | None:
    """The best candidate's sentences where they speak in the first person: a person must look at them."""
    pick = pick_of(article, ranked[0])
    spoken = any(is_anothers_voice(text, article) for text in pick.sentences)
    return pick if spoken and not any(is_leftover(text) for text in pick.sentences) else None


def _is_variant(candidate: Candidate, variant: str) -> bool:
    """Whether a candidate is of the asked kind: holds a quotation, or a figure."""
    return candidate.quoted if variant == "quote" else _NUMBER.search(candidate.text) is not None


def _alike(text: str, other: str, language: str) -> bool:
    """Whether two texts share most of their words."""
    one, two = words_of(text, language), words_of(other, language)
    return len(one & two) * 2 > min(len(one), len(two)) if one and two else False


def _more(article: Article, sentences: list[str], best: Candidate) -> str:
    """The sentence that follows the summary in the body, where it may follow and adds something; else ""."""
    if best.form in ("cut", "trim", "trimmed pair", "relay"):
        return ""
    language = article.language
    position = best.number if best.form == "dek" else best.number + len(best.used)
    if position >= len(sentences):
        return ""
    following = sentences[position]
    dated = is_dated(article)
    if (
        not (SHORTEST if " " in following else 0) <= len(following) <= 240
        or about_page(following)
        or is_leftover(following)
        or is_anothers_voice(following, article)
        or (best.form == "dek" and dangles(following, language))
        or not follows(following, language, words_of(article.headline, language), dated=dated, before=best.text)
    ):
        return ""
    return "" if _alike(following, best.text, language) else following


def _joined(pick: Pick, language: str) -> str:
    """A pick's sentences as one text."""
    return ("" if writes_without_spaces(language) else " ").join(pick.sentences)


def _inbox_lines(article: Article, chosen: Chosen, style: Style) -> tuple[str, str]:
    """Subject and preheader: the second says something the first does not."""
    language = article.language
    said = _joined(chosen.pick, language)
    words = dict(template_words(article, style, said, chosen.more, (), None))

    def subject_of(headline: str) -> str:
        return " ".join(fill(article, style, {**words, "headline": headline}, ".subject").split())

    headline = bare_headline(article) or said
    subject = subject_of(headline)
    if len(subject) > style.subject_length:
        subject = subject_of(
            shorten_subject(headline, style.subject_length - len(label_prefix(article)), article.language)
        )
    if len(subject) > style.subject_length:
        subject = shorten(subject, style.subject_length, len, article.language)
    offered = [said, chosen.more, *(_joined(one, language) for one in chosen.further)]
    told = words_of(subject, language)
    for text in offered:
        preheader = shorten_preheader(text, style.preheader_length, article.language)
        if preheader and not repeats(preheader, told, language):
            return subject, preheader
    return subject, ""
