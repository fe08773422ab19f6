"""What is asked: surveys in immutable versions, and the one way through their questions."""
