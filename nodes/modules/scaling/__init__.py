"""Modules that bring values or weights to a scale: of a progressive GAN and of deep residual networks."""
