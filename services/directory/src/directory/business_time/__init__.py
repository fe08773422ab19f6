"""Business time: one offset for the whole system, which an administrator of a demo may make larger, never smaller."""
