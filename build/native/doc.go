// Package native runs the install scripts of the libraries that a project allows them for, and keeps what they make.
//
// A library's verified tarball is unpacked into a scratch folder, its locked dependencies are laid out around it as they
// are beside a bundle, and its scripts are run as npm would, in a sandbox (build/sandbox). The output is what they added to
// the package's folder or changed in it: an entry of the cache under its digest, which the lock names. Which output a step
// had is remembered under everything that it was made of, so that no step runs twice.
package native
