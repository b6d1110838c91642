"""Connecting a channel, against the rehearsal's X and Graph: every step, every lost answer, one refresh at a time."""

from __future__ import annotations

import re
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from channels.errors import Rejected, Unauthorized
from channels.facebook_connect import _usable
from channels.granted import Granted
from channels.rehearsal.faults import Fault
from db import audit, channel_secrets, connections, notices, people
from db.channel_secrets import Connected
from db.records import Mode
from scheduler import connecting
from scheduler.app import App
from scheduler.connecting import OAUTH2, PIN
from scheduler.key_ring import drop_old_seals, rotate_seal
from scheduler.keys import FILE, keys_in
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.entering import totp_place
from scheduler.people.roles import MAY, Role
from scheduler.resealing import forget_old_keys, reseal_all
from scheduler.sealing import NotSealedHere, seal, unseal
from scheduler.standing import check
from scheduler.vault import ANSWERED_BY, place_of
from tests.channels.rehearsal.saying_yes import say_yes
from tests.desk.web.ground import make_sample, open_app

ADA = Actor("Ada", MAY[Role.ADMIN])
DESK = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A sample newsroom that all tests of this file share: each connects anew."""
    folder = tmp_path_factory.mktemp("connecting")
    clock = make_sample(folder)
    app = open_app(folder, clock)
    yield app
    app.close()


@pytest.fixture
def app(ground: App) -> Iterator[App]:
    """The newsroom, nothing connected."""
    yield ground
    ground.rehearsal.platforms.faults.clear()
    with ground.ground.transaction() as tx:
        for one in channel_secrets.every(tx):
            channel_secrets.remove(tx, one.mode, one.channel)
        connections.forget_all(tx)
    ground.follow_connections()


def connect(app: App, channel: str = "x-main", way: str = "") -> None:
    waiting = connecting.begin(app, channel, actor=ADA, way=way, desk=DESK)
    connecting.finish(app, channel, say_yes(waiting.address), actor=ADA)


def connected(app: App, channel: str = "x-main") -> Connected:
    with app.ground.reading() as tx:
        one = channel_secrets.get(tx, Mode.REHEARSAL, channel)
    assert one is not None
    return one


def asked_for_token(app: App) -> int:
    return sum("/2/oauth2/token" in one.what for one in app.rehearsal.platforms.requests("x"))


@pytest.mark.parametrize(("channel", "way"), [("x-main", PIN), ("x-main", OAUTH2), ("fb-main", "page")])
def test_a_channel_is_connected_in_two_steps_and_speaks_with_what_it_was_granted(
    app: App, channel: str, way: str
) -> None:
    waiting = connecting.begin(app, channel, actor=ADA, way=way, desk=DESK)
    answer = say_yes(waiting.address)
    health = connecting.finish(app, channel, answer, actor=ADA)
    assert health.ok
    one = connected(app, channel)
    assert (one.way, one.account_id, one.by) == (way, health.account_id, "Ada")
    assert check(app, app.outlets[channel]).ok
    with app.ground.reading() as tx:
        told = audit.rows(tx, subject=f"channel {channel}", limit=2)
    assert [row.verb for row in told] == ["connect", "begin connecting"]
    values = app.vault.values(Mode.REHEARSAL, channel)
    assert values
    kept = "".join((repr(one), repr(waiting), repr(app.vault), *map(repr, told), *(str(row.after) for row in told)))
    assert not [key for key, value in values.items() if value and value in kept]
    assert not [key for key, value in values.items() if value and value in one.sealed]


def test_a_pin_and_a_code_are_good_once_and_only_for_who_began(app: App) -> None:
    waiting = connecting.begin(app, "x-main", actor=ADA, way=OAUTH2, desk=DESK)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(say_yes(waiting.address)).query))
    with pytest.raises(Refused, match="belongs to no connection"):
        connecting.finish_by_state(app, query["state"], query["code"], actor=Actor("Bob", MAY[Role.ADMIN]))
    name, health = connecting.finish_by_state(app, query["state"], query["code"], actor=ADA)
    assert (name, health.ok) == ("x-main", True)
    with pytest.raises(Refused, match="belongs to no connection"):
        connecting.finish_by_state(app, query["state"], query["code"], actor=ADA)


@pytest.mark.parametrize(("channel", "way"), [("x-main", OAUTH2), ("fb-main", "")])
def test_an_address_that_answers_another_connection_is_not_taken(app: App, channel: str, way: str) -> None:
    strangers = say_yes(connecting.begin(app, channel, actor=ADA, way=way, desk=DESK).address)
    own = connecting.begin(app, channel, actor=ADA, way=way, desk=DESK)
    for pasted in (strangers, strangers.partition("&state=")[0]):
        with pytest.raises(Refused, match="answers another connection"):
            connecting.finish(app, channel, pasted, actor=ADA)
    assert connecting.finish(app, channel, say_yes(own.address), actor=ADA).ok


def test_what_a_program_began_its_person_ends_in_the_browser_and_nobody_else(app: App) -> None:
    program = Actor("Ada (the CMS)", MAY[Role.ADMIN])
    waiting = connecting.begin(app, "x-main", actor=program, way=OAUTH2, desk=DESK)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(say_yes(waiting.address)).query))
    with pytest.raises(Refused, match="belongs to no connection"):
        connecting.finish_by_state(app, query["state"], query["code"], actor=Actor("Ad", MAY[Role.ADMIN]))
    assert connecting.finish_by_state(app, query["state"], query["code"], actor=ADA)[1].ok


def test_a_wrong_pin_keeps_nothing_and_is_told(app: App) -> None:
    waiting = connecting.begin(app, "x-main", actor=ADA, way=PIN)
    say_yes(waiting.address)
    with pytest.raises(Refused, match="did not accept the PIN"):
        connecting.finish(app, "x-main", "0", actor=ADA)
    assert app.vault.values(Mode.REHEARSAL, "x-main") is None
    with pytest.raises(Refused, match="Begin it first"):
        connecting.finish(app, "x-main", "0", actor=ADA)


def test_a_connection_that_waited_too_long_is_begun_anew(app: App) -> None:
    waiting = connecting.begin(app, "x-main", actor=ADA, way=PIN)
    app.clock.advance(connecting.LASTS + timedelta(seconds=1))  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="Begin it anew"):
        connecting.finish(app, "x-main", say_yes(waiting.address), actor=ADA)


def test_only_who_may_connects_channels(app: App) -> None:
    with pytest.raises(NotAllowed):
        connecting.begin(app, "x-main", actor=Actor("Edith", MAY[Role.APPROVER]))


def test_keys_with_a_stray_sign_and_missing_ones_are_refused_without_being_shown(app: App) -> None:
    with pytest.raises(Refused, match="CONSUMER_SECRET"):
        connecting.begin(app, "x-main", actor=ADA, mode=Mode.LIVE, keys={"CONSUMER_KEY": "k"})
    with pytest.raises(Refused, match="copy it again") as told:
        connecting.begin(
            app, "x-main", actor=ADA, mode=Mode.LIVE, keys={"CONSUMER_KEY": "zq\u200bzq", "CONSUMER_SECRET": "s"}
        )
    assert "zq" not in str(told.value)


def test_a_token_that_ends_soon_is_refreshed_once_whoever_asks_at_the_same_time(app: App) -> None:
    connect(app, way=OAUTH2)
    before, calls = connected(app).sealed, asked_for_token(app)
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    found: list[bool] = []
    start = threading.Barrier(4)

    def ask() -> None:
        start.wait(30)
        found.append(check(app, app.outlets["x-main"]).ok)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert found == [True] * 4
    assert asked_for_token(app) == calls + 1
    assert connected(app).sealed != before


def test_who_read_the_keys_before_another_s_refresh_may_not_spend_them(app: App) -> None:
    connect(app, way=OAUTH2)
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    stale = connected(app)
    assert check(app, app.outlets["x-main"]).ok
    assert connected(app).refresh_at is None
    with app.ground.transaction() as tx:
        assert not channel_secrets.claim_refresh(tx, stale, by="late", now=app.clock.now())


def test_while_another_worker_refreshes_the_token_that_still_serves_is_used(app: App) -> None:
    connect(app, way=OAUTH2)
    calls = asked_for_token(app)
    app.clock.advance(timedelta(hours=1, minutes=55))  # type: ignore[attr-defined]
    with app.ground.transaction() as tx:
        assert channel_secrets.claim_refresh(tx, connected(app), by="another", now=app.clock.now())
    assert check(app, app.outlets["x-main"]).ok
    assert asked_for_token(app) == calls


def test_a_refresh_whose_answer_is_lost_is_never_tried_again_the_desk_is_told_and_connecting_cures_it(app: App) -> None:
    connect(app, way=OAUTH2)
    app.clock.advance(timedelta(hours=1, minutes=55))  # type: ignore[attr-defined]
    app.rehearsal.platforms.faults.add(Fault("x", "check", "closed", when="after", containing="/2/oauth2/token"))
    assert check(app, app.outlets["x-main"]).ok  # the old token serves to its end
    calls = asked_for_token(app)
    assert "the answer was lost" in connected(app).trouble
    with app.ground.reading() as tx:
        (told,) = [one for one in notices.standing(tx) if one.cause_key == "connection rehearsal x-main"]
    assert told.remedy == "pressrun channels connect x-main"
    app.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
    health = check(app, app.outlets["x-main"])
    assert not health.ok
    assert "Connect x-main anew" in health.problems[0].message
    assert asked_for_token(app) == calls
    connect(app, way=OAUTH2)
    assert check(app, app.outlets["x-main"]).ok
    with app.ground.reading() as tx:
        assert [one for one in notices.standing(tx) if one.cause_key == "connection rehearsal x-main"] == []


def test_a_worker_that_died_while_it_refreshed_leaves_a_token_that_nobody_spends_again(app: App) -> None:
    connect(app, way=OAUTH2)
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    calls = asked_for_token(app)
    with app.ground.transaction() as tx:
        assert channel_secrets.claim_refresh(tx, connected(app), by="the dead", now=app.clock.now())
    app.clock.advance(ANSWERED_BY + timedelta(seconds=1))  # type: ignore[attr-defined]
    health = check(app, app.outlets["x-main"])
    assert "the answer was lost" in health.problems[0].message
    assert asked_for_token(app) == calls


def test_an_answer_that_comes_after_it_was_given_up_for_lost_is_kept(app: App) -> None:
    """As where the machine slept in the middle of the call."""
    connect(app, way=OAUTH2)
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    before = connected(app).sealed

    def sleeps(values: Mapping[str, str]) -> Granted:
        app.clock.advance(ANSWERED_BY + timedelta(seconds=1))  # type: ignore[attr-defined]
        assert not check(app, app.outlets["x-main"]).ok  # another worker gives it up
        assert "the answer was lost" in connected(app).trouble
        return Granted({**values, "ACCESS_TOKEN": "fresh", "REFRESH_TOKEN": "next"}, timedelta(hours=2))

    assert app.vault.access_token(Mode.REHEARSAL, "x-main", sleeps) == "fresh"
    now = connected(app)
    assert (now.trouble, now.sealed != before) == ("", True)
    with app.ground.reading() as tx:
        assert [one for one in notices.standing(tx) if one.cause_key == "connection rehearsal x-main"] == []
    never: list[str] = []
    assert app.vault.access_token(Mode.REHEARSAL, "x-main", never) == "fresh"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"access_token": "EAAx", "tasks": ["ANALYZE"]}, "may not post on the Page"),
        ({"tasks": ["CREATE_CONTENT"]}, "no token for the Page. Let the app have pages_show_list"),
    ],
)
def test_a_page_on_which_the_person_or_the_app_may_not_post_is_told(row: dict[str, object], why: str) -> None:
    with pytest.raises(Rejected, match=why) as told:
        _usable(row)
    assert "EAAx" not in str(told.value)


def test_a_refresh_that_never_left_the_house_may_be_made_later(app: App) -> None:
    connect(app, way=OAUTH2)
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    app.rehearsal.platforms.faults.add(Fault("x", "check", "x-429", containing="/2/oauth2/token"))
    assert not check(app, app.outlets["x-main"]).ok
    assert connected(app).trouble == ""
    assert check(app, app.outlets["x-main"]).ok


def test_keys_copied_into_another_row_do_not_open(app: App) -> None:
    connect(app)
    with pytest.raises(NotSealedHere):
        unseal(connected(app).sealed, place_of(Mode.REHEARSAL, "x-other"), keys_in(app.folder).seal)


def test_a_disconnected_channel_forgets_its_keys(app: App) -> None:
    connect(app, "fb-main")
    connecting.disconnect(app, "fb-main", actor=ADA)
    assert app.vault.values(Mode.REHEARSAL, "fb-main") is None
    with pytest.raises(Refused, match="not connected here"):
        connecting.disconnect(app, "fb-main", actor=ADA)


def test_a_fresh_key_seals_all_again_and_the_old_file_opens_nothing_any_more(app: App) -> None:
    connect(app)
    before = keys_in(app.folder).seal
    assert reseal_all(app, actor=ADA) >= 1
    assert forget_old_keys(app, actor=ADA) >= 1
    assert check(app, app.outlets["x-main"]).ok
    with pytest.raises(NotSealedHere):
        unseal(connected(app).sealed, place_of(Mode.REHEARSAL, "x-main"), before)
    assert (app.folder / FILE).stat().st_mode & 0o077 == 0


def test_a_channel_that_nobody_connected_says_so_before_any_call(app: App) -> None:
    connect(app, way=OAUTH2)
    with pytest.raises(Unauthorized, match="not connected"):
        app.vault.access_token(Mode.LIVE, "x-main", lambda values: pytest.fail("no call"))


def test_no_key_lies_in_the_log_of_what_the_platform_was_asked(app: App) -> None:
    connect(app, way=OAUTH2)
    connect(app, "fb-main")
    values = {**(app.vault.values(Mode.REHEARSAL, "x-main") or {})}
    told = "".join(map(repr, app.rehearsal.platforms.requests("x")))
    assert values["REFRESH_TOKEN"] not in told
    assert values["CLIENT_SECRET"] not in told
    assert Path(app.folder, "rehearsal.db").exists()


def test_a_person_who_does_not_run_the_page_is_told_which_they_run(app: App) -> None:
    waiting = connecting.begin(app, "fb-main", actor=ADA, desk=DESK)
    answer = say_yes(waiting.address.replace("screen_name=fb-main", "screen_name=elsewhere"))
    with pytest.raises(Refused, match=r"does not run the Page \d+ .* They run: elsewhere"):
        connecting.finish(app, "fb-main", answer, actor=ADA)
    assert app.vault.values(Mode.REHEARSAL, "fb-main") is None


def test_an_account_that_is_not_the_channel_s_own_is_not_kept(app: App) -> None:
    connect(app)
    waiting = connecting.begin(app, "x-main", actor=ADA, way=PIN)
    answer = say_yes(waiting.address.replace("screen_name=x-main", "screen_name=stranger"))
    with pytest.raises(Refused, match="These keys belong to @stranger"):
        connecting.finish(app, "x-main", answer, actor=ADA)
    assert connected(app).account_name == "x_main"


@pytest.mark.parametrize(
    ("channel", "way", "platform", "path"),
    [
        ("x-main", PIN, "x", "/oauth/access_token"),
        ("x-main", OAUTH2, "x", "/2/oauth2/token"),
        ("fb-main", "page", "facebook", "/oauth/access_token"),
    ],
)
@pytest.mark.parametrize("fault", ["closed", "503-html", "ok-html", "json-cut"])
def test_a_lost_answer_to_the_second_step_keeps_nothing_and_is_begun_anew(
    app: App, channel: str, way: str, platform: str, path: str, fault: str
) -> None:
    waiting = connecting.begin(app, channel, actor=ADA, way=way, desk=DESK)
    answer = say_yes(waiting.address)
    app.rehearsal.platforms.faults.add(Fault(platform, "check", fault, when="after", containing=path))
    with pytest.raises(Refused, match="Begin anew"):
        connecting.finish(app, channel, answer, actor=ADA)
    assert app.vault.values(Mode.REHEARSAL, channel) is None
    with pytest.raises(Refused, match="Begin it first"):
        connecting.finish(app, channel, answer, actor=ADA)


@pytest.mark.parametrize("channel", ["x-main", "fb-main"])
def test_keys_that_were_sealed_with_a_lost_key_stop_the_channel_with_a_sentence(app: App, channel: str) -> None:
    connect(app, channel)
    rotate_seal(app.folder)
    drop_old_seals(app.folder)
    health = app.outlets[channel].build().check()
    assert not health.ok
    assert re.search(r"pressrun\.key|do not open here", health.problems[0].message)


def test_a_second_factor_is_sealed_again_with_the_channels_keys(app: App) -> None:
    with app.ground.transaction() as tx:
        person = people.by_name(tx, "Vera")
        assert person is not None
        sealed = seal("A SECRET", totp_place(person), keys_in(app.folder).seal)
        people.change(tx, person.id, actor="test", now=app.clock.now(), totp_sealed=sealed)
    reseal_all(app, actor=ADA)
    forget_old_keys(app, actor=ADA)
    with app.ground.transaction() as tx:
        after = people.by_name(tx, "Vera")
        people.change(tx, person.id, actor="test", now=app.clock.now(), totp_sealed=None)
    assert after is not None
    assert after.totp_sealed != sealed
    assert unseal(str(after.totp_sealed), totp_place(after), keys_in(app.folder).seal) == "A SECRET"


def test_an_older_key_that_still_opens_something_is_not_forgotten(app: App) -> None:
    connect(app)
    rotate_seal(app.folder)
    with pytest.raises(Refused, match="give the command again"):
        forget_old_keys(app, actor=ADA)
    assert check(app, app.outlets["x-main"]).ok
