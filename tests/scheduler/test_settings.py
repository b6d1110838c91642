from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from db.records import Mode, Money, Publish
from scheduler.channel_rules import policy_of, rules_of
from scheduler.secrets import Secret, SecretError, read_secrets
from scheduler.settings import (
    CHANNEL_KINDS,
    EmailChannel,
    FacebookChannel,
    FeedSource,
    FolderSource,
    PageSource,
    Settings,
    SitemapSource,
    WordPressSource,
    XChannel,
)
from scheduler.settings_faults import SettingsError
from scheduler.settings_load import Loaded, load_settings
from scheduler.slots import parse_quiet, parse_slots

Write = Callable[[str], Path]

X = '[channels.x-main]\nkind = "x"\n'
FACEBOOK = '[channels.fb-main]\nkind = "facebook"\n'
MAIL = '[channels.mail]\nkind = "email"\nlist = "morning"\nnewsletter = "M"\nfrom = "a@harbour.net"\n'
LIVE_ROOM = '[newsroom]\nsite = "https://harbour.net"\n'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings.toml into an own folder; gives its path."""

    def put(text: str) -> Path:
        path = tmp_path / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[..., Path]:
    def put(text: str, name: str = "x.env", mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return put


def load(path: Path, env: Mapping[str, str] | None = None) -> Settings:
    return load_settings(path, env or {}).settings


def faults(path: Path, env: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, env or {})
    assert str(path) in str(caught.value)
    return [str(fault) for fault in caught.value.faults]


# --- what is read ---


def test_an_empty_file_is_a_newsroom_without_channels(write: Write) -> None:
    settings = load(write(""))
    assert settings.newsroom.name == "The Newsroom"
    assert settings.channels == {}


def test_every_kind_of_key_is_read_as_what_it_means(write: Write) -> None:
    settings = load(
        write(
            """
            [newsroom]
            timezone = "Europe/London"
            [sources.inbox]
            kind = "folder"
            path = "in"
            publish = "approve"
            [sources.site]
            kind = "feed"
            url = "https://harbour.net/feed?all=1"
            every = "2 min"
            local = true
            section = "Local"
            [sources.blog]
            kind = "wordpress"
            url = "https://harbour.net/blog/"
            [sources.map]
            kind = "sitemap"
            url = "https://harbour.net/news.xml"
            [sources.live]
            kind = "page"
            url = "https://harbour.net/live"
            publish = "auto"
            [serve]
            host = "::1"
            port = 0
            [channels.x-main]
            kind = "x"
            slots = ["mon-fri 08:00"]
            except = ["2026-12-25", 2027-01-01]
            quiet = "22:00-06:30"
            spacing = "20 min"
            daily_cap = 8
            handle = "@harbour"
            monthly_budget = 150
            breaking_reserve = 20.5
            thread = 3
            link_in_reply = true
            base_url = "http://127.0.0.1:8080/"
            [channels.fb-main]
            kind = "facebook"
            page_id = "123"
            link_in_comment = true
            [channels.mail]
            kind = "email"
            list = "morning"
            newsletter = "Morning briefing"
            from = "Harbour Post <briefing@harbour.net>"
            tls = "tls"
            port = 465
            [sections.Obituaries]
            publish = "approve"
            [links]
            utm = { utm_source = "{kind}" }
            [teasers]
            handles = { "Ada  Lind" = "adalind", "Ben Orr" = "@ben_orr" }
            """
        )
    )
    folder, feed = settings.sources["inbox"], settings.sources["site"]
    assert isinstance(folder, FolderSource)
    assert folder.path.name == "in"
    assert (folder.publish, folder.every) == (Publish.APPROVE, timedelta(minutes=1))
    assert isinstance(feed, FeedSource)
    assert (feed.url, feed.local, feed.section) == ("https://harbour.net/feed?all=1", True, "Local")
    blog, live = settings.sources["blog"], settings.sources["live"]
    assert isinstance(blog, WordPressSource)
    assert (blog.url, blog.local, blog.every) == ("https://harbour.net/blog/", False, timedelta(minutes=5))
    assert isinstance(settings.sources["map"], SitemapSource)
    assert isinstance(live, PageSource)
    assert live.publish is Publish.AUTO
    assert (settings.serve.host, settings.serve.port) == ("::1", 0)
    x, facebook, mail = (settings.channels[name] for name in ("x-main", "fb-main", "mail"))
    assert isinstance(x, XChannel)
    assert x.slots == parse_slots(["mon-fri 08:00"])
    assert x.except_dates == {date(2026, 12, 25), date(2027, 1, 1)}
    assert x.quiet is not None
    assert (x.quiet.start, x.quiet.end) == (time(22), time(6, 30))
    assert (x.handle, x.base_url, x.daily_cap) == ("harbour", "http://127.0.0.1:8080", 8)
    assert (x.monthly_budget, x.breaking_reserve) == (Money(150_000_000), Money(20_500_000))
    assert (x.post_price, x.link_price) == (Money(15_000), Money(200_000))
    assert (x.thread, x.link_in_reply) == (3, True)
    assert isinstance(facebook, FacebookChannel)
    assert facebook.link_in_comment
    assert settings.teasers.handles == {"Ada Lind": "@adalind", "Ben Orr": "@ben_orr"}
    assert isinstance(mail, EmailChannel)
    assert (mail.list_name, mail.sender) == ("morning", "Harbour Post <briefing@harbour.net>")
    assert settings.newsroom.zone.key == "Europe/London"
    assert settings.links.utm == {"utm_source": "{kind}"}


def test_live_asks_a_person_and_rehearsal_does_not_unless_the_channel_says_so() -> None:
    def rule(**more: Any) -> Publish:
        return XChannel(kind="x", **more).publish_rule

    assert rule() is Publish.AUTO
    assert rule(mode=Mode.LIVE) is Publish.APPROVE
    assert rule(mode=Mode.LIVE, publish=Publish.AUTO) is Publish.AUTO
    assert rule(publish=Publish.APPROVE) is Publish.APPROVE


def test_settings_cannot_be_changed(write: Write) -> None:
    settings = load(write(""))
    with pytest.raises(ValueError, match="frozen"):
        settings.newsroom.name = "Other"


def test_planning_and_retrying_get_what_the_channel_says(write: Write) -> None:
    settings = load(
        write(
            '[newsroom]\ntimezone = "Europe/London"\n'
            + X
            + 'quiet = "22:00-06:00"\nspacing = "5 min"\nlatest = "3h"\nsettle = "20 min"\n'
            + MAIL
            + '[sections.Police]\npublish = "approve"\n[sections.Sport]\n'
        )
    )
    rules = rules_of("x-main", settings)
    assert (rules.quiet, rules.spacing, rules.latest) == (
        parse_quiet("22:00-06:00"),
        timedelta(minutes=5),
        timedelta(hours=3),
    )
    assert (rules.zone.key, rules.publish, rules.sections) == (
        "Europe/London",
        Publish.AUTO,
        {"Police": Publish.APPROVE},
    )
    assert policy_of(settings.channels["x-main"]).settle == timedelta(minutes=20)
    assert not policy_of(settings.channels["mail"]).can_find


# --- where they are found ---


def test_settings_are_found_by_path_then_variable_then_folder_then_those_above(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("a", "b", "c/d/e")]
    for place in places:
        place.mkdir(parents=True)
    for number, place in enumerate((tmp_path / "a", tmp_path / "b", tmp_path / "c")):
        (place / "settings.toml").write_text(f'[newsroom]\nname = "{number}"\n')
    env = {"PRESSRUN_SETTINGS": str(tmp_path / "b" / "settings.toml")}

    def name(path: Path | None, env: Mapping[str, str]) -> str:
        return load_settings(path, env, folder=places[2]).settings.newsroom.name

    assert name(tmp_path / "a", env) == "0"
    assert name(None, env) == "1"
    assert name(None, {}) == "2"


def test_without_settings_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="pressrun init DIR"):
        load_settings(None, {}, folder=tmp_path)
    with pytest.raises(SettingsError, match="PRESSRUN_SETTINGS: there is no file"):
        load_settings(None, {"PRESSRUN_SETTINGS": "nowhere.toml"}, folder=tmp_path)


def test_relative_files_lie_beside_the_settings(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        '[database]\nurl = "sqlite:///here.db"\n[teasers]\nfolder = "ours"\n' + X + 'secret_file = "s/x.env"\n'
    )
    monkeypatch.chdir("/")
    settings = load(path)
    assert settings.database.url == f"sqlite:///{path.parent}/here.db"
    assert settings.teasers.folder == path.parent / "ours"
    assert settings.channels["x-main"].secret_file == path.parent / "s" / "x.env"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////var/p.db", "sqlite:////var/p.db"),
        ("postgresql://me@host/p", "postgresql+psycopg://me@host/p"),
        ("postgres://host/p", "postgresql+psycopg://host/p"),
        ("postgresql+psycopg:///p?host=/run", "postgresql+psycopg:///p?host=/run"),
    ],
)
def test_database_addresses_are_read(write: Write, url: str, expected: str) -> None:
    assert load(write(f'[database]\nurl = "{url}"\n')).database.url == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('provider = "ses"\nstream = "broadcast"', '"ses" has no message streams'),
        ('provider = "postmark"\nstream = "My stream"', "has small letters, digits, - and _ only"),
    ],
)
def test_a_message_stream_is_postmarks_alone_and_has_an_id(write: Write, asked: str, said: str) -> None:
    mail = f'[channels.m]\nkind = "email"\nlist = "l"\nnewsletter = "L"\nfrom = "l@news.example.org"\n{asked}\n'
    relay = f'[relays.r]\nhost = "smtp.example.org"\n{asked}\n'
    for text, at in ((mail, "channels.m.stream"), (relay, "relays.r.stream")):
        (fault,) = [one for one in faults(write(text)) if at in one]
        assert said in fault


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://host/p", "p.db", ""])
def test_a_database_that_keeps_nothing_or_is_not_known_is_refused(write: Write, url: str) -> None:
    (fault,) = faults(write(f'[database]\nurl = "{url}"\n'))
    assert fault.startswith("line 2, database.url: ")


def test_a_password_in_the_settings_is_refused_unsaid_but_may_come_from_the_environment(write: Write) -> None:
    path = write('[database]\nurl = "postgresql://me:hunter2@host/p"\n')
    (fault,) = faults(path)
    assert "~/.pgpass" in fault
    assert "hunter2" not in fault
    settings = load(write(""), {"PRESSRUN_DATABASE__URL": "postgresql://me:hunter2@host/p"})
    assert settings.database.url == "postgresql+psycopg://me:hunter2@host/p"
    assert "hunter2" not in repr(settings)


# --- the environment ---


def test_a_variable_overrides_one_key_and_leaves_the_rest(write: Write) -> None:
    path = write('[newsroom]\nname = "Harbour"\ntimezone = "UTC"\n' + X + 'spacing = "1 min"\n')
    settings = load(
        path,
        {
            "PRESSRUN_NEWSROOM__TIMEZONE": "Asia/Tokyo",
            "PRESSRUN_CHANNELS__X_MAIN__SLOTS": '["mon 08:00"]',
            "PRESSRUN_CHANNELS__X_MAIN__DAILY_CAP": "3",
            "PRESSRUN_CHANNELS__X_MAIN__POST_PRICE": "0.02",
            "PRESSRUN_CHANNELS__X_MAIN__QUIET": "22:00-06:00",
            "PRESSRUN_TEASERS__MAX_HASHTAGS": "0",
            "PRESSRUN_IMAGES__MAY_UPLOAD": '["Us"]',
            "PRESSRUN_USER": "Ada",
            "PATH": "/bin",
        },
    )
    assert (settings.newsroom.name, settings.newsroom.timezone) == ("Harbour", "Asia/Tokyo")
    x = settings.channels["x-main"]
    assert isinstance(x, XChannel)
    assert (x.slots, x.daily_cap, x.spacing) == (parse_slots(["mon 08:00"]), 3, timedelta(minutes=1))
    assert x.post_price == Money(20_000)
    assert x.quiet == parse_quiet("22:00-06:00")
    assert settings.teasers.max_hashtags == 0
    assert settings.images.may_upload == ("Us",)


def test_a_variable_that_looks_like_a_number_stays_text_where_text_is_wanted(write: Write) -> None:
    env = {"PRESSRUN_NEWSROOM__NAME": "1843", "PRESSRUN_CHANNELS__FB_MAIN__PAGE_ID": "100"}
    settings = load(write(FACEBOOK), env)
    facebook = settings.channels["fb-main"]
    assert isinstance(facebook, FacebookChannel)
    assert (settings.newsroom.name, facebook.page_id) == ("1843", "100")


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("PRESSRUN_SETINGS", "did you mean PRESSRUN_SETTINGS?"),
        ("PRESSRUN_NEWSROM__TIMEZONE", "did you mean PRESSRUN_NEWSROOM__TIMEZONE?"),
        ("PRESSRUN_NEWSROOM_TIMEZONE", "did you mean PRESSRUN_NEWSROOM__TIMEZONE?"),
        ("PRESSRUN_CHANNELS__X_MIAN__MODE", "did you mean PRESSRUN_CHANNELS__X_MAIN__MODE?"),
        ("PRESSRUN_CHANNELS__X_MAIN__LIST", "no such setting"),
        ("pressrun_user", "did you mean PRESSRUN_USER?"),
        ("PRESSRUN_", "no such setting"),
        ("PRESSRUN_QQQ", "a variable is PRESSRUN_TABLE__KEY"),
    ],
)
def test_a_misspelt_variable_stops_the_start(write: Write, variable: str, said: str) -> None:
    (fault,) = faults(write(X), {variable: "hunter2"})
    assert fault.startswith(f"the variable {variable}: no such setting; ")
    assert said in fault
    assert "hunter2" not in fault


def test_a_wrong_value_in_a_variable_names_the_variable(write: Write) -> None:
    (fault,) = faults(write('[newsroom]\nname = "H"\n'), {"PRESSRUN_NEWSROOM__TIMEZONE": "London"})
    assert fault.startswith('the variable PRESSRUN_NEWSROOM__TIMEZONE: "London" is not a time zone')


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[newsrom]\nname = "H"', 'line 1, newsrom: no such key; did you mean "newsroom"?'),
        ('[newsroom]\nnmae = "H"', 'line 2, newsroom.nmae: no such key; did you mean "name"?'),
        ("[newsroom]\nname = 3", "line 2, newsroom.name: this must be text; write it in quotation marks."),
        ('[newsroom]\nname = " "', "line 2, newsroom.name: it is empty; write its name."),
        (
            '[newsroom]\ntimezone = "Europe/Londn"',
            'line 2, newsroom.timezone: "Europe/Londn" is not a time zone; write an IANA name such as '
            '"Europe/London"; did you mean "Europe/London"?',
        ),
        ('[newsroom]\nsite = "harbour.net"', 'line 2, newsroom.site: "harbour.net" is not a web address'),
        ('[newsroom]\nsite = "https://me:pw@harbour.net"', "line 2, newsroom.site: the address holds a user"),
        ('[newsroom]\nlanguage = "english please"', "line 2, newsroom.language: "),
        ("newsroom = 3", "line 1, newsroom: this must be a table; write [newsroom]"),
        ("[channels]\nx-main = 3", "line 2, channels.x-main: this must be a table"),
        ('[channels.x-main]\nmode = "live"', 'line 1, channels.x-main.kind: this key is missing; write kind = "x"'),
        ('[channels.x-main]\nkind = "twitter"', "line 2, channels.x-main.kind: 'twitter' is no kind of channel"),
        ('[channels."X Main"]\nkind = "x"', 'line 1, channels.X Main: "X Main" cannot be a name'),
        (X + 'mode = "dry"', "line 3, channels.x-main.mode: this word is not known here; write 'rehearsal' or 'live'."),
        (X + 'page_id = "1"', "line 3, channels.x-main.page_id: this key belongs to channels of kind facebook"),
        (X + 'from = "a@b.cd"', "line 3, channels.x-main.from: this key belongs to channels of kind email"),
        (FACEBOOK + "post_price = 0.1", "line 3, channels.fb-main.post_price: this key belongs to channels of kind x"),
        (MAIL + 'handle = "a"', "line 6, channels.mail.handle: this key belongs to channels of kind x"),
        (X + 'access_token = "hunter2"', "line 3, channels.x-main.access_token: secrets do not belong in the settings"),
        (X + 'slots = ["mon-fry 08:00"]', 'line 3, channels.x-main.slots: "mon-fry 08:00" is not a slot: "fry" is not'),
        (X + 'slots = "now"', 'line 3, channels.x-main.slots: "now" is not "immediately"'),
        (X + "slots = [8]", "line 3, channels.x-main.slots: slots are"),
        (X + 'quiet = "22-6"', 'line 3, channels.x-main.quiet: "22-6" are not quiet hours'),
        (X + 'except = ["25.12."]', 'line 3, channels.x-main.except: "25.12." is not a day'),
        (X + "spacing = 20", "line 3, channels.x-main.spacing: 20 is not a span of time"),
        (X + 'spacing = "20"', 'line 3, channels.x-main.spacing: "20" is not a span of time'),
        (X + 'latest = "0s"', "line 3, channels.x-main.latest: the span must be longer than nothing"),
        (X + "daily_cap = 0", "line 3, channels.x-main.daily_cap: the number is too small; write 1 or more."),
        (X + 'daily_cap = "8"', "line 3, channels.x-main.daily_cap: this must be a whole number"),
        (X + "daily_cap = true", "line 3, channels.x-main.daily_cap: this must be a whole number"),
        (X + "post_price = nan", "line 3, channels.x-main.post_price: "),
        (X + "post_price = -1", "line 3, channels.x-main.post_price: "),
        (X + 'base_url = "http://api.x.com"', "line 3, channels.x-main.base_url: "),
        (X + 'handle = "a b"', 'line 3, channels.x-main.handle: "a b" is not a name on X'),
        (X + 'settle = "5 min"', "line 3, channels.x-main.settle: after 5 min a post may still be invisible"),
        (X + 'claim = "10s"', "line 3, channels.x-main.claim: a claim of 10 s would end before a call does (30 s)"),
        (
            X + 'quiet = "22:00-06:00"\nslots = ["sun 23:30"]',
            "line 4, channels.x-main.slots: the slot sun 23:30 lies in the quiet hours",
        ),
        (X + "breaking_reserve = 1", "line 3, channels.x-main.breaking_reserve: there is no monthly_budget"),
        (
            X + "monthly_budget = 1\nbreaking_reserve = 2",
            "line 4, channels.x-main.breaking_reserve: $2.000 is more than",
        ),
        (MAIL + 'feedback_id = "abc"', 'line 6, channels.mail.feedback_id: "abc" is no sender\'s name for Feedback-ID'),
        (FACEBOOK + 'page_id = "harbour"', 'line 3, channels.fb-main.page_id: "harbour" is not a Page id'),
        (FACEBOOK + 'version = "25"', 'line 3, channels.fb-main.version: "25" is not a version'),
        (MAIL.replace("a@harbour.net", "harbour"), 'line 5, channels.mail.from: "harbour" is not an e-mail address'),
        (MAIL.replace("a@harbour.net", "a@b.cd\\nBcc: x@y.cd"), "line 5, channels.mail.from: the text holds a line"),
        (MAIL + "port = 70000", "line 6, channels.mail.port: the number is too large; write 65535 or less."),
        (MAIL + 'tls = "ssl"', "line 6, channels.mail.tls: this word is not known here"),
        (MAIL + 'host = "a b"', "line 6, channels.mail.host: "),
        ('[sources.s]\nkind = "feed"', 'line 1, sources.s.url: this key is missing; write url = "…".'),
        ('[sources.s]\nkind = "folder"\npath = 3', "line 3, sources.s.path: write the path as text"),
        ('[sources.s]\nkind = "rss"', "line 2, sources.s.kind: 'rss' is no kind of source; write \"folder\" or"),
        (
            '[sources.s]\nkind = "feed"\nurl = "http://127.0.0.1:8000/feed"',
            "line 3, sources.s.url: this address is on this machine, where nothing is fetched from without your word; "
            "add local = true",
        ),
        ('[sources.s]\nkind = "page"\nurl = "harbour.net"', 'line 3, sources.s.url: "harbour.net" is not a web'),
        (
            '[sources.s]\nkind = "sitemap"\nurl = "https://u:hunter2@harbour.net/map"',
            "line 3, sources.s.url: the address holds a user or password",
        ),
        (
            '[sources.s]\nkind = "feed"\nurl = "https://a.bc"\nlocal = "yes"',
            "line 4, sources.s.local: ",
        ),
        (
            '[sources.s]\nkind = "folder"\npath = "in"\nlocal = true',
            "line 4, sources.s.local: this key belongs to sources of kind feed",
        ),
        ('[sources.s]\nkind = "webhook"', "line 1, sources.s.secret_file: this key is missing"),
        (
            '[sources.s]\nkind = "webhook"\nsecret_file = "none.env"',
            "line 3, sources.s.secret_file: the secret file ",
        ),
        ("[serve]\nport = 70000", "line 2, serve.port: the number is too large; write 65535 or less."),
        ('[links]\nutm = { utm_source = "{who}" }', 'line 2, links.utm: utm_source asks for "{who}"'),
        ('[links]\nutm = { source = "x" }', 'line 2, links.utm: "source" is no campaign parameter'),
        ('[links]\nutm = { utm_source = "{kind" }', "line 2, links.utm: utm_source has a brace"),
        ('[sections.Sport]\npublish = "maybe"', "line 2, sections.Sport.publish: this word is not known here"),
        ("[images]\nmay_upload = [1]", "line 2, images.may_upload: write a list of texts"),
        (X + "thread = 26", "line 3, channels.x-main.thread: the number is too large; write 25 or less."),
        (
            X + "link_in_comment = true",
            "line 3, channels.x-main.link_in_comment: this key belongs to channels of kind facebook",
        ),
        ('[teasers]\nhandles = { "Ada Lind" = "a b" }', 'line 2, teasers.handles: "a b" is not a name on X'),
        ('[teasers]\nhandles = { "Ada Lind" = "" }', 'line 2, teasers.handles: the handle of "Ada Lind" is empty'),
        ("[teasers]\nmax_hashtags = 2.0", "line 2, teasers.max_hashtags: this must be a whole number"),
        ("name = \n", "line 1, the text: this is not TOML"),
    ],
)
def test_each_fault_is_named_with_line_key_and_remedy(write: Write, text: str, said: str) -> None:
    (fault,) = faults(write(text + "\n"))
    assert fault.startswith(said)
    assert "hunter2" not in fault
    assert fault.endswith((".", "?"))


def test_two_channels_on_one_account_are_refused(write: Write) -> None:
    same = (
        X
        + 'handle = "harbour"\n[channels.x-two]\nkind = "x"\nhandle = "@Harbour"\n'
        + FACEBOOK
        + 'page_id = "1"\n[channels.fb-two]\nkind = "facebook"\npage_id = "1"\n'
        + MAIL
        + MAIL.replace("channels.mail", "channels.mail-two")
    )
    found = faults(write(same))
    assert [fault.partition(": ")[0].partition(", ")[2] for fault in found] == [
        "channels.x-two.handle",
        "channels.fb-two.page_id",
        "channels.mail-two.list",
    ]
    assert "the channels x-main and x-two have the same handle" in found[0]


def test_all_faults_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    path = write('[newsroom]\ntimezone = "Mars"\n[sorces.a]\n' + X + 'spacing = "x"\nfoo = 1\nclaim = "1s"\n' + MAIL)
    found = faults(path, {"PRESSRUN_TYPO": "1"})
    assert [fault.partition(":")[0] for fault in found] == [
        "the variable PRESSRUN_TYPO",
        "line 2, newsroom.timezone",
        "line 3, sorces",
        "line 6, channels.x-main.spacing",
        "line 7, channels.x-main.foo",
        "line 8, channels.x-main.claim",
    ]
    with pytest.raises(SettingsError, match=r"settings\.toml has 6 faults:\n  "):
        load_settings(path, {"PRESSRUN_TYPO": "1"})


def test_a_fault_in_one_key_hides_none_between_the_others(write: Write) -> None:
    found = faults(write(LIVE_ROOM + X + 'mode = "live"\nspacing = 5\nclaim = "1s"\nhandle = 7\n'))
    assert [fault.partition(":")[0].rpartition(".")[2] for fault in found] == [
        "spacing",
        "claim",
        "handle",
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'[newsroom]\nname = "\xe9"', b"\x00" * 2_000_000])
def test_a_file_that_is_no_text_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    (fault,) = faults(path)
    assert fault.startswith("the file: it is ")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'\xef\xbb\xbf[newsroom]\nname = "H"\n')
    assert load(path).newsroom.name == "H"


toml_values = st.recursive(
    st.none().map(lambda _: '""')
    | st.integers(-9, 9).map(str)
    | st.sampled_from(["true", "1.5", "nan", '"x"', "2026-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda held: "[" + ", ".join(held) + "]")
        | inner.map(lambda held: "{ a = " + held + " }")
    ),
    max_leaves=3,
)
KEYS = sorted(
    {
        (f"channels.{kind}", field.alias or name)
        for kind, model in CHANNEL_KINDS.items()
        for name, field in model.model_fields.items()
    }
    | {("newsroom", "name"), ("newsroom", "site"), ("database", "url"), ("links", "utm"), ("teasers", "folder")}
)


@given(st.sampled_from(KEYS), toml_values)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_key_is_read_or_answered_with_a_sentence(
    write: Write, key: tuple[str, str], value: str
) -> None:
    kinds = {f"channels.{kind}": f'kind = "{kind}"\n' for kind in ("x", "facebook")}
    kinds["channels.email"] = MAIL.partition("\n")[2]
    table, name = key
    held = "".join(line + "\n" for line in kinds.get(table, "").splitlines() if not line.startswith(f"{name} ="))
    path = write(f"[{table}]\n{held}{name} = {value}\n")
    try:
        found = load_settings(path, {})
    except SettingsError as error:
        told = str(error)
        assert "Traceback" not in told
        assert "see docs/settings.md" not in told
        assert table in told
    else:
        assert isinstance(found, Loaded)


# --- going live ---


def test_a_live_channel_needs_its_page_and_a_real_newsroom_its_keys_may_be_those_it_was_connected_with(
    write: Write,
) -> None:
    found = faults(write(X + 'mode = "live"\n' + FACEBOOK + 'mode = "live"\n' + MAIL + 'mode = "live"\n'))
    assert {fault.partition(": ")[0].rpartition(" ")[2] for fault in found} == {
        "channels.fb-main.page_id",
        "newsroom.site",
        "newsroom.public_url",
        "newsroom.postal_address",
    }


def test_a_rehearsal_needs_no_secret(write: Write) -> None:
    settings = load(write(X + 'secret_file = "nowhere.env"\n'))
    assert read_secrets(settings.channels["x-main"]) == {}


def test_a_live_channel_is_warned_about_what_is_allowed_but_unwise(
    write: Write, secret_file: Callable[..., Path]
) -> None:
    secret_file("")
    loaded = load_settings(write(LIVE_ROOM + X + 'mode = "live"\nsecret_file = "x.env"\n'), {})
    assert any("monthly_budget" in warning for warning in loaded.warnings)
    assert any("[notices]" in warning for warning in loaded.warnings)
    assert load_settings(write(X), {}).warnings == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_file_that_others_may_read_stops_the_start(
    write: Write, secret_file: Callable[..., Path], mode: int
) -> None:
    path = secret_file("CONSUMER_KEY=hunter2", mode=mode)
    (fault,) = faults(write(LIVE_ROOM + X + 'mode = "live"\nsecret_file = "x.env"\n'))
    assert f"(mode {mode:04o}); run: chmod 600 {path}" in fault
    assert "hunter2" not in fault


def test_a_missing_secret_file_stops_the_start(write: Write) -> None:
    (fault,) = faults(write(LIVE_ROOM + X + 'mode = "live"\nsecret_file = "x.env"\n'))
    assert "cannot be found (No such file or directory); create it with mode 0600" in fault


# --- secrets ---


def live_x(path: Path) -> XChannel:
    settings = Settings.model_validate(
        {"channels": {"x": {"kind": "x", "mode": "live", "secret_file": str(path)}}}, context={"folder": path.parent}
    )
    channel = settings.channels["x"]
    assert isinstance(channel, XChannel)
    return channel


GOOD = "CONSUMER_KEY=a\nCONSUMER_SECRET='b = c'\n# a comment\n\n ACCESS_TOKEN = d#e \nACCESS_TOKEN_SECRET=hunter2\n"


def test_secrets_are_read_by_name(secret_file: Callable[..., Path]) -> None:
    found = read_secrets(live_x(secret_file(GOOD)))
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "CONSUMER_KEY": "a",
        "CONSUMER_SECRET": "b = c",
        "ACCESS_TOKEN": "d#e",
        "ACCESS_TOKEN_SECRET": "hunter2",
    }


def test_a_secret_never_shows_itself(secret_file: Callable[..., Path]) -> None:
    found = read_secrets(live_x(secret_file(GOOD)))
    secret = found["ACCESS_TOKEN_SECRET"]
    shown = [repr(secret), str(secret), f"{secret}", repr(found), str(dict(found)), repr([secret])]
    assert not any("hunter2" in text for text in shown)
    assert secret == Secret("hunter2")
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CONSUMER_KEY=hunter2\n", "lacks CONSUMER_SECRET, ACCESS_TOKEN, ACCESS_TOKEN_SECRET; add a line"),
        (GOOD + "ACESS_TOKEN=hunter2\n", "line 7 has a key that is not used here; did you mean ACCESS_TOKEN?"),
        (GOOD + "hunter2\n", "line 7 is not KEY=value"),
        (GOOD + "hunter2 = 3\n", "line 7 has a key that is not used here; the keys are"),
        (GOOD + "ACCESS_TOKEN=hunter2\n", "line 7 gives ACCESS_TOKEN a second time"),
        (GOOD.replace("=a", "="), "line 1: CONSUMER_KEY is empty"),
    ],
)
def test_a_faulty_secret_file_is_refused_without_saying_what_is_in_it(
    secret_file: Callable[..., Path], text: str, said: str
) -> None:
    path = secret_file(text)
    with pytest.raises(SecretError) as caught:
        read_secrets(live_x(path))
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_secret_file_is_judged_when_it_is_read(secret_file: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="chmod 600"):
        read_secrets(live_x(secret_file(GOOD, mode=0o644)))
    with pytest.raises(SecretError, match="No such file"):
        read_secrets(live_x(tmp_path / "none.env"))
    with pytest.raises(SecretError, match="too long"):
        read_secrets(live_x(secret_file("#" * 70_000)))
    latin = secret_file("")
    latin.write_bytes(b"CONSUMER_KEY=\xe9")
    with pytest.raises(SecretError, match="not UTF-8"):
        read_secrets(live_x(latin))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has named pipes")
def test_a_secret_file_that_is_no_file_is_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "x.env").mkdir(mode=0o700)
    (fault,) = faults(write(LIVE_ROOM + X + 'mode = "live"\nsecret_file = "x.env"\n'))
    assert "is not a file; name a file of KEY=value lines" in fault


# --- the settings that Pressrun ships ---


@pytest.mark.usefixtures("no_garbage_collected")
def test_loading_takes_less_than_sixty_milliseconds() -> None:
    path = Path(__file__).parents[2] / "settings.toml"
    load_settings(path, {})
    began = thread_time()
    load_settings(path, {})
    assert thread_time() - began < 0.06


def test_a_web_door_that_others_reach_or_that_the_links_do_not_lead_to_is_worth_a_sentence(write: Write) -> None:
    open_to_all = load_settings(write('[serve]\nhost = "0.0.0.0"\n'), {}).warnings
    assert [one.partition(" can be")[0] for one in open_to_all] == ["serve.host 0.0.0.0"]
    astray = load_settings(write("[serve]\nport = 9000\n"), {}).warnings
    assert len(astray) == 1
    assert "leads to port 8000 of this machine and pressrun serve answers on 9000" in astray[0]
    agreed = '[newsroom]\npublic_url = "http://127.0.0.1:9000"\n[serve]\nport = 9000\n'
    assert load_settings(write(agreed), {}).warnings == ()
    proxied = '[newsroom]\npublic_url = "https://letters.harbour.net"\n[serve]\nport = 9000\n'
    assert load_settings(write(proxied), {}).warnings == ()


def test_a_truth_is_set_from_the_environment(write: Write) -> None:
    path = write('[sources.site]\nkind = "feed"\nurl = "http://127.0.0.1/feed"\n')
    site = load(path, {"PRESSRUN_SOURCES__SITE__LOCAL": "true"}).sources["site"]
    assert isinstance(site, FeedSource)
    assert site.local is True
    elsewhere = write('[sources.site]\nkind = "feed"\nurl = "https://harbour.net/feed"\n')
    (fault,) = faults(elsewhere, {"PRESSRUN_SOURCES__SITE__LOCAL": "maybe"})
    assert fault.startswith("the variable PRESSRUN_SOURCES__SITE__LOCAL: ")
