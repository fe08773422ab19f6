"""A small city that plays against the running services: it buys, writes, chats, is impatient, answers and complains.

Everything goes in where real people and programs would: SMTP, the visitors' chat, the partner's API, the desk's own
requests and feed. Nothing is simulated inside a service. What the citizens buy is what the CDNOW sample says.
"""
