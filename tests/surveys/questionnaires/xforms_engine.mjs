// What ODK's own engine makes of the test vectors. For development, not for the test run:
//
//   npm install --prefix /tmp/engine @getodk/xforms-engine jsdom
//   node tests/surveys/questionnaires/xforms_engine.mjs /tmp/engine
//
// writes xforms_engine.json beside the vectors; a test compares it, and wants a reason for every
// difference. Each vector becomes a form of its own: its answers are questions, its expression
// calculates another.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const require = createRequire(`${folder}/package.json`);
const { JSDOM } = require("jsdom");

// The engine looks for a browser's names, and its parser for those of CommonJS.
const { window } = new JSDOM("");
const names = ["DOMParser", "XMLSerializer", "Node", "Element", "Attr", "Document", "XMLDocument", "Text", "CDATASection", "Comment"];
for (const name of names) globalThis[name] = globalThis[name] || window[name];
Object.assign(globalThis, { window, document: window.document, require, __dirname: folder });

const home = `${folder}/node_modules/@getodk/xforms-engine`;
const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf-8"));
const { loadForm } = await import(pathToFileURL(`${home}/dist/index.js`).href);

const here = new URL("vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(here, "utf-8"));
const results = [];
for (const vector of vectors) results.push([vector.expression, await valueOf(vector)]);
const lines = results.map((one) => "  " + JSON.stringify(one)).join(",\n");
const head = `{"engine": "@getodk/xforms-engine ${version}", "results": [\n`;
writeFileSync(new URL("xforms_engine.json", import.meta.url), head + lines + "\n]}\n");

async function valueOf(vector) {
  try {
    const form = await loadForm(xform(vector));
    if (form.status !== "success") return "error: " + firstLine(form.error);
    const nodes = form.createInstance().root.currentState.children;
    return nodes.find((node) => node.currentState.reference === "/data/result").currentState.value;
  } catch (error) {
    return "error: " + firstLine(error);
  }
}

function firstLine(error) {
  return String(error && error.message).split("\n")[0];
}

function xform({ expression, answers, this: checked = "" }) {
  const outsideTexts = /('[^']*'|"[^"]*")|\$\{\s*(\w+)\s*\}|(?<![\w.)])\.(?![\w.])/g;
  const named = new Set(Object.keys(answers));
  const xpath = expression.replace(outsideTexts, (found, text, name) => {
    if (text) return text;
    if (name) named.add(name);
    return ` /data/${name || "checked"} `;
  });
  const values = [...named].map((name) => [name, answers[name] || ""]).concat([["checked", checked]]);
  const fields = values.map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join("");
  return `<?xml version="1.0"?>
    <h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>vector</h:title><model>
        <instance><data id="vector">${fields}<result/><meta><instanceID/></meta></data></instance>
        <bind nodeset="/data/result" type="string" calculate="${escaped(xpath)}"/>
      </model></h:head>
      <h:body><input ref="/data/checked"><label>checked</label></input></h:body>
    </h:html>`;
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
