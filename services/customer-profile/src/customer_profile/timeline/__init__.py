"""The timeline: everything that happened with a customer, in order."""
