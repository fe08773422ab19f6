"""Business calendars: opening hours with holidays and make-up days, in versions that never change."""
