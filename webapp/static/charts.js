// Draws the figures that stand as JSON in the page. Colours arrive as names of the style sheet's
// tokens and the typeface as "inherit"; both are filled in here, again whenever the scheme changes
// or the page goes to paper.
"use strict";

(() => {
  const OPTIONS = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const TOKEN = /^var\((--[a-z0-9-]+)\)$/;

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
    place: holder.querySelector(".chart-place"),
    figure: JSON.parse(holder.querySelector("script").textContent),
  }));

  function draw() {
    const tokens = getComputedStyle(document.documentElement);
    for (const { place, figure } of charts) {
      const { data, layout } = painted(figure, tokens);
      window.Plotly.react(place, data, layout, OPTIONS);
    }
  }

  draw();
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    window.matchMedia(query).addEventListener("change", draw);
  }
})();
