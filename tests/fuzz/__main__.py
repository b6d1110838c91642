"""``make fuzz``: hands the readers of sources damaged files, led by which lines each one reached, until time is up.

Coverage-led (atheris); what hypothesis draws blindly in the tests is searched for here. The first story that is not
clean, the first exception that is no sentence and the first input that takes over two seconds end it, and the bytes
are written to ``build/fuzz/``, to be kept as a test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.fuzz.one_reader import BUILD
from tests.scheduler.intake.test_bad_input import READERS


def main() -> int:
    """Fuzzes each reader in its turn, in a process of its own; 1 when one of them fell."""
    words = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    words.add_argument("readers", nargs="*", help="only these readers")
    words.add_argument("--seconds", type=int, default=60, help="how long each is fuzzed (60)")
    asked = words.parse_args()
    unknown = set(asked.readers) - set(READERS)
    if unknown:
        words.error(f"there is no reader {', '.join(sorted(unknown))}; there are: {', '.join(READERS)}")
    fell = []
    for kind in asked.readers or READERS:
        print(f"== {kind}, {asked.seconds} s", flush=True)
        command = [sys.executable, "-m", "tests.fuzz.one_reader", kind, str(asked.seconds)]
        if subprocess.run(command, check=False).returncode:
            fell.append(kind)
    print(f"fell: {', '.join(fell)}; the bytes are in {BUILD}" if fell else "none fell")
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
