"""The whole story on one page: how news goes from its source to the reader and the log.

``tick`` is the only thing that carries news forward; the worker, the command line and the tests all call it. Each
step only wakes a lane, so that a slow feed never delays a due post; every lane reads from the tables what is owed.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from db import deliveries, webhooks
from db.claims import Refusal
from scheduler import cutting, expiry, prepare, proposals
from scheduler.app import App, Outlet
from scheduler.at_source import is_waiting_for_look, look_at_sources
from scheduler.bounce_turns import look_for_bounces
from scheduler.budget import mind_budgets
from scheduler.clearing_pictures import clear_pictures
from scheduler.deliver import deliver_next, settle_abandoned
from scheduler.evergreen import next_turn_at, plan_turns
from scheduler.forewarning import warn
from scheduler.forgetting import forget_the_unconfirmed
from scheduler.hit_retention import fold_hits
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.take_in import take_in
from scheduler.letters import owed_at as letters_owed_at
from scheduler.letters import send_letters
from scheduler.notifying import tell_desk
from scheduler.reconcile import reconcile_next
from scheduler.settled_notices import forget_settled
from scheduler.slot_edits import follow_slots
from scheduler.source_turns import due_sources, may_upload, next_look
from scheduler.standing import first_use, recheck_stopped
from scheduler.still_up import look_again
from scheduler.token_health import mind_tokens
from scheduler.webhooks.lane import forget_old, tell_webhooks
from scheduler.webhooks.targets import know_webhooks


def tick(app: App, now: datetime, *, every_source: bool = False) -> None:
    """One step of everything that is due at ``now``. Returns once every lane is awake, not once it is done.

    ``every_source``: looks at all sources, due or not. Raises ``GroundLost`` when the database is away.
    """
    follow_slots(app)
    app.follow_connections()
    know_webhooks(app)
    settle_abandoned(app)
    expiry.expire(app, now)
    deliver_due(app)
    app.engine.hand("words", partial(walk_words, app))
    for source in app.sources.values() if every_source else due_sources(app, now):
        app.engine.hand(f"source {source.name}", partial(take_in_and_prepare, app, source))
    app.engine.hand("at the source", partial(walk_sources, app))
    app.engine.hand("standing", partial(mind_standing, app))
    app.engine.hand("evergreen", partial(walk_evergreens, app))
    for outlet in app.outlets.values():
        app.engine.hand(f"still up {outlet.name}", partial(look_again, app, outlet))
        if outlet.crowd:
            app.engine.hand(f"letters {outlet.name}", partial(send_letters, app, outlet))
    app.engine.hand("pictures", partial(mind_pictures, app))
    app.engine.hand("hits", partial(mind_hits, app))
    app.engine.hand("bounces", partial(look_for_bounces, app))
    app.engine.hand("notices", partial(mind_the_desk, app))
    tell_webhooks(app)


def deliver_due(app: App) -> None:
    """Wakes every channel's lane. Where a crowd stands behind it, alerts have a lane of their own."""
    for outlet in app.outlets.values():
        app.engine.hand(f"channel {outlet.name}", partial(work_lane, app, outlet))
        if outlet.crowd:
            app.engine.hand(f"alerts {outlet.name}", partial(work_alerts, app, outlet))


def work_lane(app: App, outlet: Outlet) -> None:
    """Sends all that a channel owes now, then looks for what is uncertain, until neither is left."""
    if not first_use(app, outlet):
        return
    while not app.stopping():
        step = deliver_next(app, outlet, urgent=False if outlet.crowd else None)
        if is_waiting_for_look(step):
            app.engine.hand("at the source", partial(walk_sources, app))
        app.held_until.pop(outlet.name, None)
        if isinstance(step, Refusal) and step.until is not None:
            app.held_until[outlet.name] = step.until
        done = step is None or isinstance(step, Refusal)
        if done and not reconcile_next(app, outlet):
            return


def work_alerts(app: App, outlet: Outlet) -> None:
    """Sends the alerts and breaking issues of a newsletter, while a long one may be under way in the channel's own lane."""
    if not first_use(app, outlet):
        return
    while not app.stopping():
        step = deliver_next(app, outlet, urgent=True)
        if step is None or isinstance(step, Refusal):
            return


def walk_sources(app: App) -> None:
    """Looks at the addresses of stories whose posts wait for that, and wakes the lanes for those that may go."""
    if look_at_sources(app):
        deliver_due(app)


def walk_evergreens(app: App) -> None:
    """Plans the turns of evergreen stories that have come, and wakes the lanes for them."""
    if plan_turns(app):
        deliver_due(app)


def walk_words(app: App) -> None:
    """Writes teasers and plans for the queue, cuts the issues whose slot has come, and wakes the lanes for both."""
    made = prepare.prepare_waiting(app)
    made += cutting.walk_issues(app)
    if made:
        deliver_due(app)


def take_in_and_prepare(app: App, source: SourceConfig) -> None:
    """Looks at one source and carries what is new to the queue and on."""
    taken = take_in(
        app.ground,
        source,
        app.clock.now(),
        fetch=app.fetch,
        jitter=app.jitter(),
        media=app.media,
        may_keep=partial(may_upload, app),
    )
    app.fresh_files[source.name] = taken.fresh
    if taken.new or taken.changed:
        walk_words(app)


def mind_standing(app: App) -> None:
    """Asks the accounts that were turned away, and once a day those whose token may end."""
    recheck_stopped(app)
    mind_tokens(app)


def mind_the_desk(app: App) -> None:
    """Warns in time, takes down what is no longer true, tells the desk what it has not heard; forgets the unconfirmed."""
    warn(app)
    forget_settled(app)
    proposals.forget_old(app)
    mind_budgets(app)
    tell_desk(app)
    forget_the_unconfirmed(app)
    forget_old(app)


def mind_pictures(app: App) -> None:
    """Removes, once a night, uploaded pictures that nobody kept."""
    clear_pictures(app)


def mind_hits(app: App) -> None:
    """Adds up, once a night, the opens and clicks of old issues, and deletes their rows."""
    fold_hits(app)


def next_moment(
    app: App, now: datetime, *, begun_only: bool = False, tried_at: datetime | None = None
) -> datetime | None:
    """When the tick is wanted next: a due post, a look, an expiry, a source's turn, an issue's slot. None: never.

    ``begun_only``: only for what has been tried already and is still owed. A channel that was told to wait is asked
    again when its wait is over, whatever is due on it before. ``tried_at``: everything due by then has had its turn;
    what still stands there is kept by a stop, a budget or a safeguard, and no moment is known at which it may go.
    """
    moments = []
    for outlet in app.outlets.values():
        until = app.held_until.get(outlet.name)
        after = tried_at if until is None else None
        with app.ground.reading() as tx:
            moment = deliveries.next_moment(tx, [(outlet.mode, outlet.name)], begun_only=begun_only, after=after)
        moments.append(max(moment, until) if moment is not None and until is not None else moment)
    with app.ground.reading() as tx:
        moments += [moment for moment in letters_owed_at(app, tx) if tried_at is None or moment > tried_at]
    if not begun_only:
        moments += [next_look(app, now), cutting.next_slot(app), next_turn_at(app), _webhook_at(app, tried_at)]
    return min((moment for moment in moments if moment is not None), default=None)


def _webhook_at(app: App, tried_at: datetime | None) -> datetime | None:
    """When a webhook is to be called next; what is due already has its lane awake."""
    if not app.settings.webhooks:
        return None
    with app.ground.reading() as tx:
        moment = webhooks.next_moment(tx)
    return moment if moment is not None and (tried_at is None or moment > tried_at) else None
