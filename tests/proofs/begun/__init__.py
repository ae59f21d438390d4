"""Projects that begin with weights from elsewhere: those of a package, and those of another project."""
