"""Pictures with sentences that say what is in them."""
