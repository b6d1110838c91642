"""Fuzzes one reader in this process, beginning with its good file and every naughty string in its fields."""

from __future__ import annotations

import sys
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "fuzz"


def fuzz(kind: str, seconds: int) -> None:
    """Ends the process: with 0 when time is up, else with another code, and the bytes in ``BUILD``."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed here (it has wheels for Linux only)", file=sys.stderr)
        sys.exit(2)
    with atheris.instrument_imports(include=["scheduler.intake"]):
        from tests.scheduler.intake import test_bad_input as bad

    corpus = BUILD / kind
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "good").write_bytes(bad.good_file(kind))
    for number, text in enumerate(bad.PIECES):
        (corpus / f"naughty-{number}").write_bytes(bad.wrapped(kind, text))
    options = [f"-max_total_time={seconds}", "-timeout=120", "-max_len=8000", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={BUILD / kind}-", "-verbosity=0"]
    reader = bad.READERS[kind]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: bad.check(reader, data))
    atheris.Fuzz()


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]))
