"""Pictures with boxes around what is in them, drawn as masks of classes."""
