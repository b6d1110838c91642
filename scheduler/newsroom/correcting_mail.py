"""Correcting a story that newsletters carry: what nobody has begun to get goes right, who got it wrong is written to.

Mail that was accepted cannot be changed. So each issue is taken as it stands: one that nobody has begun to get is
composed anew; of one that is under way the copies that have not begun get the right words; and a correction goes to
exactly the readers whose copy has, or may have, the wrong ones. The next issue's box tells it to everybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from db import articles, audit, deliveries, issue_corrections, issue_variants, issues, posts, recipients, stops, teasers
from db.moves import OPEN
from db.records import (
    Article,
    CorrectionBox,
    Delivery,
    Issue,
    IssueCorrection,
    Post,
    Publish,
    State,
    SubjectKind,
    Teaser,
    Variant,
)
from scheduler import correction
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.correction import Manner
from scheduler.first_posts import rules_now
from scheduler.issue_promise import Cut, compose, store_issue
from scheduler.lineup import Lineup
from scheduler.newsroom.four_eyes import WAITS, waits_for_another
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, newest_words, outlet_named
from scheduler.newsroom.taking_back import ask_why
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import yes_wanted
from scheduler.prepare import checked, store_draft
from scheduler.variants import box, put_right


@dataclass(frozen=True, slots=True)
class MailCorrected:
    """What became of a correction on one newsletter.

    ``renewed`` are issues that nobody had begun to get, now with the right words; ``exchanged`` counts the copies of
    issues under way that get them. ``mails`` are the corrections that go to those who got it wrong, ``misled`` how many
    these are at least. ``noted``: the next issue's box tells it.
    """

    article: Article
    words: Teaser
    renewed: tuple[Delivery, ...] = ()
    exchanged: int = 0
    mails: tuple[Delivery, ...] = ()
    misled: int = 0
    noted: bool = False

    @property
    def mark(self) -> str:
        """Names what readers will be told: the fingerprints of the issues made anew and of the mails of their own."""
        return " ".join(one.fingerprint for one in (*self.renewed, *self.mails)) or "no mail"


Exchange = Callable[..., int]
"""``recipients.exchange``, or what only counts the copies it would change."""


@needs(Permission.TAKE_BACK)
def correct_mail(
    app: App, article_id: int, channel: str, text: str, *, actor: str, reason: str, note: str = "", seen: str = ""
) -> MailCorrected:
    """Corrects a story on one newsletter. ``note`` is what readers are told was wrong; without it the text itself.
    ``seen``: the mark of what was foreseen and looked at; where it would be another by now, nothing is done.

    ``[corrections] email`` decides whether those who got it wrong are written to, or only the next issue tells it.
    Raises ``Refused`` without a reason, where no issue carries the story, while an issue's audience is being frozen or an
    earlier correction of it is still under way, and for words the newsletter would not take.
    """
    ask_why(reason)
    with app.ground.transaction() as tx:
        done = correct_within(app, tx, article_id, channel, text, actor=actor, reason=reason, note=note)
        if seen and seen != done.mark:
            raise Refused("the issue moved on while you looked at the correction; look at it again, then give it anew")
        return done


def correct_within(
    app: App,
    tx: Connection,
    article_id: int,
    channel: str,
    text: str,
    *,
    actor: str,
    reason: str,
    note: str = "",
    exchange: Exchange = recipients.exchange,
) -> MailCorrected:
    """The correction inside the caller's transaction: what is given is done, what is foreseen is rolled back.

    ``exchange`` gives copies that have not begun the right words; who only foresees counts them. Raises ``Refused``.
    """
    outlet, moment = outlet_named(app, channel), app.clock.now()
    if not outlet.crowd:
        raise Refused(
            f"{channel} is no newsletter; correct its post: pressrun correct {article_id} --channel {channel}"
        )
    article = articles.get(tx, article_id)
    if stops.killed(tx, article_id) is not None:
        raise Refused(f"story {article_id} was killed; to bring it back by name: pressrun revive {article_id}")
    carrying = [
        issue
        for issue in issues.of_article(tx, article_id)
        if (issue.mode, issue.channel) == (outlet.mode, outlet.name)
    ]
    own = [issue for issue in carrying if issue.corrects is None]
    if not own:
        raise Refused(
            f"no issue of {channel} carries story {article_id} yet; change its words: "
            f"pressrun edit {article_id} --channel {channel}"
        )
    _refuse_while_under_way(tx, own, [issue for issue in carrying if issue.corrects is not None])
    words = _store_words(app, tx, article, outlet, text, actor, moment)
    done = MailCorrected(article, words)
    told = note.strip() or text.strip()
    for issue in own:
        done = _correct_issue(app, tx, outlet, issue, done, told, actor, reason, moment, exchange)
    if not (done.renewed or done.exchanged or done.misled):
        raise Refused(
            f"no reader of {channel} has, or will get, story {article_id} in these words; for the next issue: "
            f"pressrun edit {article_id} --channel {channel}"
        )
    after = f"{text.strip()} ({_told(done)})"
    audit.write(tx, "correct", f"story {article_id} on {channel}", actor=actor, now=moment, reason=reason, after=after)
    return done


def _refuse_while_under_way(tx: Connection, own: list[Issue], corrections: list[Issue]) -> None:
    for issue in corrections:
        for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id):
            if one.state in OPEN:
                raise Refused(f"delivery {one.id} corrects it already and is {one.state}; let it end")
    for issue in own:
        for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id):
            begun = one.state is State.SENDING or recipients.in_line(tx, one)
            if begun and one.state in OPEN and issues.prepared_at(tx, issue.id) is None:
                raise Refused(f"the audience of delivery {one.id} is being put together; try again in a minute")


def _store_words(
    app: App, tx: Connection, article: Article, outlet: Outlet, text: str, actor: str, moment: datetime
) -> Teaser:
    """The right words, as the story's newest for this newsletter; every later issue takes them."""
    newest = newest_words(tx, article, outlet)
    draft = checked(outlet, app.silent(outlet), replace(newest, text=text.strip(), writer=actor, used=()))
    if not text.strip():
        raise Refused("the text is empty; a correction needs words")
    stopping = " ".join(problem.message for problem in draft.problems if problem.stops)
    if stopping:
        raise Refused(stopping)
    store_draft(tx, article.id, draft, actor=actor, now=moment)
    return newest_words(tx, article, outlet)


