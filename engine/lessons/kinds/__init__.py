"""The checks that a lesson can make, a module for each subject."""
