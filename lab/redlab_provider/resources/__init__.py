"""The resource types: create, read, update and delete for each of them."""
