"""Set-up on a new machine: what it brings, when it does nothing, and the one sentence when it cannot.

An index of two small wheels in a folder stands for the real one: nothing is fetched.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import setup_env
from desk.cli.rooms import ROOT

SCRIPT = ROOT / "setup_env.py"
UV_THAT_WORKS = """
import os, subprocess, sys
words = sys.argv[1:]
assert words[:2] == ["pip", "install"], words
rest = [word for word in words[2:] if word not in ("--compile-bytecode",)]
at = rest.index("--python")
python = rest[at + 1]
del rest[at : at + 2]
with open(os.environ["UV_WAS_HERE"], "a") as told:
    told.write("uv\\n")
sys.exit(subprocess.call([python, "-I", "-m", "pip", "install", *rest]))
"""
UV_THAT_FAILS = "raise SystemExit('error: this mirror is known to pip alone')\n"


def _wheel(folder: Path, name: str, files: dict[str, str]) -> str:
    """Writes ``name`` 1.0 as a wheel; returns the requirement line that pins it."""
    info = f"{name}-1.0.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    place = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(place, "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)
        record = "".join(f"{path},,\n" for path in [*contents, f"{info}/RECORD"])
        archive.writestr(f"{info}/RECORD", record)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}\n"


class Checkout:
    """A small checkout, its index, and what set-up said the last time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = root / "index"
        self.index.mkdir()
        self.uv_was_here = root / "uv-was-here"
        (root / "requirements").mkdir()
        (root / "setup_env.py").write_bytes(SCRIPT.read_bytes())
        self.offer_uv(UV_THAT_WORKS)
        self.small = _wheel(self.index, "small", {"small.py": "word = 'here'\n"})
        self.require("run", self.small)
        self.require("dev", self.small)

    def offer_uv(self, main: str) -> None:
        line = _wheel(self.index, "uv", {"uv/__init__.py": "", "uv/__main__.py": main})
        self.require("uv", line)

    def require(self, level: str, lines: str) -> None:
        (self.root / "requirements" / f"{level}.txt").write_text(lines, encoding="utf-8")

    def set_up(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "UV_WAS_HERE": str(self.uv_was_here)}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        return subprocess.run(
            [sys.executable, self.root / "setup_env.py", *words],
            capture_output=True,
            text=True,
            env={**clean, "PIP_CONFIG_FILE": os.devnull, **offline, **more},
            timeout=120,
        )

    def has_small(self) -> bool:
        python = self.root / ".venv" / "bin" / "python"
        return subprocess.run([python, "-c", "import small"], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with a broken .venv, in which set-up then went well. Tests put back what they change."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout"))
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    told = checkout.set_up("run")
    assert (told.returncode, told.stdout) == (0, ""), told.stderr
    assert "[set-up] removing a .venv that is broken, half made or of another Python ... " in told.stderr
    assert "[set-up] making .venv with Python" in told.stderr
    assert "[set-up] installing requirements/run.txt ... " in told.stderr
    return checkout


def test_the_first_call_brings_what_the_requirements_name_by_way_of_uv(ready: Checkout) -> None:
    assert ready.has_small()
    assert ready.uv_was_here.read_text(encoding="utf-8") == "uv\n"


def test_a_second_call_does_and_says_nothing(ready: Checkout) -> None:
    told = ready.set_up("run")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_tools_come_on_top_and_then_both_levels_are_ready(ready: Checkout) -> None:
    assert "requirements/dev.txt" in ready.set_up("dev").stderr
    assert ready.set_up("run").stderr == ""
    assert ready.set_up("dev").stderr == ""


def test_changed_requirements_are_installed_without_building_anew(ready: Checkout) -> None:
    ready.require("run", ready.small + "# changed\n")
    ready.require("dev", ready.small + "# changed\n")
    told = ready.set_up("run")
    assert told.returncode == 0
    assert "making .venv" not in told.stderr
    assert "installing requirements/run.txt" in told.stderr


