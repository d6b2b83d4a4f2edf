"""What changes a lab on purpose, and takes the change back."""
