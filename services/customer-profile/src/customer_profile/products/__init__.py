"""Products that customers own and that we service."""
