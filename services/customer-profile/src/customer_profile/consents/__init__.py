"""Consents: an append-only ledger of what customers allowed and forbade; the last word of each kind counts."""
