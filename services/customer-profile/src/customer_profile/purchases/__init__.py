"""Purchases, as shops and partners report them."""
