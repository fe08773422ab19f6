"""What the answers amount to: each figure with its definition and its interval."""
