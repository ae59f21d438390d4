"""Which samples train and validate, and what is fitted to them."""
