"""Helps for tests of services: callers with tokens, and an application that runs in the test's own loop."""
