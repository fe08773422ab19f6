"""Whether something may be sent now: pure rules, and the rows that they are judged by."""
