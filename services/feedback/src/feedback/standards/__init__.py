"""What the company promises, and on which calendar."""
