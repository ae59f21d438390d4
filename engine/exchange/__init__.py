"""Networks in and out: the contract of exporters and importers, and the registry that finds them."""
