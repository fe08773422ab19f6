"""Where things lie: the checkout and the one folder that `make run` and `make test` write to."""

from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[4]
STATE: Final = CHECKOUT / ".careline"
"""Everything that is not in version control: installed tools, caches, data, logs, secrets."""

JARS: Final = STATE / "jars"
CACHE: Final = STATE / "cache"
TEMPORARY: Final = STATE / "tmp"
TESTS: Final = STATE / "test"
DESK: Final = CHECKOUT / "services" / "agent-desk"
