"""The gallery as a whole: what every project must be, and what single ones must come to."""
