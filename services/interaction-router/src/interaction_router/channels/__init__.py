"""The ways in and out: each turns what it carries into interactions and messages."""
