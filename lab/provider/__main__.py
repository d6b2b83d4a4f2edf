"""Run the provider: `python -m provider ENGINE_ADDRESS`."""

import sys

from provider.server import serve

serve(sys.argv[1:])
