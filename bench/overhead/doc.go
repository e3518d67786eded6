// Overhead measures what a call through conduit costs: a text through a provider's process, one at a time beside the same
// function called inside Node.js, and 32 at a time beside a bare HTTP server of Node.js that does the same work; and how much
// memory a file of 200 MB needs on its way in and out. See bench/README.md.
package main
