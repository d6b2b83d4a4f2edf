"""What a drill measured, from its raw records: pure functions, no Docker, no network, no clock of their own."""
