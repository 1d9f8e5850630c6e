// Draws the charts of a page, each when it comes near the screen: its figure is fetched then, and the
// library with the first of them. Colours arrive as names of the style sheet's tokens and the
// typeface as "inherit"; both are filled in here, again whenever the scheme changes or the page goes
// to paper.
"use strict";

(() => {
  const OPTIONS = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const TOKEN = /^var\((--[a-z0-9-]+)\)$/;
  const NEAR = "400px";
  const address = document.currentScript.dataset.plotly;

  function painted(value, tokens) {
    if (typeof value === "string") {
      if (value === "inherit") return tokens.fontFamily;
      const name = TOKEN.exec(value);
      return name ? tokens.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((item) => painted(item, tokens));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, painted(item, tokens)]),
      );
    }
    return value;
  }

  const charts = [...document.querySelectorAll("[data-chart]")].map((holder) => ({
    holder,
    place: holder.querySelector(".chart-place"),
    figure: null,
  }));
  for (const { holder, place } of charts) place.style.minHeight = `${holder.dataset.height}px`;

  let library = null;
  function fetched() {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  function draw() {
    if (!window.Plotly) return;
    const tokens = getComputedStyle(document.documentElement);
    for (const { place, figure } of charts) {
      if (!figure) continue;
      const { data, layout } = painted(figure, tokens);
      window.Plotly.react(place, data, layout, OPTIONS);
    }
  }

  async function want(some) {
    const figures = some.map(async (chart) => {
      const answer = await fetch(chart.holder.dataset.chart);
      if (answer.ok) chart.figure = await answer.json();
    });
    await Promise.all([fetched(), ...figures]);
    draw();
  }

  const watcher = new IntersectionObserver(
    (entries) => {
      const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
      for (const holder of seen) watcher.unobserve(holder);
      const some = charts.filter((chart) => seen.includes(chart.holder));
      if (some.length) want(some);
    },
    { rootMargin: NEAR },
  );
  for (const { holder } of charts) watcher.observe(holder);

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.matchMedia("print").addEventListener("change", () => want(charts.filter((chart) => !chart.figure)));
})();
