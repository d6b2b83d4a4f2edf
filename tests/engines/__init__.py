"""`make test-engine`: everything that depends on the Docker engine, run on one of another release."""
