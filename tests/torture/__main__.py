"""``python -m tests.torture``: the long form, see ``tests.torture.long``."""

from __future__ import annotations

import sys

from tests.torture.long import main

if __name__ == "__main__":
    sys.exit(main())
