"""Who works here, as far as accounts need to know: an account's owner is active, and a leaver's accounts move on."""
