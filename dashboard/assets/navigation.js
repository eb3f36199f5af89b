// Links inside the application change the address without loading everything anew; all are plain
// <a href>, so that they can be opened in another tab, copied and reached by keyboard.
(function () {
  const moved = () => window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));

  window.gebaeude = {
    go(address) {
      const before = window.location.pathname;
      window.history.pushState({}, "", address);
      if (window.location.pathname !== before) window.scrollTo(0, 0);
      moved();
    },
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='/']");
    if (!link || link.target || link.hasAttribute("download") || event.defaultPrevented) return;
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    window.gebaeude.go(link.getAttribute("href"));
  });

  // "/" leads to the search field, as people know it from elsewhere.
  document.addEventListener("keydown", (event) => {
    const typing = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName);
    const search = document.querySelector("[data-search] input, input[data-search]");
    if (event.key !== "/" || typing || !search) return;
    event.preventDefault();
    search.focus();
  });

  // A chart as a picture, with its heading in it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-picture]");
    if (!button) return;
    const plot = document.querySelector("#" + button.dataset.picture + " .js-plotly-plot");
    if (!plot || !window.Plotly) return;
    const layout = Object.assign({}, plot.layout, {
      title: { text: button.dataset.title, x: 0.01, xanchor: "left", font: { size: 18 } },
      margin: { t: 64, l: 64, r: 24, b: 48 },
      width: 1400,
      height: 640,
      autosize: false,
    });
    window.Plotly.downloadImage(
      { data: plot.data, layout: layout, config: { locale: document.documentElement.lang } },
      { format: "png", width: 1400, height: 640, filename: button.dataset.file },
    );
  });
})();
