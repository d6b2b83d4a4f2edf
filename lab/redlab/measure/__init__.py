"""Computing a drill's result from its record: pure functions without Docker, network or clock."""
