// What runs in the browser; app.py names these functions.
(function () {
  const noUpdate = () => window.dash_clientside.no_update;

  let path = window.location.pathname;

  function view() {
    const page = document.getElementById("page");
    const width = page ? page.clientWidth : window.innerWidth;
    const scheme = document.documentElement.getAttribute("data-mantine-color-scheme");
    return { width: Math.max(280, Math.round(width / 20) * 20), scheme: scheme };
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    gebaeude: {
      // The first answer of all: how wide the page is and in which colours.
      view(_href, known) {
        return known ? noUpdate() : view();
      },
      // "aktualisieren": the same page anew.
      again(clicks, version) {
        return clicks.some(Boolean) ? version + 1 : noUpdate();
      },
      // On the office's wall nobody presses a button: every minute the page comes anew.
      wall(ticks, version) {
        const hung = new URLSearchParams(window.location.search).has("wand");
        document.documentElement.classList.toggle("wall", hung);
        return hung && ticks && ticks % 2 === 0 ? version + 1 : noUpdate();
      },
      // The page has come: its name, and after a step to another page the keyboard and the screen
      // reader start at its heading.
      title(title) {
        if (!title) return noUpdate();
        document.title = title;
        const search = new URLSearchParams(window.location.search);
        document.documentElement.classList.toggle("wall", search.has("wand"));
        const heading = document.querySelector("#page h1");
        if (path !== window.location.pathname && heading) {
          heading.focus({ preventScroll: true });
          const announced = document.getElementById("announced");
          if (announced) announced.textContent = title;
        }
        path = window.location.pathname;
        return noUpdate();
      },
      // Choices in lists go into the address; "" and null take their name out of it.
      filter(values, ids) {
        const params = new URLSearchParams(window.location.search);
        ids.forEach((id, index) => {
          const value = values[index];
          if ((value || "") === id.shown) return; // as it came from the server
          if (value === null || value === undefined || value === "") params.delete(id.filter);
          else params.set(id.filter, value);
        });
        const search = params.toString() ? "?" + params.toString() : "";
        const old = new URLSearchParams(window.location.search).toString();
        if (params.toString() !== old) window.gebaeude.go(window.location.pathname + search);
        return noUpdate();
      },
      // What only a new point needs, and what only a value needs that is used.
      fresh(target) {
        return target !== "+";
      },
      used(target) {
        return target === "?" || target === "-" || !target;
      },
      // Both days of a span go into the address together.
      span(spans, ids) {
        const days = spans[0];
        if (!days || days.length !== 2 || !days[0] || !days[1]) return noUpdate();
        if (days.join() === ids[0].shown) return noUpdate();
        const params = new URLSearchParams(window.location.search);
        const old = params.toString();
        params.set("zeitraum", "spanne");
        params.set("von", days[0]);
        params.set("bis", days[1]);
        if (params.toString() !== old) {
          window.gebaeude.go(window.location.pathname + "?" + params.toString());
        }
        return noUpdate();
      },
      // Words being typed stand in the address too, but are no steps to go back through.
      typed(text) {
        const params = new URLSearchParams(window.location.search);
        if ((text || "") === (params.get("suche") || "")) return noUpdate();
        if (text) params.set("suche", text);
        else params.delete("suche");
        const search = params.toString() ? "?" + params.toString() : "";
        window.history.replaceState({}, "", window.location.pathname + search);
        return search;
      },
    },
  });

  // The session has ended: say so, and lead back to this page. Nothing moves by itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest(".signed-out-note a");
    if (!link) return;
    const here = window.location.pathname + window.location.search;
    link.href = "/anmelden?weiter=" + encodeURIComponent(here);
  });

  // The server does not answer: say so, say what is safe, and take it back when it does again.
  const ask = window.fetch.bind(window);
  const isPage = (request) => {
    const body = request[1] && request[1].body;
    return typeof body === "string" && body.includes('"output":"..page.children');
  };
  const cannot = (status) => status >= 500 || status === 429;
  window.fetch = async (...request) => {
    try {
      const answer = await ask(...request);
      document.body.classList.remove("offline");
      document.body.classList.toggle("signed-out", answer.status === 401);
      // What was asked for stands in the address already; until it comes, the old page is not it.
      if (isPage(request)) document.body.classList.toggle("unwell", cannot(answer.status));
      return answer;
    } catch (error) {
      if (error.name !== "AbortError") document.body.classList.add("offline");
      throw error;
    }
  };

  // Colours changed by the switch or by the system: the charts are drawn anew.
  let scheme = document.documentElement.getAttribute("data-mantine-color-scheme");
  new MutationObserver(() => {
    const now = view();
    if (now.scheme === scheme) return;
    scheme = now.scheme;
    if (document.getElementById("page")) window.dash_clientside.set_props("view", { data: now });
  }).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });

  // Wider or turned by hand: charts are asked for again only when many pixels were won or lost.
  let waiting = 0;
  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      const now = view();
      const last = window.gebaeude.width || now.width;
      if (Math.abs(now.width - last) < last / 3) return;
      window.gebaeude.width = now.width;
      window.dash_clientside.set_props("view", { data: now });
    }, 500);
  });
})();
