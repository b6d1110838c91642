"""From a settings file and the environment to ``Settings``, or to every fault at once.

Found by the path given, then ``PRESSRUN_SETTINGS``, then ``settings.toml`` in the folder and those above it. A
variable ``PRESSRUN_NEWSROOM__TIMEZONE`` overrides one key; a dash in a channel's name is written ``_`` there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from db.records import Money
from scheduler.newsletter_checks import check_newsletters
from scheduler.newsletter_settings import Newsletter
from scheduler.periodical import channels_as_used
from scheduler.settings import CHANNEL_KINDS, SOURCE_KINDS, MailServer, Rule, Section, Settings, Webhook
from scheduler.settings_checks import (
    check_channels,
    check_notices,
    check_relays,
    check_rules,
    check_serve,
    check_sources,
    check_webhooks,
    warnings_of,
    warnings_of_serve,
)
from scheduler.settings_faults import Fault, SettingsError, faults_of, find_lines, suggest, toml_names, unknown_key

FILE_NAME = "settings.toml"
PREFIX = "PRESSRUN_"
KNOWN_VARIABLES = ("PRESSRUN_SETTINGS", "PRESSRUN_USER")
"""Variables that are no keys: where the settings lie, and who acts."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PASSWORD = re.compile(r"^([a-z0-9+]+://[^:/@]*):[^@]*@")
_MOST_BYTES = 1024 * 1024
PLAIN: Mapping[str, type[BaseModel]] = {
    "sections": Section,
    "newsletters": Newsletter,
    "rules": Rule,
    "relays": MailServer,
    "webhooks": Webhook,
}
"""Named tables of one kind."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, the file they came from (absolute), and sentences for people that stop nothing."""

    settings: Settings
    path: Path
    warnings: tuple[str, ...] = ()


def load_settings(path: Path | str | None, env: Mapping[str, str], *, folder: Path | None = None) -> Loaded:
    """The settings at ``path``, else at ``PRESSRUN_SETTINGS``, else in ``folder`` or a folder above it.

    Raises ``SettingsError`` that lists every fault at once.
    """
    file = find_file(path, env, folder or Path.cwd())
    return load_text(text_of(file), file, env)


def load_text(text: str, file: Path, env: Mapping[str, str]) -> Loaded:
    """The settings as they would be if ``file`` held ``text``. Raises ``SettingsError``."""
    tables = _tables_of(text, file)
    lines = find_lines(text)
    faults: list[Fault] = []
    database = tables.get("database")
    if isinstance(database, dict) and _PASSWORD.match(str(database.get("url", ""))):
        faults.append(
            Fault(
                "database.url",
                "a password does not belong in the settings",
                "put it into ~/.pgpass, or set PRESSRUN_DATABASE__URL in the environment",
            )
        )
    variables = _apply_environment(tables, env, faults)
    settings = _build(tables, file.parent, faults)
    if faults:
        raise SettingsError(file, _placed(faults, lines, variables))
    warnings = (
        *warnings_of(channels_as_used(settings), settings.notices),
        *warnings_of_serve(settings.serve, settings.newsroom),
    )
    return Loaded(settings, file, warnings)


def find_file(path: Path | str | None, env: Mapping[str, str], folder: Path) -> Path:
    """Where the settings lie, absolute. Raises ``SettingsError`` when they lie nowhere."""
    asked, by = (path, "--settings") if path is not None else (env.get("PRESSRUN_SETTINGS"), "PRESSRUN_SETTINGS")
    if asked:
        file = Path(folder, Path(asked).expanduser())
        file = file / FILE_NAME if file.is_dir() else file
        if not file.is_file():
            raise SettingsError(None, [Fault(by, f"there is no file {file}", "correct the path")])
        return file.resolve()
    for place in (folder.resolve(), *folder.resolve().parents):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    raise SettingsError(
        None,
        [
            Fault(
                FILE_NAME,
                f"there is none in {folder.resolve()} or a folder above it",
                "make a newsroom with `pressrun init DIR`, or name its settings with --settings",
            )
        ],
    )


def text_of(file: Path) -> str:
    """The text of a settings file. Raises ``SettingsError``."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise SettingsError(file, [Fault("the file", "it is larger than 1 MB", "keep only settings in it")])
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(file, [Fault("the file", "it is not UTF-8 text", "save it as UTF-8")]) from None
    except OSError as error:
        wrong = f"it cannot be read ({error.strerror})"
        raise SettingsError(file, [Fault("the file", wrong, "give this user the right to read it")]) from None


def _tables_of(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", place)
        fault = Fault("the text", f"this is not TOML: {said}", "mend the line", int(line[1]) if line else None)
        raise SettingsError(file, [fault]) from None


def _apply_environment(tables: dict[str, Any], env: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Puts each ``PRESSRUN_SECTION__KEY`` into ``tables``; from the dotted key to the variable that set it."""
    variables: dict[str, str] = {}
    for variable in sorted(env):
        if not variable.upper().startswith(PREFIX) or variable in KNOWN_VARIABLES:
            continue
        steps = variable[len(PREFIX) :].lower().split("__")
        if variable != variable.upper() or len(steps) < 2 or not all(steps):
            faults.append(_unknown_variable(variable, tables))
            continue
        entered = _enter(tables, steps)
        if entered is None:
            faults.append(_unknown_variable(variable, tables))
            continue
        place, key, annotation = entered
        held: Any = tables
        for step in place:
            held = held.setdefault(step, {})
        held[key] = _value(env[variable], annotation)
        variables[".".join((*place, key))] = variable
    return variables


def _enter(tables: Mapping[str, Any], steps: list[str]) -> tuple[tuple[str, ...], str, Any] | None:
    """The table, key and type that a variable's steps name, or None."""
    if steps[0] not in Settings.model_fields:
        return None
    place: tuple[str, ...] = (steps[0],)
    model: Any
    if steps[0] in Settings.named_tables:
        held = tables.get(steps[0], {})
        names = {name.lower().replace("-", "_"): name for name in held} if isinstance(held, dict) else {}
        if len(steps) != 3 or steps[1] not in names:
            return None
        name = names[steps[1]]
        place, model = (steps[0], name), _model_for(steps[0], held[name])
    else:
        model = Settings.model_fields[steps[0]].annotation
    if model is None or len(steps) != len(place) + 1:
        return None
    for field, info in model.model_fields.items():
        if steps[-1] == (info.alias or field).lower():
            return place, info.alias or field, info.annotation
    return None


def _value(text: str, annotation: Any) -> Any:
    """A variable's text as what TOML would have given: numbers, lists and tables where the key wants them."""
    if text.lstrip()[:1] in ("[", "{") or not {int, bool, Money}.isdisjoint(_types(annotation)):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _types(annotation: Any) -> set[Any]:
    """Every plain type inside an annotation."""
    inside = get_args(annotation)
    return {annotation}.union(*(_types(one) for one in inside)) if inside else {annotation}


def _unknown_variable(variable: str, tables: Mapping[str, Any]) -> Fault:
    known = []
    for table, field in Settings.model_fields.items():
        models: dict[str, Any] = {table: field.annotation}
        if table in Settings.named_tables:
            held = tables.get(table, {})
            held = held if isinstance(held, dict) else {}
            models = {f"{table}__{name}": _model_for(table, one) for name, one in held.items()}
        known += [f"{PREFIX}{at}__{key}" for at, model in models.items() if model for key in toml_names(model)]
    names = [*KNOWN_VARIABLES, *(name.upper().replace("-", "_") for name in known)]
    meant = suggest(variable[len(PREFIX) :], [name.removeprefix(PREFIX) for name in names])
    remedy = f"did you mean {PREFIX}{meant}?" if meant else "a variable is PRESSRUN_TABLE__KEY, see docs/settings.md"
    return Fault(f"the variable {variable}", "no such setting", remedy)


def _model_for(table: str, held: object) -> type[BaseModel] | None:
    if table in PLAIN:
        return PLAIN[table]
    kinds: Mapping[str, type[BaseModel]] = CHANNEL_KINDS if table == "channels" else SOURCE_KINDS
    kind = held.get("kind") if isinstance(held, dict) else None
    return kinds.get(kind) if isinstance(kind, str) else None


def _build(tables: Mapping[str, Any], folder: Path, faults: list[Fault]) -> Settings:
    """Every table by itself, so that a fault in one hides none in another; good for use only without faults."""
    made: dict[str, Any] = {}
    for table in tables:
        if table not in Settings.model_fields:
            faults.append(unknown_key(table, Settings.model_fields))
    for table, field in Settings.model_fields.items():
        held = tables.get(table, {})
        if not isinstance(held, dict):
            faults.append(Fault(table, "this must be a table", f"write [{table}] on a line of its own"))
        elif table in Settings.named_tables:
            made[table] = dict(_build_named(table, held, folder, faults))
        else:
            model: Any = field.annotation
            if table == "database":
                held = _absolute_database(held, folder, faults)
            if (one := _make(model, held, table, folder, faults)) is not None:
                made[table] = one
    settings = Settings(**made)
    told = {fault.key for fault in faults}
    checked = (
        *check_sources(settings.sources),
        *check_channels(channels_as_used(settings), settings.newsroom),
        *check_newsletters(settings),
        *check_relays(settings.channels, settings.relays),
        *check_notices(settings.notices),
        *check_webhooks(settings.webhooks),
        *check_rules(settings),
        *check_serve(settings.serve),
    )
    faults.extend(fault for fault in checked if fault.key not in told)
    return settings


def _build_named(
    table: str, held: Mapping[str, Any], folder: Path, faults: list[Fault]
) -> Iterable[tuple[str, BaseModel]]:
    for name, one in held.items():
        key = f"{table}.{name}"
        if not isinstance(one, dict):
            faults.append(Fault(key, "this must be a table", f"write [{table}.NAME] on a line of its own"))
            continue
        if table != "sections" and not _NAME.fullmatch(name):
            wrong = f'"{name}" cannot be a name'
            faults.append(Fault(key, wrong, "use at most 40 small letters, digits and dashes, e.g. x-main"))
            continue
        model = _model_for(table, one)
        if model is None:
            faults.append(_unknown_kind(table, key, one))
        elif (made := _make(model, one, key, folder, faults)) is not None:
            yield name, made


def _unknown_kind(table: str, key: str, one: Mapping[str, Any]) -> Fault:
    kinds: Iterable[str] = CHANNEL_KINDS if table == "channels" else SOURCE_KINDS
    choice = " or ".join(f'"{kind}"' for kind in kinds)
    if "kind" not in one:
        return Fault(f"{key}.kind", "this key is missing", f"write kind = {choice}")
    return Fault(f"{key}.kind", f"{one['kind']!r} is no kind of {table.removesuffix('s')}", f"write {choice}")


def _make(
    model: type[BaseModel], held: Mapping[str, Any], table: str, folder: Path, faults: list[Fault]
) -> BaseModel | None:
    context = {"folder": folder}
    try:
        return model.model_validate(held, context=context)
    except ValidationError as error:
        faults.extend(faults_of(error, table, model, _owners(model)))
        faulty = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"]}
    try:  # what is left may have faults of its own between its keys
        return model.model_validate({key: one for key, one in held.items() if key not in faulty}, context=context)
    except ValidationError:
        return None


def _owners(model: type[BaseModel]) -> dict[str, str]:
    """Keys that only other kinds of channel or source know, and whose they are."""
    owners: dict[str, list[str]] = {}
    tables: tuple[tuple[str, Mapping[str, type[BaseModel]]], ...] = (
        ("channels", CHANNEL_KINDS),
        ("sources", SOURCE_KINDS),
    )
    for table, models in tables:
        if model in models.values():
            for kind, other in models.items():
                for name in set(toml_names(other)) - set(toml_names(model)):
                    owners.setdefault(name, []).append(kind)
            return {name: f"{table} of kind {' and '.join(kinds)}" for name, kinds in owners.items()}
    return {}


def _absolute_database(held: Mapping[str, Any], folder: Path, faults: list[Fault]) -> Mapping[str, Any]:
    """The database's address as SQLAlchemy takes it: a relative file lies beside the settings."""
    url = held.get("url", "sqlite:///pressrun.db")
    if not isinstance(url, str):
        return held
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///") and ":memory:" not in url:
        file = Path(folder, Path(url.removeprefix("sqlite:///")).expanduser())
        return {**held, "url": f"sqlite:///{file}"}
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(scheme) and len(url) > len(scheme):
            return {**held, "url": f"postgresql+psycopg://{url.removeprefix(scheme)}"}
    wrong = "nothing would be kept" if url.startswith("sqlite:") else "this is no address of a database known here"
    remedy = 'write "sqlite:///pressrun.db" or "postgresql://user@host/name"'
    faults.append(Fault("database.url", wrong, remedy))
    return {key: value for key, value in held.items() if key != "url"}


def _placed(faults: Iterable[Fault], lines: Mapping[str, int], variables: Mapping[str, str]) -> list[Fault]:
    """The faults with their lines, in the order of the file; what a variable set is named by the variable."""
    placed = []
    for fault in faults:
        if fault.key in variables:
            fault = replace(fault, key=f"the variable {variables[fault.key]}")
        elif fault.line is None:
            fault = replace(fault, line=_line_of(fault.key, lines))
        placed.append(fault)
    return sorted(placed, key=lambda fault: fault.line or 0)


def _line_of(key: str, lines: Mapping[str, int]) -> int | None:
    """The line of a key, else of its first key inside, else of the table around it."""
    inside = [line for other, line in lines.items() if other == key or other.startswith(f"{key}.")]
    if inside:
        return min(inside)
    return _line_of(key.rpartition(".")[0], lines) if "." in key else None
