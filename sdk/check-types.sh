#!/bin/sh
# Checks the types of the SDK, of a module that imports every name from every path, and of a provider for each capability,
# with the TypeScript compiler; then the same providers as their authors have them, with the SDK from "npm pack" installed.
# The compiler comes from the npm registry into a folder that is removed afterwards, or is the one that TSC_HOME names:
# a folder in which "npm install typescript @types/node" was run.
set -eu
sdk=$(cd "$(dirname "$0")" && pwd)
capabilities=$sdk/../cmd/conduit/testdata/capabilities
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
home=${TSC_HOME:-$work/tools}
if [ ! -x "$home/node_modules/.bin/tsc" ]; then
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home" typescript@5.9.3 @types/node@20.19.43
fi
cat >"$work/tsconfig.json" <<EOF
{
  "extends": "$sdk/tsconfig.json",
  "compilerOptions": {
    "verbatimModuleSyntax": false,
    "typeRoots": ["$home/node_modules/@types"],
    "paths": {"@acme/media-files": ["$capabilities/media-files/index.d.ts"], "@mediaconduit/mediaconduit": ["$sdk/src/index.ts"], "@mediaconduit/mediaconduit/src/*": ["$sdk/src/*"]}
  },
  "include": ["$sdk/src/**/*.ts", "$sdk/testdata/**/*.ts", "$capabilities/*/src/*.ts", "$sdk/../examples/*/provider/src/*.ts"]
}
EOF
check() { "$home/node_modules/.bin/tsc" --noEmit -p "$1" --typeRoots "$home/node_modules/@types"; }
check "$sdk/tsconfig.json"
check "$work/tsconfig.json"

# An author's project: the package as a devDependency, in each way that TypeScript has to find modules.
author=$work/author
mkdir -p "$author"
cp -R "$capabilities" "$author/providers"
mv "$author/providers/media-files" "$work/media-files"
(cd "$sdk" && npm pack --silent --pack-destination "$work" >/dev/null)
echo '{"private": true, "type": "module"}' >"$author/package.json"
npm install --silent --no-audit --no-fund --ignore-scripts --offline --prefix "$author" --save-dev "$work"/mediaconduit-mediaconduit-*.tgz "$work/media-files"
for resolution in "ESNext Bundler" "NodeNext NodeNext" "CommonJS Node10"; do
  cat >"$author/tsconfig.json" <<EOF
{
  "compilerOptions": {
    "strict": true, "noEmit": true, "noUncheckedIndexedAccess": true, "noPropertyAccessFromIndexSignature": true, "exactOptionalPropertyTypes": true,
    "target": "ES2022", "lib": ["ES2022"], "module": "${resolution% *}", "moduleResolution": "${resolution#* }", "types": ["node"]
  },
  "include": ["providers/**/*.ts"]
}
EOF
  check "$author/tsconfig.json"
done
