"""A device moves: from when on do its values belong where?"""

from __future__ import annotations

import msgspec

from dashboard import html
from dashboard.claim.form import Form, of_device
from dashboard.claim.layout import claim_form
from dashboard.components.basics import Part, head
from dashboard.components.devices import device_href
from dashboard.visit import Visit
from gebaeude.store.database import Connection
from gebaeude.store.inbox import DeviceLine
from gebaeude.text import _
from ingest import desk


class Report(msgspec.Struct, frozen=True):
    """The device, and the form."""

    line: DeviceLine
    form: Form


def read(connection: Connection, visit: Visit) -> Report:
    """The device with what it feeds; NotFound."""
    line = desk.device(connection, *visit.keys).line
    return Report(line, of_device(connection, line, visit))


def title(report: Report) -> str:
    """What the window is called."""
    return _("{name} umziehen").format(name=report.line.name)


def show(report: Report, visit: Visit) -> list[Part]:
    """The form, with what stays as it is."""
    line = report.line
    back = html.A(f"← {line.name}", href=device_href(line.format, line.device))
    question = _("Ab wann gehören seine Werte wohin?")
    text = _(
        "Bis zum Umzug bleibt alles, wie es ist. Messwerte, die danach schon gekommen sind, "
        "ziehen mit um."
    )
    return [
        head(title(report), question, visit.now, html.Div(back, className="crumbs")),
        html.Div(
            [
                html.P(text, className="task"),
                claim_form(report.form, visit),
                html.Div(id="uebernahme", role="alert"),
            ],
            id="claim-form",
            className="bones",
        ),
    ]
