// Package setup is what the benchmarks have in common before they measure: a scratch folder, and a project in it.
package setup
