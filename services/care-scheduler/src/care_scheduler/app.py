"""The care scheduler: decides whom to care for, when and how."""

from fastapi import FastAPI

from care_scheduler.events import CATALOGUE
from careline.app import Parts, create_service
from careline.settings import ServiceSettings


def create_app(settings: ServiceSettings) -> FastAPI:
    """The application, ready to be served."""
    return create_service(settings, Parts(title="Careline care scheduler", routers=[], catalogue=CATALOGUE))
