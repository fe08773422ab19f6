"""A service that counts: one row for each event that it is told of, with nothing that would hide a second one.

The projections of real services find out for themselves that an event came again, so they would not show that the
inbox is off. This one stands for every consumer whose effect is not idempotent: a counter, a mail, a payment.
"""
