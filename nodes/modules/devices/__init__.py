"""What modules share so that they run alike on every kind of device."""