def _correct_issue(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    done: MailCorrected,
    note: str,
    actor: str,
    reason: str,
    moment: datetime,
    exchange: Exchange,
) -> MailCorrected:
    words = done.words
    (delivery,) = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)[-1:]
    lineup = put_right(tx, issue)  # what was corrected before stays so
    right = replace(
        lineup, stories=tuple(words if one.article_id == words.article_id else one for one in lineup.stories)
    )
    if delivery.state in MAY_CHANGE and not recipients.in_line(tx, delivery):
        renewed = _renew(app, tx, outlet, issue, delivery, right, words, actor, moment)
        return replace(done, renewed=(*done.renewed, renewed))
    variants = [one for one in issue_variants.of_issue(tx, issue.id) if words.article_id in one.article_ids]
    wrong = tuple(dict.fromkeys([*(one.fingerprint for one in variants), delivery.fingerprint]))
    exchanged = 0
    if delivery.state in OPEN:
        exchanged = sum(
            _exchange(app, tx, outlet, issue, right, ids, fingerprint, actor, reason, moment, exchange)
            for fingerprint, ids in _sets(wrong, variants, issue).items()
        )
    misled = recipients.count_who_may_have(tx, issue.id, wrong)
    if not (misled or exchanged):
        return done
    page = _for_the_archive(app, tx, outlet, issue, right, box(note, words) if misled else None, actor, moment)
    kept = IssueCorrection(outlet.mode, outlet.name, issue.id, words.article_id, words.id, wrong, note, page.id, misled)
    issue_corrections.add(tx, kept, actor=actor, now=moment, reason=reason)
    done = replace(done, exchanged=done.exchanged + exchanged)
    if not misled:
        return done
    done = replace(done, misled=done.misled + misled, noted=True)
    if app.settings.corrections.email == "note":
        return done
    mail = _write_to_them(app, tx, outlet, issue, delivery, right, words, note, actor, reason, moment)
    return replace(done, mails=(*done.mails, mail))


def _sets(wrong: tuple[str, ...], variants: list[Variant], issue: Issue) -> dict[str, tuple[int, ...]]:
    """Which stories each wrong fingerprint holds; the issue as a whole where no variant was noted."""
    known = {one.fingerprint: one.article_ids for one in variants}
    return {fingerprint: known.get(fingerprint, issue.article_ids) for fingerprint in wrong}


