"""Figures for a monitoring system: counted from the tables, open to this machine, to others with a token; health with the tick."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from db import deliveries
from db.records import Scope
from scheduler import newsroom
from scheduler.newsroom import Reach
from tests.desk.web.ground import Site


def figures(site: Site) -> dict[tuple[str, str], float]:
    with urllib.request.urlopen(f"{site.address}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    return {
        (sample.name, " ".join(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_tables(site: Site) -> None:
    newsroom.hold(site.app, Reach(Scope.CHANNEL, "x-main"), actor="ada", reason="a test")
    found = figures(site)
    with site.app.ground.reading() as tx:
        counted = deliveries.count_by_channel(tx)
    assert {" ".join(sorted(key)): count for key, count in counted.items()} == {
        labels: value for (name, labels), value in found.items() if name == "pressrun_deliveries"
    }
    assert found["pressrun_channel_stopped", "x-main"] == 1
    assert found["pressrun_channel_stopped", "fb-main"] == 0
    assert found["pressrun_spent_usd", "x-main"] > 0
    assert found["pressrun_needs", ""] >= 1


def test_a_foreign_name_that_leads_to_this_machine_reads_no_figure(site: Site) -> None:
    for host, expected in (("127.0.0.1", 200), ("localhost:9", 200), ("evil.example", 421)):
        request = urllib.request.Request(f"{site.address}/metrics", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            with error:
                status = error.code
        assert status == expected, host


def health(site: Site) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{site.address}/healthz", timeout=60) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["status"]


def test_health_tells_of_a_worker_that_stands_still(site: Site) -> None:
    assert health(site) == (200, "ok")  # nobody works in this process
    site.app.ticked_boot = site.clock.boot() - 30
    assert health(site) == (200, "ok")
    site.app.ticked_boot = site.clock.boot() - 121
    assert health(site) == (503, "no tick for 121 s")
