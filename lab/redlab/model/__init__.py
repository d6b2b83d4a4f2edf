"""The lab as its stack describes it, and lengths of time as people write them. Pure."""
