// node.mjs SCRIPT APP: calls the script's default function with the data on standard input and with
// a function that imports a file of the application.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, app] = process.argv.slice(2);
const { default: run } = await import(pathToFileURL(script).href);
const data = JSON.parse(readFileSync(0, "utf-8"));
const answer = await run(data, (name) => import(pathToFileURL(`${app}/${name}`).href));
const bytes = Buffer.from(JSON.stringify(answer));
for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
