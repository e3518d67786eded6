#!/bin/sh
# Checks the types of the SDK, and of a module that imports every name from every path, with the TypeScript compiler.
# The compiler comes from the npm registry into a folder that is removed afterwards, or is the one that TSC_HOME names:
# a folder in which "npm install typescript @types/node" was run.
set -eu
sdk=$(cd "$(dirname "$0")" && pwd)
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
    "paths": {"@mediaconduit/mediaconduit": ["$sdk/src/index.ts"], "@mediaconduit/mediaconduit/src/*": ["$sdk/src/*"]}
  },
  "include": ["$sdk/src/**/*.ts", "$sdk/testdata/**/*.ts"]
}
EOF
check() { "$home/node_modules/.bin/tsc" --noEmit -p "$1" --typeRoots "$home/node_modules/@types"; }
check "$sdk/tsconfig.json"
check "$work/tsconfig.json"
