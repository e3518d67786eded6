#!/bin/sh
# Renews libraries.json, the libraries that are bundled into the host: exact versions, integrity and edges, no addresses.
# To move a library, change its version below and run this; it asks the npm registry that npm is configured for.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@bufbuild/protobuf": "2.17.0"
  }
}
JSON
npm install --package-lock-only --ignore-scripts --silent --no-audit --no-fund
node - "$here/libraries.json" <<'JS'
const fs = require('node:fs');
const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')).packages;
const places = Object.keys(lock).filter((place) => place !== '').sort();
const nameOf = (place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const idOf = (place) => `${nameOf(place)}@${lock[place].version}`;
// Node's own rule: the nearest node_modules going up.
function find(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = (at === '' ? '' : `${at}/`) + `node_modules/${name}`;
    if (lock[place]) return place;
    if (at === '') return undefined;
  }
}
const edges = (place) => {
  const all = { ...lock[place].dependencies, ...lock[place].peerDependencies };
  return Object.keys(all).sort().map((name) => ({ name, place: find(place, name) }))
    .filter((edge) => edge.place).map((edge) => ({ name: edge.name, id: idOf(edge.place) }));
};
const out = {
  libraries: places.map((place) => ({ name: nameOf(place), version: lock[place].version, integrity: lock[place].integrity })),
  tree: ['', ...places].map((place) => ({ id: place === '' ? '.' : idOf(place), edges: edges(place) })),
};
if (out.libraries.some((library) => !library.integrity?.startsWith('sha512-'))) throw new Error('a library without sha512');
fs.writeFileSync(process.argv[2], JSON.stringify(out, null, 2) + '\n');
JS
