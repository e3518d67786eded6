// Package policy holds the rules for where the bytes that run may come from: patterns over sources that are allowed and
// denied, and who has to have signed, by the project and by the organisation that it belongs to. It is pure: whoever reads the files that rules stand
// in, and whoever knows what a lock holds, comes to it with texts.
package policy
