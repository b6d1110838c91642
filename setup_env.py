"""Makes ``.venv`` in this checkout: ``python3 setup_env.py run`` (what Pressrun needs) or ``dev`` (and its tools).

Needs nothing but Python 3.11 with ``venv``. Versions and hashes come from ``requirements/``; uv does the work,
and plain pip where uv cannot. A second call finds the stamp and returns at once. Progress goes to stderr, one
line a step. Exit 0 done, 2 wrong usage, 3 could not; every failure is one sentence that says what to do.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this file runs before anything has looked at the version)
    sys.exit(
        "Pressrun needs Python 3.11 or newer, and this is {}.{}: install one, then run 'make PYTHON=python3.11 setup'"
        " (or whatever its name is).".format(*sys.version_info[:2])
    )

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".set-up"
LOG = VENV / "setup.log"
REQUIREMENTS = ROOT / "requirements"
SPACE = "about 800 MB"
BASE_PYTHON = os.path.realpath(sys.executable)
LEAST_SPACE = 20_000_000

CURES = (
    (("no space left on device", "disk quota exceeded"), f"The disk is full: set-up needs {SPACE} free in {ROOT}."),
    (
        (
            "temporary failure in name resolution",
            "failed to establish a new connection",
            "name or service not known",
            "nodename nor servname",
            "network is unreachable",
            "connection refused",
            "connecttimeout",
            "connection timed out",
            "dns error",
            "proxyerror",
        ),
        "The package index cannot be reached: check the network (or the proxy), then run the same command again.",
    ),
    (
        ("certificate verify failed", "invalid peer certificate", "unknownissuer"),
        "The package index shows a certificate that this machine does not trust: set PIP_CERT and SSL_CERT_FILE to"
        " your house's certificate file, then run the same command again.",
    ),
    (
        ("do not match the hashes", "hash mismatch"),
        "A downloaded package is not the one that requirements/ names, so nothing of it was kept: try again, and if it"
        " stays so, distrust the index or mirror that this machine uses.",
    ),
    (("permission denied", "read-only file system"), f"{VENV} cannot be written: make the checkout yours, then retry."),
)
"""What an installer's output may hold, and the sentence for it. The first that fits is told."""


class SetupError(Exception):
    """Set-up cannot go on; the text is the sentence for the person."""


class UnexplainedError(SetupError):
    """None of ``CURES`` fits; an environment that was damaged by hand may be the reason."""


def set_up(level: str) -> None:
    """Brings ``.venv`` to ``level`` ("run" or "dev"; dev holds all of run). Raises ``SetupError``."""
    if _is_ready(level):
        return
    with _alone():
        if _is_ready(level):
            return
        began = time.monotonic()
        if os.path.lexists(VENV) and not _is_sound():
            _clear("removing a .venv that is broken, half made or of another Python")
        stood = VENV.exists()
        if not stood:
            _make_venv()
        STAMP.unlink(missing_ok=True)
        LOG.unlink(missing_ok=True)
        try:
            _install(level)
        except UnexplainedError:
            if not stood:
                raise
            _clear("removing the .venv, for it may be damaged, to build it anew")
            _make_venv()
            _install(level)
        STAMP.write_text(_stamp(level), encoding="utf-8")
        _say(f"set up in {time.monotonic() - began:.1f} s\n")


def _stamp(level: str) -> str:
    wanted = hashlib.sha256((REQUIREMENTS / f"{level}.txt").read_bytes()).hexdigest()
    return f"{level} {wanted} {_version()} {VENV}\n"


def _is_ready(level: str) -> bool:
    """Whether the stamp says that this level, or dev above it, stands for these requirements and this Python."""
    try:
        said = STAMP.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return said in {_stamp(level), _stamp("dev")} and _is_sound()


def _version() -> str:
    return ".".join(str(part) for part in sys.version_info[:3])


