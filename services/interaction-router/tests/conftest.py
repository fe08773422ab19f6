"""What the router's tests share."""

import sys
from pathlib import Path

# Helpers beside the tests are imported by name; test folders are no packages.
sys.path.insert(0, str(Path(__file__).parent / "channels" / "mail"))
