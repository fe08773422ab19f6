"""From an occasion to its dates: lunar months, solar terms, birthdays, and wall clocks in any zone. Pure functions."""
