"""The feedback service: follow-up surveys, and complaints that nobody can forget."""

from fastapi import FastAPI

from careline.app import Parts, create_service
from careline.settings import ServiceSettings
from feedback.events import CATALOGUE


def create_app(settings: ServiceSettings) -> FastAPI:
    """The application, ready to be served."""
    return create_service(settings, Parts(title="Careline feedback", routers=[], catalogue=CATALOGUE))
