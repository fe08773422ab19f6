"""Complaints: recorded by anybody, owned by somebody, closed with the customer's word."""
