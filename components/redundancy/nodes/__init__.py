"""One noun, one file: each module makes the containers of one role."""
