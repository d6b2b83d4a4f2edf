"""Sites and what lies between them."""
