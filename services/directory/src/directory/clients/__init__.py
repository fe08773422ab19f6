"""Programs of partners."""
