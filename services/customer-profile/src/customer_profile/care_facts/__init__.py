"""Care facts: all that the care scheduler needs to know of a customer before it plans, judges or renders anything."""
