"""Configuration drift between active-active instances: finding the differences, and removing them."""
