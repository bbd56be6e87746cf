"""`python -m geo` is `incident-map`."""

import sys

from geo.cli import main

sys.exit(main())
