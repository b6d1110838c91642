"""Live channels, pointed at the rehearsal platforms by their address: another account, or the same one twice."""

from __future__ import annotations

from pathlib import Path

from channels.rehearsal.accounts import x_account
from channels.rehearsal.platforms import RehearsalPlatforms
from db import channel_states, notices
from db.records import Mode, State
from scheduler import newsroom
from scheduler.clock import HeldClock
from scheduler.standing import check
from tests.scheduler.house import MORNING, house


def keys(folder: Path, account: str) -> str:
    """A secret file with the keys of one rehearsal account; its name."""
    known = x_account(account)
    file = folder / f"{account}.secret"
    file.write_text(
        f"CONSUMER_KEY={known.consumer_key}\nCONSUMER_SECRET={known.consumer_secret}\n"
        f"ACCESS_TOKEN={known.access_token}\nACCESS_TOKEN_SECRET={known.access_token_secret}\n"
    )
    file.chmod(0o600)
    return file.name


def settings(address: str, *channels: tuple[str, str]) -> str:
    """Live X channels, each with its secret file."""
    told = "".join(
        f'\n[channels.{name}]\nkind = "x"\nmode = "live"\npublish = "auto"\nbase_url = "{address}"\n'
        f'secret_file = "{secret}"\ndeadline = "10s"\n'
        for name, secret in channels
    )
    return f'[newsroom]\nname = "The Test Times"\nsite = "https://times.example.net"\n{told}'


def test_a_live_channel_is_checked_and_pinned_before_its_first_call(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        text = settings(world.addresses.x_url, ("x-main", keys(tmp_path, "paper")))
        with house(tmp_path, text, clock=clock) as h:
            story = h.take()
            h.work()
            sent = h.of(story, "x-main")
            assert (sent.mode, sent.state) == (Mode.LIVE, State.SENT)
            with h.app.ground.reading() as tx:
                (pinned,) = channel_states.every(tx)
            assert pinned.account_id == x_account("paper").user_id


def test_other_credentials_than_the_pinned_ones_send_nothing(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        address = world.addresses.x_url
        with house(tmp_path, settings(address, ("x-main", keys(tmp_path, "paper"))), clock=clock) as h:
            h.take()
            h.work()
        with house(tmp_path, settings(address, ("x-main", keys(tmp_path, "rival"))), clock=clock) as h:
            health = check(h.app, h.app.outlets["x-main"])
            assert not health.ok
            assert "until now it was paper" in health.problems[-1].message


def test_two_channels_on_one_account_are_refused_at_first_use(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        first, second = keys(tmp_path, "paper"), "again.secret"
        (tmp_path / second).write_text((tmp_path / first).read_text())
        (tmp_path / second).chmod(0o600)
        with house(tmp_path, settings(world.addresses.x_url, ("x-main", first), ("x-two", second)), clock=clock) as h:
            story = h.take()
            h.work()
            states = {h.of(story, name).state for name in ("x-main", "x-two")}
            assert states == {State.SENT, State.PLANNED}
            assert len(world.published("x")) == 1
            assert any("same account" in one for one in h.notices())


def test_rejected_keys_stop_the_channel_before_anything_is_sent(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        name = keys(tmp_path, "paper")
        (tmp_path / name).write_text(
            (tmp_path / name).read_text().replace("ACCESS_TOKEN_SECRET=", "ACCESS_TOKEN_SECRET=x")
        )
        (tmp_path / name).chmod(0o600)
        with house(tmp_path, settings(world.addresses.x_url, ("x-main", name)), clock=clock) as h:
            story = h.take()
            h.work()
            assert h.of(story, "x-main").state is State.PLANNED
            assert not h.attempts(h.of(story, "x-main"))
            assert any("x-main is stopped" in one for one in h.notices())


def test_a_channel_that_is_live_by_hand_tells_the_desk_once_that_nobody_typed_its_accounts_name(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        text = settings(world.addresses.x_url, ("x-main", keys(tmp_path, "paper")))
        with house(tmp_path, text, clock=clock) as h:
            h.take()
            h.work()
            h.take("A second story of the day")
            h.work()
            with h.app.ground.reading() as tx:
                (told,) = [one for one in notices.standing(tx) if one.cause_key.startswith("live by hand")]
            assert "nobody typed its account's name" in told.sentence
            assert told.remedy == "pressrun live x-main"
            newsroom.go_live(h.app, "x-main", "paper", actor="ada")
            with h.app.ground.reading() as tx:
                assert not [one for one in notices.standing(tx) if one.cause_key.startswith("live by hand")]
