// German for charts and calendars, and how the British write days. The charts' German dictionary is
// plotly.js-locales 3.7 `de`, Copyright (c) 2016-2024 Plotly Technologies Inc., MIT License,
// shortened to what can be seen.
window.PlotlyLocales = window.PlotlyLocales || [];
window.PlotlyLocales.push({
  moduleType: "locale",
  name: "de",
  dictionary: {
    Autoscale: "Automatische Skalierung",
    "Double-click on legend to isolate one trace": "Daten isolieren: doppelt auf die Legende klicken",
    "Double-click to zoom back out": "Doppelklick zeigt wieder alles",
    "Download plot as a PNG": "Bild speichern",
    Pan: "Verschieben",
    Reset: "Zurücksetzen",
    "Reset axes": "Achsen zurücksetzen",
    "Taking snapshot - this may take a few seconds": "Bild wird erstellt …",
    "Snapshot succeeded": "Bild gespeichert",
    "Sorry, there was a problem downloading your snapshot!": "Das Bild ließ sich nicht speichern.",
    Zoom: "Ausschnitt",
    "Zoom in": "Näher",
    "Zoom out": "Weiter",
  },
  format: {
    days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
    shortDays: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
    months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
      "Oktober", "November", "Dezember"],
    shortMonths: ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    date: "%d.%m.%Y",
    decimal: ",",
    thousands: ".",
    year: "%Y",
    month: "%b %Y",
    dayMonth: "%-d. %b",
    dayMonthYear: "%-d. %b %Y",
  },
});

window.PlotlyLocales.push({
  moduleType: "locale",
  name: "en-GB",
  dictionary: {},
  format: {
    date: "%d/%m/%Y",
    decimal: ".",
    thousands: ",",
    year: "%Y",
    month: "%b %Y",
    dayMonth: "%-d %b",
    dayMonthYear: "%-d %b %Y",
  },
});

window.dayjs_locale_de = {
  name: "de",
  weekdays: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
  weekdaysShort: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
  weekdaysMin: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
  months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
    "Oktober", "November", "Dezember"],
  monthsShort: ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.",
    "Nov.", "Dez."],
  weekStart: 1,
  yearStart: 4,
  ordinal: (n) => n + ".",
  formats: { LT: "HH:mm", LTS: "HH:mm:ss", L: "DD.MM.YYYY", LL: "D. MMMM YYYY",
    LLL: "D. MMMM YYYY HH:mm", LLLL: "dddd, D. MMMM YYYY HH:mm" },
  relativeTime: {},
};
