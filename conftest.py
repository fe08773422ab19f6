"""Loads the plugins of the workspace; see careline_local.testing for their fixtures."""

pytest_plugins = [
    "careline_local.testing.network",
    "careline_local.testing.routes",
    "careline_local.testing.fixtures",
    "careline_local.testing.browser",
]
