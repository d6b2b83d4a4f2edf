"""Docker engines of other releases beside the machine's own: install, start, enter and end them."""
