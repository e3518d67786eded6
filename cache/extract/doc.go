// Package extract writes the files of an archive or a git tree into a folder, whatever the archive says. It refuses
// absolute paths, "..", links that leave the root, names that a case-insensitive file system would merge, devices, and
// more bytes or files than its limits allow: each with its own message, naming the entry.
//
// Links are not written as links. A link that stays inside becomes a copy of what it names, so that a tree is the same on
// every operating system and nothing that reads it can be led out of it; a link that names nothing is left out, as
// package verify leaves it out of sums.
package extract
