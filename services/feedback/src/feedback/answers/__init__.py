"""What customers say, by link, by mail or on the phone: once for each invitation."""