def _falls_back_to_pip(checkout: Checkout) -> None:
    (checkout.root / ".venv" / ".set-up").unlink()
    told = checkout.set_up("run")
    assert told.returncode == 0, told.stderr
    assert "uv could not do it; pip does the same, more slowly" in told.stderr
    assert "installing requirements/run.txt with pip ... " in told.stderr


def test_where_there_is_no_uv_pip_does_it_and_set_up_says_so(ready: Checkout) -> None:
    before = (ready.root / "requirements" / "uv.txt").read_text(encoding="utf-8")
    ready.require("uv", before.replace("uv==", "no-such-uv=="))
    _falls_back_to_pip(ready)
    ready.require("uv", before)


def test_where_uv_fails_pip_does_it_and_set_up_says_so(ready: Checkout) -> None:
    (main,) = (ready.root / ".venv" / "lib").glob("python*/site-packages/uv/__main__.py")
    main.write_text(UV_THAT_FAILS, encoding="utf-8")
    _falls_back_to_pip(ready)
    main.write_text(UV_THAT_WORKS, encoding="utf-8")


def test_damage_that_looks_sound_is_found_while_installing_and_built_anew(ready: Checkout) -> None:
    (ready.root / ".venv" / ".set-up").unlink()
    for part in (ready.root / ".venv" / "lib").glob("python*/site-packages/pip"):
        shutil.rmtree(part)
    told = ready.set_up("run")
    assert told.returncode == 0, told.stderr
    assert "removing the .venv, for it may be damaged, to build it anew" in told.stderr
    assert ready.has_small()


def _refused(checkout: Checkout, **more: str) -> str:
    """The last line of a set-up that must fail on ``checkout``, which is whole apart from its stamp."""
    (checkout.root / ".venv" / ".set-up").unlink(missing_ok=True)
    told = checkout.set_up("run", **more)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert not (checkout.root / ".venv" / ".set-up").exists()
    return told.stderr.splitlines()[-1]


def test_a_package_that_is_not_the_pinned_one_is_refused(ready: Checkout) -> None:
    before = (ready.root / "requirements" / "run.txt").read_text(encoding="utf-8")
    subprocess.run(
        [ready.root / ".venv" / "bin" / "python", "-m", "pip", "uninstall", "--quiet", "-y", "small"], check=True
    )
    ready.require("run", f"small==1.0 --hash=sha256:{'0' * 64}\n")
    last = _refused(ready)
    ready.require("run", before)
    assert "is not the one that requirements/ names" in last


def test_without_a_network_the_sentence_says_so(ready: Checkout) -> None:
    before = (ready.root / "requirements" / "uv.txt").read_text(encoding="utf-8")
    ready.require("uv", before.replace("uv==", "another-uv=="))
    last = _refused(
        ready, PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0"
    )
    ready.require("uv", before)
    assert last == (
        "[set-up] The package index cannot be reached: check the network (or the proxy), then run the same command"
        " again."
    )


def test_a_full_disk_is_told_as_such() -> None:
    told = setup_env._error("ERROR: Could not install: [Errno 28] No space left on device: '/x'", "pip failed")
    assert str(told).startswith("The disk is full: set-up needs about")


def test_an_unknown_failure_is_told_in_its_own_words() -> None:
    told = setup_env._error("line one\nerror: the moon is in the way\n", "pip could not install the requirements")
    assert str(told).startswith("pip could not install the requirements: error: the moon is in the way.")


def test_a_python_without_venv_is_told_with_debians_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Callable[..., object] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    wanted = f"sudo apt install python3.{sys.version_info.minor}-venv"
    with pytest.raises(setup_env.SetupError, match=wanted):
        setup_env._make_venv()


def test_wrong_words_are_exit_2(ready: Checkout) -> None:
    told = ready.set_up("everything")
    assert (told.returncode, told.stderr) == (
        2,
        "[set-up] say 'run' (what Pressrun needs) or 'dev' (and the tools of its tests).\n",
    )


def test_too_old_a_python_reads_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"Pressrun needs Python 3\.11 or newer, and this is 3\.9: install one"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))
