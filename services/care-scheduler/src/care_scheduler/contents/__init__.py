"""What the router sends: rendered once, judged once more when it is fetched."""
