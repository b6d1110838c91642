"""What a newcomer gets: requirements that install as written, a wheel that is whole, a command that starts anywhere."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from desk import __version__
from desk.cli.default_settings import default_settings
from desk.cli.rooms import ROOMS, ROOT

REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.\-\[\],]*)==(?P<version>\S+)", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    return {pin["name"]: pin["version"] for pin in PIN.finditer((REQUIREMENTS / name).read_text(encoding="utf-8"))}


def _wanted_lines(name: str) -> list[str]:
    return (REQUIREMENTS / name).read_text(encoding="utf-8").split()


def test_the_wheel_asks_for_what_the_requirements_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == _wanted_lines("run.in")


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "uv.txt"])
def test_requirements_name_no_address_and_every_pin_has_hashes(name: str) -> None:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_developers_run_the_very_versions_that_newsrooms_run() -> None:
    run, dev = _pins("run.txt"), _pins("dev.txt")
    assert len(run) > 30
    assert {name: dev.get(name) for name in run} == run


def test_no_installed_package_owns_the_name_of_a_room() -> None:
    owners = importlib.metadata.packages_distributions()
    assert {room: owners[room] for room in ROOMS if set(owners.get(room, [])) - {"pressrun"}} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("pressrun-*.whl")
    return built


def test_the_wheel_holds_every_file_of_every_room(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        shipped = archive.read("desk/default_settings.toml").decode("utf-8")
    ours = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert sorted(ours - packed) == []
    assert {f"{room}/py.typed" for room in ROOMS} <= packed
    assert shipped == default_settings()


def test_the_wheel_brings_nothing_that_is_not_a_room(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert tops == {*ROOMS, f"pressrun-{__version__}.dist-info"}


def test_an_installed_wheel_starts_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    # What the wheel depends on is borrowed from the environment of these tests: no index is asked.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _install(wheel, python)

    told = subprocess.run([home / "bin" / "pressrun", "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, f"pressrun {__version__}\n", "")

    asked = "from desk.cli.default_settings import default_settings as d; import desk; print(desk.__file__); print(d())"
    read = subprocess.run([python, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert read.splitlines()[0].startswith(str(home))
    assert read.split("\n", 1)[1].rstrip("\n") == default_settings().rstrip("\n")


def _install(wheel: Path, python: Path) -> None:
    what = ["--quiet", "--no-index", "--no-deps", str(wheel)]
    uv = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--python", str(python), *what]
    if subprocess.run(uv, capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "ensurepip"], check=True, capture_output=True)
        subprocess.run([python, "-m", "pip", "install", *what], check=True, capture_output=True)


def _pressrun(script: Path, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=30,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A stand-in for a checkout: the script and the rooms, with the environment of these tests as its .venv."""
    here = tmp_path / "a checkout"
    here.mkdir()
    (here / "pressrun").write_bytes((ROOT / "pressrun").read_bytes())
    (here / "pressrun").chmod(0o755)
    for room in ROOMS:
        (here / room).symlink_to(ROOT / room)
    return here


def _give_environment(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    starter = checkout / ".venv" / "bin" / "python"
    starter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    starter.chmod(0o755)


def test_pressrun_starts_from_any_folder_and_through_a_link_to_a_link(checkout: Path, tmp_path: Path) -> None:
    _give_environment(checkout)
    (tmp_path / "first").symlink_to("a checkout/pressrun")
    (tmp_path / "second").symlink_to(tmp_path / "first")
    (tmp_path / "elsewhere").mkdir()
    told = _pressrun(tmp_path / "second", "--version", cwd=tmp_path / "elsewhere")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"pressrun {__version__}\n", "")


def test_a_folder_with_our_rooms_names_in_it_does_not_confuse_pressrun(checkout: Path, tmp_path: Path) -> None:
    _give_environment(checkout)
    for name in ("db", "channels", "typer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n", encoding="utf-8")
    told = _pressrun(checkout / "pressrun", "--version", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, f"pressrun {__version__}\n")


def test_without_an_environment_pressrun_says_how_to_make_one(checkout: Path, tmp_path: Path) -> None:
    told = _pressrun(checkout / "pressrun", "--help", cwd=tmp_path)
    assert told.returncode == 3
    assert told.stdout == ""
    assert f"run 'make -C {checkout} setup'" in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_stranger_with_a_rooms_name_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "__init__.py").write_text("", encoding="utf-8")
    start = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; from desk.cli.main import main; "
    told = subprocess.run(
        [sys.executable, "-P", "-c", start + "sys.exit(main(['--version']))"], capture_output=True, text=True
    )
    assert told.returncode == 3
    assert told.stderr.startswith(f"Another package named 'channels' in {tmp_path / 'channels'} hides Pressrun's own")
    assert told.stderr.count("\n") == 1
