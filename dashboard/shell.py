"""What stands around every page: navigation, freshness, the colour switch, the browser's memory."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc

from dashboard import html
from dashboard.components.basics import Part, extra, icon
from dashboard.permit import may
from dashboard.theme import FONT
from gebaeude.access import table
from gebaeude.access.roles import Right
from gebaeude.reports.devices import MOST_WAITING
from gebaeude.store.scope import who
from gebaeude.text import N_, ROLES, _, language

FRESH_EVERY_S = 30
# path, name, drawing
NAVIGATION: tuple[tuple[str, str, str], ...] = (
    ("/", N_("Übersicht"), "overview"),
    ("/gebaeude", N_("Gebäude"), "building"),
    ("/datenqualitaet", N_("Datenqualität"), "quality"),
    ("/auftraege", N_("Aufträge"), "tickets"),
    ("/geraete", N_("Geräte"), "device"),
    ("/posteingang", N_("Posteingang"), "inbox"),
    ("/protokoll", N_("Protokoll"), "audit"),
)
# Pages that belong to another one's place in the navigation.
_BELONGS = {"/quarantaene": "/datenqualitaet"}
# Where the number of waiting devices stands; on a phone the inbox is reached by way of the devices.
_BADGES = ("/geraete", "/posteingang")
_MANTINE = {
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT},
    "primaryColor": "gray",
    "primaryShade": {"light": 9, "dark": 2},
    "defaultRadius": "0.625rem",
    "cursorType": "pointer",
    "autoContrast": True,
}


def shell() -> dmc.MantineProvider:
    """The frame; pages come into `page`."""
    return dmc.MantineProvider(
        dmc.DatesProvider(
            [
                dcc.Location(id="url", refresh=False),
                dcc.Store(id="view"),
                dcc.Store(id="title"),
                dcc.Store(id="version", data=0),
                dcc.Store(id="done"),
                dcc.Interval(id="clock", interval=FRESH_EVERY_S * 1000),
                html.Div(id="unseen", hidden=True),
                html.Div(id="said", role="status"),
                html.Div(id="announced", role="status", className="unseen"),
                html.Div([_navigation(), _main()], className="shell"),
            ],
            settings={"locale": language(), "firstDayOfWeek": 1, "weekendDays": [0, 6]},
        ),
        theme=_MANTINE,
        defaultColorScheme="auto",
    )


def _navigation() -> html.Header:
    return html.Header(
        [
            html.A(
                [html.Img(src="/assets/favicon.svg", alt=""), html.Span(_("Gebäudemanagement"))],
                href="/",
                className="brand",
                **extra({"aria-label": _("Gebäudemanagement, zur Übersicht")}),
            ),
            html.Nav(
                id="navigation",
                className="nav-links",
                **extra({"aria-label": _("Seiten")}),
            ),
            html.Div(
                [
                    html.Div(id="freshness", **extra({"aria-live": "off"})),
                    html.A(
                        [
                            icon("person"),
                            html.Span(_("Mein Konto"), className="unseen"),
                            _whoever(),
                        ],
                        href="/konto",
                        # Not one of the dashboard's own pages.
                        target="_self",
                        className="account",
                    ),
                    dmc.ColorSchemeToggle(
                        id="scheme",
                        className="scheme",
                        lightIcon=icon("moon"),
                        darkIcon=icon("sun"),
                        variant="transparent",
                        size=44,
                        **extra({"aria-label": _("Hell oder dunkel")}),
                    ),
                ],
                className="nav-foot",
            ),
        ],
        className="nav",
    )


def _whoever() -> Part:
    """Who is signed in, and as what: people share computers."""
    person = who()
    roles = dict.fromkeys(_(ROLES[one.role]) for one in person.memberships)
    told = [one for one in roles if one != person.name]  # a guest is called "Gast"
    return html.Span(
        [html.Strong(person.name), html.Span(", ".join(told))], className="account-name"
    )


def _main() -> html.Div:
    offline = html.Div(
        [
            icon("refresh"),
            html.Span(
                _(
                    "Der Server antwortet nicht. Was hier steht, bleibt stehen, und Messwerte "
                    "werden weiter gesammelt. Bitte die Verbindung prüfen und dann aktualisieren."
                )
            ),
        ],
        className="offline-note",
        role="alert",
    )
    signed_out = html.Div(
        [
            icon("person"),
            html.Span(
                [
                    _("Sie sind nicht mehr angemeldet. Was hier steht, bleibt stehen. "),
                    html.A(_("Neu anmelden"), href="/anmelden", target="_self"),
                ]
            ),
        ],
        className="signed-out-note",
        role="alert",
    )
    unwell = html.Div(
        [
            icon("refresh"),
            html.Span(
                _(
                    "Das Gebäudemanagement kann diese Seite gerade nicht zeigen; darunter steht "
                    "noch die vorige. Messwerte werden weiter gesammelt. Bitte gleich noch einmal "
                    "versuchen."
                )
            ),
            html.Button(
                _("Noch einmal versuchen"),
                id={"refresh": "unwell"},
                className="button",
                type="button",
            ),
        ],
        className="unwell-note",
        role="alert",
    )
    inside = html.Main([offline, signed_out, unwell, html.Div(bones(), id="page")])
    return html.Div([inside, _colophon()], className="main")


def _colophon() -> html.Footer:
    statement = html.A(
        _("Erklärung zur Barrierefreiheit"), href="/barrierefreiheit", target="_self"
    )
    privacy = html.A(_("Datenschutz"), href="/datenschutz", target="_self")
    # A phone's navigation has no room for it.
    audit = html.A(_("Protokoll"), href="/protokoll") if may(Right.SEE_AUDIT) else None
    return html.Footer([statement, privacy, audit], className="colophon")


def links(path: str, waiting: int = 0) -> list[html.A]:
    """The pages one may see, with the one that is shown marked; waiting: devices in the inbox."""
    person = who()
    return [
        html.A(
            [
                icon(drawing),
                html.Span(_(name)),
                html.Span(badge(waiting), id={"badge": href}, className="badge-place")
                if href in _BADGES
                else None,
            ],
            href=href,
            className=f"nav-link nav-{drawing}",
            **extra({"aria-current": "page"} if _inside(path, href) else {}),
        )
        for href, name, drawing in NAVIGATION
        if table.may(person, table.PAGES[href])
    ]


def badge(waiting: int) -> html.Span | None:
    """How many devices wait, for eyes and ears."""
    if not waiting:
        return None
    count = f"{waiting}+" if waiting >= MOST_WAITING else str(waiting)
    told = _("ein Gerät wartet") if waiting == 1 else _("{n} Geräte warten").format(n=count)
    return html.Span(
        [
            html.Span(count, **extra({"aria-hidden": "true"})),
            html.Span(f" ({told})", className="unseen"),
        ],
        className="badge",
        title=told,
    )


def _inside(path: str, href: str) -> bool:
    start = "/" + path.split("/")[1] if path.startswith("/") else path
    return _BELONGS.get(start, start) == href


def bones() -> html.Div:
    """The page's outline while the first answer is on its way."""
    row = html.Div(
        [html.Div(className="bone", style={"height": "6rem"}) for _n in range(4)], className="row"
    )
    return html.Div(
        [
            html.Div(className="bone", style={"height": "3.5rem", "maxWidth": "28rem"}),
            html.Div(className="bone", style={"height": "6.5rem"}),
            row,
            html.Div(className="bone", style={"height": "20rem"}),
        ],
        className="bones",
        role="status",
        **extra({"aria-label": _("Wird geladen")}),
    )
