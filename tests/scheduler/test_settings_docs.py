"""The page and the shipped file are held to the model, both ways: no key more, no key less, every default true."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from db.records import Mode, Money
from scheduler.newsletter_settings import Newsletter
from scheduler.periodical import periodicals
from scheduler.secrets import SECRET_NAMES
from scheduler.settings import (
    CHANNEL_KINDS,
    SOURCE_KINDS,
    EmailChannel,
    FacebookChannel,
    FeedSource,
    FolderSource,
    MailServer,
    Rule,
    Section,
    Settings,
    Webhook,
    WebhookSource,
    XChannel,
)
from scheduler.settings_load import load_settings
from scheduler.slots import Slots, parse_slots
from scheduler.spans import parse_span, say_span

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "settings.md").read_text(encoding="utf-8")
SHIPPED = HOUSE / "settings.toml"

_COMMON = set(XChannel.model_fields) & set(FacebookChannel.model_fields) & set(EmailChannel.model_fields)
_ACCOUNT = (set(XChannel.model_fields) & set(FacebookChannel.model_fields)) - _COMMON

_ANY_SOURCE = set(FolderSource.model_fields) & set(FeedSource.model_fields) & set(WebhookSource.model_fields)

HEADINGS: dict[str, tuple[type[BaseModel], set[str]]] = {
    "[sources.NAME]": (FolderSource, _ANY_SOURCE),
    'kind = "folder"': (FolderSource, set(FolderSource.model_fields) - _ANY_SOURCE),
    'kind = "feed", "wordpress", "sitemap" or "page"': (FeedSource, set(FeedSource.model_fields) - _ANY_SOURCE),
    'kind = "webhook"': (WebhookSource, set(WebhookSource.model_fields) - _ANY_SOURCE),
    "[channels.NAME]": (XChannel, _COMMON),
    'kind = "x" and kind = "facebook"': (XChannel, _ACCOUNT),
    'kind = "x"': (XChannel, set(XChannel.model_fields) - _COMMON - _ACCOUNT),
    'kind = "facebook"': (FacebookChannel, set(FacebookChannel.model_fields) - _COMMON - _ACCOUNT),
    'kind = "email"': (EmailChannel, set(EmailChannel.model_fields) - _COMMON),
    "[newsletters.NAME]": (Newsletter, set(Newsletter.model_fields)),
    "[relays.NAME]": (MailServer, set(MailServer.model_fields)),
    "[webhooks.NAME]": (Webhook, set(Webhook.model_fields)),
    "[sections.NAME]": (Section, set(Section.model_fields)),
    "[rules.NAME]": (Rule, set(Rule.model_fields)),
}
for _table, _field in Settings.model_fields.items():
    if _table not in Settings.named_tables:
        _model: Any = _field.annotation
        HEADINGS[f"[{_table}]"] = (_model, set(_model.model_fields))


SOURCES: dict[type[BaseModel], dict[str, Any]] = {
    FolderSource: {"kind": "folder", "path": "p"},
    FeedSource: {"kind": "feed", "url": "https://a.bc"},
    WebhookSource: {"kind": "webhook", "secret_file": "s"},
}


def written(field: FieldInfo) -> str:
    """A default as the page writes it."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case StrEnum():
            return f'`"{value.value}"`'
        case Slots():
            return '`"immediately"`'
        case frozenset():
            return "none"
        case timedelta():
            return f'`"{say_span(value)}"`'
        case Money():
            return f"`{value.micros / 1_000_000}`"
        case str():
            return f'`"{value}"`'
        case tuple():
            return f"`{json.dumps(list(value))}`"
        case dict():
            return "`{}`"
        case _:
            return f"`{value}`"


def tables() -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The page's headings with the rows of the table under each."""
    for piece in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)[1:]:
        heading, _, rest = piece.partition("\n")
        rows = [
            tuple(cell.strip() for cell in line.strip("|").split("|"))
            for line in rest.splitlines()
            if line.startswith("| `")
        ]
        yield heading, rows


def test_the_page_has_a_table_for_every_table_of_the_model() -> None:
    assert {heading for heading, rows in tables() if rows} == set(HEADINGS)


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_page_tells_every_key_with_its_default_and_no_other(heading: str) -> None:
    model, names = HEADINGS[heading]
    expected = {
        f"`{field.alias or name}`": written(field) for name, field in model.model_fields.items() if name in names
    }
    rows = dict(tables())[heading]
    assert {row[0]: row[1] for row in rows} == expected
    assert all(len(row) == 4 and row[2] and row[3] for row in rows)


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_example_on_the_page_is_one_that_is_accepted(heading: str) -> None:
    model, _ = HEADINGS[heading]
    needed = {
        'kind = "email"': {"list": "l", "newsletter": "n", "from": "a@b.cd"},
        "[newsletters.NAME]": {"channel": "mail", "title": "t"},
        "[relays.NAME]": {"host": "mail.example.org"},
        "[webhooks.NAME]": {"url": "https://cms.example.org/hear", "secret_file": "s"},
    }.get(heading, {})
    kind = {XChannel: "x", FacebookChannel: "facebook", EmailChannel: "email"}.get(model)
    for key, _, _, example in dict(tables())[heading]:
        text = f"{key.strip('`')} = {example.strip('`')}"
        held: dict[str, Any] = SOURCES.get(model, {})
        base: dict[str, Any] = {**needed, **held}
        if kind:
            base["kind"] = kind
        model.model_validate({**base, **tomllib.loads(text)})


