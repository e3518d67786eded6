// Package measure runs commands in turns and compares their medians. Turns, because a machine's load changes while a
// benchmark runs: what is measured one after another is measured on two machines.
package measure
