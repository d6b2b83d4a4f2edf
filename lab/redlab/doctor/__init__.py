"""One look at the machine: facts are read in `reading`, and judged apart from that, so that each verdict is tested."""
