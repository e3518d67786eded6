// Package suggest finds the word that a misspelt one was meant to be, for messages about files that people write.
package suggest
