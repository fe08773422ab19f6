"""Care items: judged when due, and what became of them."""
