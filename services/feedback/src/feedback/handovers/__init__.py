"""Handing a complaint to another department: offered, then accepted or bounced; the giver answers for it until then."""
