// Install measures what a project's libraries cost: fetching, verifying and bundling those of eight providers, beside bun,
// pnpm and npm with the same lock files and the same registry, from memory on loopback. See bench/README.md.
package main
