"""`python -m careline_local COMMAND`: everything that runs on one machine."""

import sys

from careline_local.cli import main

sys.exit(main(sys.argv[1:]))
