"""What care has decided to send: mails, calls that agents make, printed cards; and what came of each."""
