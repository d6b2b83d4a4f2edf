"""Configuration drift between active-active instances: what differs, and how it is made alike."""
