"""Sets of pictures with labels, boxes or captions in files beside them."""
