"""The customers as planning needs them: birthdays, days and zones, mirrored from the profile. No name, no address."""
