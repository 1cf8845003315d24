/* Light or dark, formulas, then reveal.js: formulas first, while every slide has its full size. */
"use strict";

const printing = /[?&](print-pdf|view=print)/i.test(location.search);
const system = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;

function paint() {
  const theme = printing ? "light" : chosen || (system.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
}
function turn() {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint();
}
system.addEventListener("change", paint);
paint();

/* A formula wider than its slide is set smaller. */
function fit() {
  for (const block of document.querySelectorAll(".body > .math.block")) {
    const formula = block.querySelector("mjx-math");
    const room = block.clientWidth;
    if (formula && formula.offsetWidth > room) {
      const size = parseFloat(getComputedStyle(block).fontSize);
      block.style.fontSize = `${Math.floor((size * room) / formula.offsetWidth)}px`;
    }
  }
}

window.MathJax = {
  tex: { inlineMath: [["\\(", "\\)"]], displayMath: [["\\[", "\\]"]] },
  chtml: { matchFontHeight: false },
  options: { enableMenu: false, ignoreHtmlClass: "notes|text" },
  startup: {
    async pageReady() {
      await MathJax.startup.defaultPageReady();
      await document.fonts.ready;
      fit();
      await Reveal.initialize({
        width: 1280,
        height: 720,
        margin: 0,
        center: false,
        hash: true,
        transition: "none",
        slideNumber: "c/t",
        pdfMaxPagesPerSlide: 1,
        keyboard: { 68: turn },
        plugins: [RevealNotes],
      });
      Reveal.registerKeyboardShortcut("D", "Dark or light");
      document.documentElement.dataset.ready = "";
    },
  },
};
