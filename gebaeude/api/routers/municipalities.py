"""Municipalities: who owns the buildings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from gebaeude.api.parameters import Connected
from gebaeude.api.schemas import Municipality
from gebaeude.store import summary

router = APIRouter(prefix="/municipalities", tags=["Buildings"])


@router.get("", response_model=list[Municipality], summary="All municipalities")
def municipalities(connection: Connected) -> Any:
    """Municipalities by name, with how many buildings and how much floor area they have here."""
    return summary.municipalities(connection)
