"""The API as one application: its resources, its errors, its description."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from gebaeude.access import table
from gebaeude.api import openapi, problems
from gebaeude.api.observe import Observe
from gebaeude.api.permit import names, permit
from gebaeude.api.routers import (
    buildings,
    devices,
    findings,
    health,
    metrics,
    municipalities,
    points,
    quarantine,
    readings,
    tickets,
)
from gebaeude.config import Settings
from gebaeude.store.database import Pool

PREFIX = "/api/v1"

# Resource → the problems its operations can answer with.
ROUTERS: tuple[tuple[APIRouter, tuple[int, ...]], ...] = (
    (municipalities.router, (503,)),
    (buildings.router, (404, 422, 503)),
    (points.router, (404, 422, 503)),
    (readings.router, (400, 404, 422, 503)),
    (devices.router, (404, 422, 503)),
    (devices.inbox, (404, 422, 503)),
    (quarantine.router, (404, 422, 503)),
    (findings.router, (422, 503)),
    (tickets.router, (404, 422, 503)),
    (health.router, (503,)),
    (metrics.router, ()),
)


def create_api(pool: Pool, settings: Settings) -> FastAPI:
    """The API over this database, to be mounted at PREFIX.

    No documentation pages: those of FastAPI load scripts from other hosts.
    """
    app = FastAPI(
        title="Gebäude",
        version=version("gebaeude"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.pool = pool
    app.state.settings = settings
    for router, statuses in ROUTERS:
        table.check("API", [*names(router)], table.API)
        app.include_router(
            router, responses=openapi.problems(*statuses), dependencies=[Depends(permit)]
        )
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Observe)
    return app
