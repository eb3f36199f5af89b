"""One kept message: what stood in it, and why is it no reading?"""

from __future__ import annotations

import msgspec
from dash import dcc

from dashboard import html
from dashboard.components.basics import Part, card, extra, head
from dashboard.components.details import as_said, detail, often
from dashboard.components.devices import device_href, format_name, inbox_href
from dashboard.pages.quarantaene import ATTACHABLE
from dashboard.payload import Raw, raw
from dashboard.permit import may
from dashboard.visit import Visit
from gebaeude.access.roles import Right
from gebaeude.errors import NotFound
from gebaeude.model import Reason
from gebaeude.reports.quality import readable
from gebaeude.store import inbox, summary
from gebaeude.store.database import Connection
from gebaeude.store.summary import Quarantined
from gebaeude.text import N_, REASONS, _, number, when

# What can be done about it, for the reasons where somebody can do something.
REMEDIES: dict[Reason, str] = {
    Reason.UNKNOWN_DEVICE: N_("Das Gerät im Posteingang einem Gebäude zuordnen."),
    Reason.UNKNOWN_FIELD: N_("Im Posteingang sagen, wozu der Wert gehört."),
    Reason.UNDECODED: N_("Im Posteingang die Art des Geräts wählen, die diese Rohdaten liest."),
    Reason.TIME_AHEAD: N_("Die Uhr des Geräts stellen, dann noch einmal einlesen."),
    Reason.TIME_IMPLAUSIBLE: N_("Die Uhr des Geräts stellen."),
    Reason.TIME_NAIVE: N_("Das Gerät so einstellen, dass es Zeiten mit Zeitzone sendet."),
    Reason.UNIT_MISMATCH: N_("Prüfen, ob der Wert zum richtigen Messpunkt gehört."),
    Reason.IMPLAUSIBLE_VALUE: N_("Fühler oder Zähler prüfen; vielleicht stimmt die Einheit nicht."),
    Reason.RETAINED: N_("Nichts. Eine so alte Nachricht hat keine ehrliche Zeit."),
}
# Where reading it once more may help, once that is done.
MENDABLE = REMEDIES.keys() - {Reason.RETAINED}
OTHERWISE = N_("Das Gerät oder das Gateway prüfen, das sie geschickt hat.")


class Report(msgspec.Struct, frozen=True):
    """A message, and what its device is called where it is attached."""

    message: Quarantined
    name: str | None


def read(connection: Connection, visit: Visit) -> Report:
    """The message with its payload; NotFound."""
    number = visit.keys[0]
    if not number.isdecimal() or len(number) > 18:
        raise NotFound(_("Diese Nachricht steht nicht in der Quarantäne."))
    found = summary.quarantined(connection, int(number))
    lines = []
    if found.format and found.device:
        lines = inbox.devices(connection, of=(found.format, found.device))
    return Report(found, lines[0].name if lines else None)


def title(report: Report) -> str:
    """What the window is called."""
    return _(REASONS[report.message.reason])


def show(report: Report, visit: Visit) -> list[Part]:
    """Why, what to do; the message itself."""
    above = html.Div(html.A(_("← Quarantäne"), href="/quarantaene"), className="crumbs")
    question = _("Was stand in dieser Nachricht, und warum ist sie kein Messwert?")
    return [
        head(title(report), question, visit.now, above),
        html.Div(
            [
                html.Div([_todo(report), _facts(report, visit)]),
                html.Div([_content(raw(report.message.payload or b""))]),
            ],
            className="job narrow-first",
        ),
    ]


def _todo(report: Report) -> Part:
    of = report.message
    parts: list[Part] = [html.P(_(REMEDIES.get(of.reason, OTHERWISE)))]
    if not may(Right.MANAGE_DEVICES):
        return card(_("Was tun?"), parts)
    again, buttons = "button main-action" if of.reason in MENDABLE else "button", []
    if of.device and of.format and of.reason in (*ATTACHABLE, Reason.UNDECODED):
        href = inbox_href(of.format, of.device)
        buttons.append(html.A(_("Im Posteingang öffnen"), href=href, className=again))
        again = "button"
    buttons.append(_replay("message", _("Noch einmal einlesen"), again))
    if of.device and of.format:
        buttons.append(_replay("device", _("Alles von diesem Gerät"), "button"))
    buttons.append(_replay("reason", _("Alles mit diesem Grund"), "button"))
    hint = _("Ist die Ursache behoben, wird daraus ein Messwert mit der ursprünglichen Zeit.")
    parts += [
        html.Div(buttons, className="actions"),
        html.P(hint, className="quiet small") if of.reason in MENDABLE else None,
        html.P(id="liest", role="status", className="quiet"),
        html.Div(id="ergebnis", **extra({"aria-live": "polite"})),
    ]
    return card(_("Was tun?"), parts)


def _replay(what: str, text: str, class_name: str) -> Part:
    return html.Button(text, id={"replay-one": what}, className=class_name, type="button")


def _facts(report: Report, visit: Visit) -> Part:
    of = report.message
    rows: list[Part] = []
    if told := detail(of, visit.now):
        rows += [html.Dt(_("Genauer")), html.Dd(told, className="breaks")]
    elif (said := as_said(of)) and said != of.device:
        # The words of a parser; whoever mends the decoder needs them as they are.
        rows += [html.Dt(_("Meldung")), html.Dd(html.Code(said, lang="en"), className="breaks")]
    if of.format:
        rows += [html.Dt(_("Art")), html.Dd(format_name(of.format))]
    if of.device:
        known = html.A(report.name, href=device_href(of.format or "", of.device))
        shown = known if report.name else html.Code(readable(of.device.encode()))
        rows += [html.Dt(_("Gerät")), html.Dd(shown)]
    rows += [
        html.Dt(_("Gesendet an")),
        html.Dd(html.Code(readable(of.topic)[:1000]), className="breaks"),
        html.Dt(_("Zuerst")),
        html.Dd(when(of.first_at, visit.now)),
        html.Dt(_("Zuletzt")),
        html.Dd(when(of.last_at, visit.now)),
        html.Dt(_("Gekommen")),
        html.Dd(often(of.times)),
        html.Dt(_("Größe")),
        html.Dd(number(float(of.size), "Byte", 0)),
    ]
    return card(_("Die Nachricht"), html.Dl(rows, className="where"))


def _content(of: Raw) -> Part:
    save = html.Button(
        _("Herunterladen"), id={"payload": "save"}, className="button plain", type="button"
    )
    parts: list[Part] = []
    if not of.size:
        parts.append(html.P(_("Die Nachricht ist leer."), className="quiet"))
    if of.is_cut:
        text = _("Gezeigt ist nur der Anfang; heruntergeladen wird alles.")
        parts.append(html.P(text, className="quiet"))
    views = [
        (_("Nach Aufbau"), of.laid_out),
        (_("Wie gesendet"), of.text),
        (_("Byte für Byte"), of.hexdump),
    ]
    shown = [(name, text) for name, text in views if text]
    for i, (name, text) in enumerate(shown):
        parts.append(html.Details([html.Summary(name), _pre(name, text)], open=i == 0))
    return card(_("Inhalt"), [*parts, dcc.Download(id="payload-file")], save)


def _pre(name: str, text: str) -> Part:
    """Scrolls by itself, and can be reached by keyboard for that."""
    spoken = extra({"aria-label": name})
    return html.Pre(text, className="raw", tabIndex="0", role="region", **spoken)
