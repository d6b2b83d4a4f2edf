"""A lab as it is now, and a drill as it goes: on a terminal, and as a page on 127.0.0.1."""
