"""What layers that read sequences compute inside, worked out again from what enters them."""
