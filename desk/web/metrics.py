"""What a monitoring system reads: ``/metrics`` in the form of Prometheus, counted from the tables at each call.

Whoever asks from this machine needs nothing; from elsewhere a token that may read.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from db import deliveries
from desk.web.api.caller import program_calling
from desk.web.api.problems import Problem, answer
from desk.web.door.door import Door
from scheduler.app import App
from scheduler.channel_standing import channel_standings
from scheduler.needs import needs_of
from scheduler.people.roles import Permission
from scheduler.setting_types import is_loopback


class Figures(Collector):
    """The newsroom's figures as they stand at the moment they are asked for."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Every metric with its help."""
        app, now = self._app, self._app.clock.now()
        with app.ground.reading() as tx:
            counted = deliveries.count_by_channel(tx)
            overdue = deliveries.oldest_due(tx, now)
        states = GaugeMetricFamily(
            "pressrun_deliveries", "Deliveries by mode, channel and state.", labels=("mode", "channel", "state")
        )
        for (mode, channel, state), count in counted.items():
            states.add_metric((mode, channel, state), count)
        yield states
        stopped = GaugeMetricFamily(
            "pressrun_channel_stopped", "1 while a stop lies over a channel.", labels=("channel",)
        )
        spent = GaugeMetricFamily("pressrun_spent_usd", "US dollars spent this month.", labels=("channel",))
        failures = GaugeMetricFamily("pressrun_failures_in_a_row", "Failures in a row.", labels=("channel",))
        for one in channel_standings(app):
            stopped.add_metric((one.outlet.name,), bool(one.stops))
            spent.add_metric((one.outlet.name,), one.spent.micros / 1_000_000)
            failures.add_metric((one.outlet.name,), one.state.failures if one.state else 0)
        yield from (stopped, spent, failures)
        yield GaugeMetricFamily("pressrun_needs", "What needs a person now.", value=len(needs_of(app)))
        late = (now - overdue).total_seconds() if overdue is not None else 0.0
        yield GaugeMetricFamily("pressrun_overdue_seconds", "How long the oldest due delivery waits.", value=late)
        yield GaugeMetricFamily("pressrun_tick_age_seconds", "Since the last tick here.", value=app.tick_age() or 0.0)


def metric_routes(app: App, door: Door) -> APIRouter:
    """``/metrics``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(app))
    routes = APIRouter()

    @routes.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        """All figures."""
        origin = door.origin(request)
        # A foreign name that leads here (DNS rebinding), or a proxy that nobody named, is not this machine.
        if not (is_loopback(origin.address) and is_loopback(origin.host)):
            try:
                if not program_calling(request).actor.may(Permission.READ):
                    raise Problem(403, "not-allowed", "This token may not read.")
            except Problem as problem:
                return answer(problem)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
