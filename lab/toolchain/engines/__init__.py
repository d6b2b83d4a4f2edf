"""Docker engines of other releases, each beside the machine's own: got, started, entered, ended."""
