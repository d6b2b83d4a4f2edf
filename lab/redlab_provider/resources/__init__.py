"""The resource types: what create, read, update and delete do for each."""