def test_the_page_names_every_secret() -> None:
    section = PAGE.partition("## Secrets")[2]
    for kind, names in SECRET_NAMES.items():
        (row,) = [line for line in section.splitlines() if line.startswith(f"| {kind} |")]
        needed, optional = row.split("|")[2:4]
        assert re.findall(r"`([A-Z_]+)`", needed) == list(names.needed)
        assert re.findall(r"`([A-Z_]+)`", optional) == list(names.optional)
    assert set(SECRET_NAMES) == {*CHANNEL_KINDS, "bounces", "notices", "webhook", "webhooks"}


# --- settings.toml at the root ---


def uncommented() -> str:
    return re.sub(r"^#(?=[a-z_]+ = )", "", SHIPPED.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_shipped_settings_are_a_rehearsal_that_works_as_it_is() -> None:
    loaded = load_settings(SHIPPED, {})
    assert loaded.warnings == ()
    settings = loaded.settings
    assert list(settings.channels) == ["x-main", "fb-main", "mail"]
    assert all(one.mode is Mode.REHEARSAL and one.slots.immediately for one in settings.channels.values())
    inbox = settings.sources["inbox"]
    assert isinstance(inbox, FolderSource)
    assert (inbox.path, inbox.every) == (HOUSE / "inbox", timedelta(seconds=60))
    mail = settings.channels["mail"]
    assert isinstance(mail, EmailChannel)
    assert not mail.list_name
    assert {name: one.list_name for name, one in periodicals(settings).items()} == {"morning": "morning"}
    assert settings.newsletters["morning"].channel == "mail"
    assert settings.database.url == f"sqlite:///{HOUSE}/pressrun.db"


def test_every_key_stands_in_the_shipped_settings_and_all_of_them_together_are_right(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(uncommented(), encoding="utf-8")
    held = tomllib.loads(uncommented())
    secret = tmp_path / "secrets" / "notices.env"
    secret.parent.mkdir()
    secret.touch(mode=0o600)
    load_settings(path, {})
    for table, field in Settings.model_fields.items():
        if table not in Settings.named_tables:
            model: Any = field.annotation
            assert set(held[table]) == {info.alias or name for name, info in model.model_fields.items()}
    shown = {
        kind: set(held["channels"][name])
        for kind, name in (("x", "x-main"), ("facebook", "fb-main"), ("email", "mail"))
    }
    for kind, channel in CHANNEL_KINDS.items():
        keys = {info.alias or name for name, info in channel.model_fields.items()}
        alone = {"dkim_key_file"} if kind == "email" else set()  # it cannot be without its file
        assert keys - alone <= shown[kind] | shown["x"]
        assert shown[kind] <= keys
    assert set(held["sources"]["inbox"]) == set(FolderSource.model_fields)
    assert set(held["newsletters"]["morning"]) == {info.alias or name for name, info in Newsletter.model_fields.items()}


def test_every_source_that_the_shipped_settings_show_is_right_and_every_kind_is_shown(tmp_path: Path) -> None:
    shown = SHIPPED.read_text(encoding="utf-8").partition("[sources.inbox]")[2].partition("# ──")[0]
    text = "[sources.inbox]" + re.sub(r"^# ", "", shown, flags=re.MULTILINE)
    secret = tmp_path / "secrets" / "cms.env"
    secret.parent.mkdir()
    secret.touch(mode=0o600)
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    assert {one.kind for one in load_settings(path, {}).settings.sources.values()} == set(SOURCE_KINDS)


def test_what_is_commented_out_in_the_shipped_settings_is_the_default_unless_it_says_example() -> None:
    models: dict[str, type[BaseModel]] = {
        "channels.x-main": XChannel,
        "channels.fb-main": FacebookChannel,
        "channels.mail": EmailChannel,
        "sources.inbox": FolderSource,
        "newsletters.morning": Newsletter,
    }
    table, checked = "", 0
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\[([a-z.-]+)\]", line):
            table = found[1]
        elif found := re.match(r"#([a-z_]+) = (.*)", line):
            key, rest = found[1], found[2]
            annotation: Any = models.get(table) or Settings.model_fields[table].annotation
            (field,) = [info for name, info in annotation.model_fields.items() if (info.alias or name) == key]
            value = tomllib.loads(f"value = {rest}")["value"]
            default = field.get_default(call_default_factory=True)
            if isinstance(default, Slots):
                value = parse_slots(value)
            elif isinstance(default, timedelta):
                value = parse_span(value)
            elif isinstance(default, Money):
                value = Money(round(value * 1_000_000))
            elif isinstance(default, tuple):
                value = tuple(value)
            if "# example" in rest:
                assert default != value, f"{table}.{key} is the default and says it is an example"
            elif key != "publish":  # its default depends on the mode, and the line says so
                assert default == value, f"{table}.{key}"
            checked += 1
    assert checked > 30
