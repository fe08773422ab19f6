"""What happens when a deadline comes near, passes, and stays passed."""
