"""Careline's directory: who works here, what they may do, and the tokens that say so."""
