"""What is said to customers: templates that care managers write, and how they are filled in."""