def _is_sound() -> bool:
    """Whether ``.venv`` runs, is this checkout's, and is of the Python that runs this file."""
    try:
        answer = subprocess.run(
            [PYTHON, "-I", "-c", "import sys, os; print(sys.prefix, '%d.%d.%d' % sys.version_info[:3])"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == f"{VENV} {_version()}"


def _make_venv() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        name = "python{}.{}-venv".format(*sys.version_info[:2])
        raise SetupError(
            f"This Python comes without venv: install it (Debian and Ubuntu: sudo apt install {name}), then run the"
            " same command again."
        )
    with _step(f"making .venv with Python {_version()}"):
        base = getattr(sys, "_base_executable", sys.executable)
        if Path(base).is_relative_to(VENV):  # .venv is active, and was so damaged that it was just removed
            base = BASE_PYTHON
        made = _run([base, "-I", "-m", "venv", str(VENV)])
        if made is not None:
            if os.path.lexists(VENV):
                _remove(VENV)
            raise _error(made, "Python could not make a virtual environment")


def _install(level: str) -> None:
    wanted = str(REQUIREMENTS / f"{level}.txt")
    pip = [str(PYTHON), "-I", "-m", "pip", "install", "--quiet", "--retries", "2", "--require-hashes", "-r"]
    if _run([*pip[:4], "--version"]) is not None:
        with _step("putting pip into .venv"):
            _must(_run([str(PYTHON), "-I", "-m", "ensurepip", "--default-pip"]), "pip could not be put into .venv")

    with _step("fetching uv, the installer") as done:
        failure = _run([*pip, str(REQUIREMENTS / "uv.txt")])
        done(failure is None)
    if failure is not None and _cure(failure):
        raise _error(failure, "uv could not be fetched")
    if failure is None:
        with _step(f"installing requirements/{level}.txt") as done:
            uv = [str(PYTHON), "-I", "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
            failure = _run([*uv, "--compile-bytecode", "--require-hashes", "-r", wanted])
            done(failure is None)
    if failure is not None:
        _say("uv could not do it; pip does the same, more slowly (a minute or two)\n")
        with _step(f"installing requirements/{level}.txt with pip"):
            _must(_run([*pip, wanted]), "pip could not install the requirements")


def _run(command: "list[str]") -> "str | None":
    """Runs ``command``; None when it went well, else all it printed, which is also added to the log."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("PYTHONHOME", None)
    answer = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )
    if answer.returncode == 0:
        return None
    with contextlib.suppress(OSError), LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{answer.stdout}\n")
    return answer.stdout or f"exit {answer.returncode}"


def _must(failure: "str | None", what: str) -> None:
    if failure is not None:
        raise _error(failure, what)


def _cure(output: str) -> "str | None":
    told = output.lower()
    return next((cure for signs, cure in CURES if any(sign in told for sign in signs)), None)


def _error(output: str, what: str) -> SetupError:
    cure = _cure(output)
    if cure is None and shutil.disk_usage(ROOT).free < LEAST_SPACE:  # ensurepip keeps its reason to itself
        cure = CURES[0][1]
    if cure is not None:
        return SetupError(cure)
    last = (output.strip().splitlines() or ["it gave no reason"])[-1].strip().rstrip(".")
    more = f" More is in {LOG}." if LOG.exists() else ""
    return UnexplainedError(f"{what}: {last}.{more} 'make clean' and the same command start afresh.")


def _clear(why: str) -> None:
    with _step(why):
        _remove(VENV)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextlib.contextmanager
def _alone() -> "Iterator[None]":
    """One set-up at a time in this checkout; the lock is on the folder itself and ends with the process."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another set-up is at work in this checkout; waiting for it\n")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


class _Done:
    def __init__(self) -> None:
        self.well = True

    def __call__(self, well: bool) -> None:
        self.well = well


@contextlib.contextmanager
def _step(what: str) -> "Iterator[_Done]":
    """One line of progress: what is being done, and once it is, how long it took."""
    _say(f"{what} ... ")
    began = time.monotonic()
    done = _Done()
    try:
        yield done
    except BaseException:
        _say("stopped\n", bare=True)
        raise
    _say(f"{'' if done.well else 'failed after '}{time.monotonic() - began:.1f} s\n", bare=True)


def _say(text: str, *, bare: bool = False) -> None:
    print(text if bare else f"[set-up] {text}", end="", file=sys.stderr, flush=True)


def main(arguments: "list[str]") -> int:
    """Exit code for ``setup_env.py [run|dev]``; without an argument, ``run``."""
    level = arguments[0] if arguments else "run"
    if len(arguments) > 1 or level not in {"run", "dev"}:
        _say("say 'run' (what Pressrun needs) or 'dev' (and the tools of its tests).\n")
        return 2
    try:
        set_up(level)
    except SetupError as error:
        _say(f"{error}\n")
        return 3
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        _say(f"{CURES[0][1] if full else f'{error}: mend that, then run the same command again.'}\n")
        return 3
    except KeyboardInterrupt:
        _say("stopped; the same command goes on from here.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
