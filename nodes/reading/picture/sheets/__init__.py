"""Sheets of pictures, each row of pixels a picture, with their labels beside them."""
