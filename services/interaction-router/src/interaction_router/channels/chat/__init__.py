"""Web chat: a visitor of a page talks with an agent, over a line that may break at any time."""
