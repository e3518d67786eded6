// Start measures what a provider costs until it answers: from starting its process to the first answer of one that uses
// axios, beside a bare node that only loads axios, bundled and from node_modules. See bench/README.md.
package main
