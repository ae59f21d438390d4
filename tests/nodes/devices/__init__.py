"""Modules that have to run alike on every kind of device."""
