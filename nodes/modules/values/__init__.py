"""Values of their own as modules: tensors that learn, weights that are lent, scheduled numbers, gradients."""
