"""Visitors of web pages: nobody knows them by name until they say it."""
