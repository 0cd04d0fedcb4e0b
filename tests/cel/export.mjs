// The listed cases of CEL's conformance suite, one JSON object a line.
//
//   node export.mjs PACKAGE cases.tsv > cases.jsonl
//
// In: the unpacked npm package @bufbuild/cel-spec, and the list. Out, in the list's order: suite, name, expr, variables
// (name, Writ's type, value), the type that CEL's checker gives, and a value, or that the case is an error, or neither where
// only the type is asked for. A value is an object of one member named by its type; numbers of 64 bits are texts, bytes are
// hexadecimal, a map is a list of pairs. A listed name that the package lacks is an error; one that it has twice is two cases.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, listFile] = process.argv.slice(2);
const suiteFile = path.resolve(packageFolder, "dist/esm/testdata/conformance.js");
const { tests: conformance } = await import(pathToFileURL(suiteFile).href);

const primitives = { BOOL: "bool", INT64: "int", UINT64: "uint", DOUBLE: "double", STRING: "string", BYTES: "bytes" };
const messages = { "google.protobuf.Duration": "duration", "google.protobuf.Timestamp": "timestamp" };

function writType(type) {
  if (type.primitive) return primitives[type.primitive];
  if (type.messageType) return messages[type.messageType];
  if (type.listType) return `list<${writType(type.listType.elemType)}>`;
  if (type.mapType) return `map<${writType(type.mapType.keyType)}, ${writType(type.mapType.valueType)}>`;
  if (type.abstractType?.name === "optional_type") return `${writType(type.abstractType.parameterTypes[0])}?`;
  return "null"; // of no type that Writ has
}

// As cel-go prints a type: `map(string, int)`.
function celType(type) {
  if (type.primitive) return primitives[type.primitive];
  if (type.listType) return `list(${celType(type.listType.elemType)})`;
  if (type.mapType) return `map(${celType(type.mapType.keyType)}, ${celType(type.mapType.valueType)})`;
  if (type.abstractType) return `${type.abstractType.name}(${type.abstractType.parameterTypes.map(celType).join(", ")})`;
  return "null";
}

function nanoseconds(duration) {
  const [, sign, seconds, fraction] = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(duration);
  return sign + (BigInt(seconds) * 1_000_000_000n + BigInt((fraction ?? "").padEnd(9, "0"))).toString();
}

function celValue(value) {
  const [[kind, content]] = Object.entries(value);
  switch (kind) {
    case "boolValue": return { bool: content };
    case "int64Value": return { int: String(content) };
    case "uint64Value": return { uint: String(content) };
    case "doubleValue": return { double: content };
    case "stringValue": return { string: content };
    case "bytesValue": return { bytes: Buffer.from(content, "base64").toString("hex") };
    case "listValue": return { list: (content.values ?? []).map(celValue) };
    case "mapValue": return { map: (content.entries ?? []).map((entry) => [celValue(entry.key), celValue(entry.value)]) };
    case "objectValue": return { duration: nanoseconds(content.value) };
    default: return { [kind]: content }; // null and types: nothing that Writ has equals them
  }
}

function exportCase(suite, test) {
  const original = test.original;
  const variables = (original.typeEnv ?? [])
    .filter((row) => row.ident)
    .map((row) => ({ name: row.name, type: writType(row.ident.type), value: original.bindings?.[row.name] }))
    .map((row) => ({ ...row, value: row.value && celValue(row.value.value) }));
  const out = { suite, name: original.name, expr: original.expr, variables };
  if (original.evalError) out.error = true;
  else if (!original.checkOnly) out.value = celValue(original.typedResult?.result ?? original.value ?? { boolValue: true });
  const type = original.typedResult ? celType(original.typedResult.deducedType) : test.type;
  if (type) out.type = type;
  return out;
}

const found = new Map();
for (const file of conformance.suites) {
  for (const section of file.suites ?? []) {
    for (const test of section.tests ?? []) {
      const suite = `${file.name}/${section.name}`;
      const key = `${suite}\t${test.original.name}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push({ suite, test });
    }
  }
}

for (const line of fs.readFileSync(listFile, "utf8").split("\n")) {
  if (line === "" || line.startsWith("#")) continue;
  const [suite, name] = line.split("\t");
  const cases = found.get(`${suite}\t${name}`);
  if (!cases?.length) throw new Error(`the package has no case ${suite} ${name}`);
  const { suite: section, test } = cases.shift();
  process.stdout.write(`${JSON.stringify(exportCase(section, test))}\n`);
}