def _renew(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    delivery: Delivery,
    right: Lineup,
    words: Teaser,
    actor: str,
    moment: datetime,
) -> Delivery:
    """An issue that nobody has begun to get, with the right words; where issues need a yes, it waits for a new one."""
    post, problems = compose(app, outlet, right)
    stored = posts.add(tx, post, problems, teaser_id=None, actor=actor, now=moment)
    issue_variants.add(tx, issue.id, stored, issue.article_ids, actor=actor, now=moment)
    issues.renew(tx, issue.id, stored.id, words, actor=actor, now=moment)
    stopping = " ".join(problem.message for problem in problems if problem.stops)
    rules = rules_now(tx, outlet)
    asks = rules.asks is Publish.APPROVE
    goes = delivery.state is State.PLANNED and not stopping and not asks
    waits = stopping or f"story {words.article_id} was corrected in it. {yes_wanted(rules)}"
    return deliveries.move(
        tx,
        delivery,
        State.PLANNED if goes else State.WAITING,
        actor=actor,
        now=moment,
        reason="" if goes else waits,
        post_id=stored.id,
        fingerprint=stored.fingerprint,
        **approval(actor, stored, moment, given=goes),
    )


def _exchange(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    right: Lineup,
    article_ids: tuple[int, ...],
    wrong: str,
    actor: str,
    reason: str,
    moment: datetime,
    exchange: Exchange,
) -> int:
    """Gives the copies of one variant that have not begun the right words; how many there were."""
    post, _ = compose(app, outlet, right.only(article_ids))
    stored = posts.by_fingerprint(tx, outlet.name, post.fingerprint)
    if stored is None:
        stored = posts.add(tx, post, (), teaser_id=None, actor=actor, now=moment)
    issue_variants.add(tx, issue.id, stored, article_ids, actor=actor, now=moment)
    return exchange(tx, issue.id, wrong, post.fingerprint, actor=actor, now=moment, reason=reason)


def _for_the_archive(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    right: Lineup,
    new: CorrectionBox | None,
    actor: str,
    moment: datetime,
) -> Post:
    """The whole issue as it should have read, and above it what readers had wrong: what its page shows from now on."""
    told = [
        box(one.note, teasers.get(tx, one.teaser_id)) for one in issue_corrections.of_issue(tx, issue.id) if one.misled
    ]
    above = (*([new] if new is not None else []), *reversed(told), *right.corrections)
    post, _ = compose(app, outlet, replace(right, corrections=above))
    return posts.by_fingerprint(tx, outlet.name, post.fingerprint) or posts.add(
        tx, post, (), teaser_id=None, actor=actor, now=moment
    )


def _write_to_them(
    app: App,
    tx: Connection,
    outlet: Outlet,
    issue: Issue,
    delivery: Delivery,
    right: Lineup,
    words: Teaser,
    note: str,
    actor: str,
    reason: str,
    moment: datetime,
) -> Delivery:
    """The correction as an issue of its own, in the lane of the one it puts right, with the yes of whoever orders it."""
    assert outlet.letter is not None
    number = len(issues.corrections_of(tx, issue.id)) + 1
    lineup = replace(
        right.only([words.article_id]),
        window=f"{issue.window} {number}",
        corrections=(box(note, words),),
        corrected=True,
    )
    cut = Cut(
        lineup,
        purpose=correction.purpose_of(delivery.id, Manner.MAIL, number),
        due_at=moment,
        latest=outlet.letter.latest,
        priority=delivery.priority,
        corrects=issue.id,
        approved_by=actor,
        reason=reason,
    )
    post, problems = compose(app, outlet, lineup)
    stopping = " ".join(problem.message for problem in problems if problem.stops)
    if stopping:
        raise Refused(stopping)
    mail = store_issue(tx, outlet, cut, post, problems, moment)
    if mail is None:
        raise Refused(
            f"somebody corrects issue {issue.id} in this very moment; look at it: pressrun show {words.article_id}"
        )
    if waits_for_another(app, actor):
        why, none = WAITS.format(writer=actor), approval(actor, post, moment, given=False)
        return deliveries.move(tx, mail, State.WAITING, actor=actor, now=moment, reason=why, **none)
    return mail


def _told(done: MailCorrected) -> str:
    told = [f"issue d{one.id} goes with it" for one in done.renewed]
    told += [f"{done.exchanged} copies exchanged"] if done.exchanged else []
    told += [f"correction d{one.id} to {done.misled} readers" for one in done.mails]
    return "; ".join(told) or "the next issue tells it"
