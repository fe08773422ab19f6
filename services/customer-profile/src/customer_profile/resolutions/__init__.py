"""Resolution: who is behind the identifiers of a contact? Unknown ones become a lead, once."""
