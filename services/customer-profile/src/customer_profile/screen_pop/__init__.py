"""The screen pop: all that an agent needs in the first second of a contact, in one request."""
