// Package advisory holds what is known to be wrong with versions of npm libraries, in one form for its two sources: the
// registry's bulk endpoint, and a folder with files in the OSV format (https://ossf.github.io/osv-schema/).
package advisory
